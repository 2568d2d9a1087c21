# What the library costs: benches/README.md.

.PHONY: bench bench-docs test-budgets
cargo_manifests += benches/others/Cargo.toml
cpp_files += benches/others/beside.cc
alone += test-budgets

bench_packages := binutils ca-certificates curl libc6-dbg strace time uuid-runtime valgrind
bench_programs := $(patsubst benches/programs/%.cc,build/bench/%,$(wildcard benches/programs/*.cc))
floor := build/bench/floor

bench: build/python/installed $(bench_programs) $(floor) $(without_https)
	@build/python/bin/python -B benches/bench.py

bench-docs: build/python/installed
	@build/python/bin/python -B benches/put_in_docs.py

test-budgets: build/python/installed $(bench_programs)
	build/python/bin/python -B -m pytest -q -rs -p no:cacheprovider tests/budgets

vpath %.cc benches/programs
# As mongod is linked: all symbols are looked up before main() begins.
$(eval $(call programs,build/bench,$(CXXFLAGS) -z now))
$(bench_programs) $(floor): | build/debian/bench

$(floor): benches/programs/floor.c
	$(CC) -std=gnu11 -Wall -Wextra -Wpedantic -Wshadow -Werror $(CXXFLAGS) -pthread -z now -o $@ $<
