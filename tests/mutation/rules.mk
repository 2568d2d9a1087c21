# cargo-mutants changes one thing in src/ at a time (a comparison, a returned value, a missing call) and runs the
# tests that are Rust: at least one should fail. survivors.md explains those that none finds. Takes hours, so it is
# no part of make soak; what is interrupted goes on.
#
# make soak-mutation                              all of src/ but the boundary, which tests/cpp/ tests
# make soak-mutation MUTATED='src/worker/*.rs'    some of it

.PHONY: soak-mutation
shell_files += tests/mutation/run.sh

cargo_mutants := build/mutation/tool/bin/cargo-mutants
MUTATED ?= $(filter-out src/ffi.rs src/sync.rs,$(wildcard src/*.rs src/*/*.rs src/*/*/*.rs))

soak-mutation: export CXXFLAGS = -Werror
soak-mutation: $(cargo_mutants)
	tests/mutation/run.sh $(cargo_mutants) '$(MUTATED)'

$(cargo_mutants):
	cargo install --locked --quiet --root build/mutation/tool --target-dir build/mutation/tool/target \
	    --version 27.1.0 cargo-mutants
	rm -rf build/mutation/tool/target
