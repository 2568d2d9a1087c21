# cargo-mutants changes one thing in src/ at a time (a comparison, a returned value, a missing call) and runs the
# fast tests: at least one should fail. Takes hours, so it is no part of make soak; survivors.md explains those
# that none finds.
#
# make soak-mutation                     all files of mutated_files
# make soak-mutation MUTATION_SHARD=0/8  an eighth of that

.PHONY: soak-mutation
shell_files += tests/mutation/run.sh

cargo_mutants := build/mutation/tool/bin/cargo-mutants
mutated_files := src/consent.rs src/delivery/retry.rs src/engine.rs src/instance/*.rs src/parameters.rs \
    src/status/*.rs
MUTATION_SHARD ?= 0/1

soak-mutation: export CXXFLAGS = -Werror
soak-mutation: $(cargo_mutants)
	tests/mutation/run.sh $(cargo_mutants) $(MUTATION_SHARD) '$(mutated_files)'

$(cargo_mutants):
	cargo install --locked --quiet --root build/mutation/tool --target-dir build/mutation/tool/target \
	    --version 27.1.0 cargo-mutants
	rm -rf build/mutation/tool/target
