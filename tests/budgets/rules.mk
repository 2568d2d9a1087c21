# What the library costs: `make bench` measures all of it, `make bench-docs` puts the last result
# into docs/performance.md, and `make test-budgets` holds what a slow machine does not change.

.PHONY: bench bench-docs test-budgets
more_tests += test-budgets

bench_programs := $(patsubst benches/programs/%.cc,build/bench/%,$(wildcard benches/programs/*.cc))

bench: build/python/installed $(bench_programs) build/bench/without-https
	@build/python/bin/python -B benches/bench.py

bench-docs: build/python/installed
	@build/python/bin/python -B benches/put_in_docs.py

test-budgets: build/python/installed $(bench_programs)
	build/python/bin/python -B -m pytest -q -rs -p no:cacheprovider tests/budgets

build/bench/%: benches/programs/%.cc $(wildcard tests/cpp/*.h) $(archive) $(header) \
    | build/bench/packages
	@mkdir -p $(@D)
	$(CXX) $(strict) $(CXXFLAGS) -Idist/include -Itests/cpp -o $@ $< $(archive)

# As tests/link/without_https_there_is_no_such_code.sh builds it, so that they share a folder.
.PHONY: build/bench/without-https
build/bench/without-https:
	tools/build-archive.sh build/without-https/libpsmdb_telemetry.a --quiet --no-default-features \
	    --target-dir "$(CURDIR)/build/without-https/cargo"

build/bench/packages:
	@mkdir -p $(@D)
	@tools/debian-packages.sh binutils ca-certificates curl libc6-dbg strace time uuid-runtime valgrind
	@touch $@
