# Coverage-guided fuzzing: fuzz/ has the targets that are Rust and the seeds of all, wire.cc is the
# one that is C++. fuzz/README.md says what each command here does.

.PHONY: test-fuzz soak-fuzz soak-fuzz-address soak-volume fuzz-targets fuzz-corpus
more_tests += test-fuzz
# Not soak-volume: it takes hours.
soaks += soak-fuzz soak-fuzz-address

cpp_files += tests/fuzz/wire.cc
shell_files += $(wildcard tests/fuzz/*.sh)
cargo_manifests += fuzz/Cargo.toml

fuzz_packages := clang libbson-dev libclang-rt-dev pkg-config
rust_targets := telemetry_uuid starts parameters environment answer certificates
FUZZ_SECONDS ?= 600
FUZZ_EXECUTIONS ?= 100000000
FUZZ_ROUND ?= 600
fuzz_programs = $(foreach target,$(rust_targets),$(target)=build/fuzz/rust/$(target)) wire=build/fuzz/wire/wire

test-fuzz: fuzz_seconds := 10
soak-fuzz: fuzz_seconds = $(FUZZ_SECONDS)

test-fuzz soak-fuzz: fuzz-targets
	@for target in $(rust_targets); do \
	    tests/fuzz/run.sh $$target build/fuzz/rust/$$target $(fuzz_seconds) || exit 1; \
	done
	@tests/fuzz/run.sh wire build/fuzz/wire/wire $(fuzz_seconds)

soak-fuzz-address:
	tests/fuzz/build.sh address
	@for target in $(rust_targets); do \
	    tests/fuzz/run.sh $$target build/fuzz/rust-address/$$target $(FUZZ_SECONDS) || exit 1; \
	done
	tests/fuzz/coverage.sh $(rust_targets)

soak-volume: fuzz-targets
	tests/fuzz/volume.sh $(FUZZ_EXECUTIONS) $(FUZZ_ROUND) $(fuzz_programs)

fuzz-corpus: fuzz-targets
	tests/fuzz/minimize.sh $(fuzz_programs)

fuzz-targets: build/fuzz/wire/wire
	tests/fuzz/build.sh

# The reference host's files that a message passes through; what has sockets and signals stays out.
wire_sources := tests/fuzz/wire.cc $(addprefix cpp/reference_host/,bson.cc commands.cc message.cc \
    parameters.cc)

build/fuzz/wire/wire: $(wire_sources) $(wildcard cpp/reference_host/*.h) $(header) $(archive) \
    | build/debian/fuzz
	@mkdir -p $(@D)
	clang++ $(strict) -O1 -g -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
	    -fno-omit-frame-pointer -Idist/include -Icpp/reference_host $(libbson_cflags) \
	    -o $@ $(wire_sources) $(archive) $$(pkg-config --libs libbson-1.0)
