# The library's threads under a model checker: src/ with the locks and threads of shuttle (mod.rs says why
# that one), in a package of its own, so that no build of the library knows of it.
#
# make test-interleavings    the schedules without a preemption, and some random ones
# make soak-interleavings    all schedules up to the bound of each scenario, many random ones, and planted
#                            faults, each of which has to be found

.PHONY: test-interleavings check-interleavings soak-interleavings
more_tests += test-interleavings
soaks += soak-interleavings

shell_files += tests/interleavings/faults.sh
cargo_manifests += tests/interleavings/Cargo.toml

interleavings := CARGO_TARGET_DIR=build/interleavings/target cargo
interleavings_package := --locked --quiet --manifest-path tests/interleavings/Cargo.toml

test-interleavings:
	$(interleavings) test $(interleavings_package) --lib interleavings -- --nocapture

soak-interleavings: check-interleavings
	INTERLEAVINGS=all $(interleavings) test $(interleavings_package) --lib interleavings -- --nocapture
	tests/interleavings/faults.sh

check-interleavings:
	$(interleavings) clippy $(interleavings_package) --all-targets -- -D warnings
