# The C++ programs and the reference host under tools that watch memory and threads.
#
# address, undefined: the C++ side (facade, bridge, host, programs) is instrumented. Rust's code is
#   the shipped one: its heap is watched, since malloc is; what it reads and writes itself is not.
# rust: that too. AddressSanitizer is in Rust's side as well (not in its standard library, which comes
#   compiled), by a flag that the stable compiler hides. `make test` does so without the feature https, the
#   soak with it: all programs, the host with clients, and the fuzz targets (tests/fuzz/).
# thread: the C++ side only; Rust's library is left out (run.sh says why).
# as_shipped: the archive as an embedder's own checks see it, with the suppressions that dist/ has for them.
# memcheck: all machine code of the shipped archive, Rust's too.
# Not used: helgrind and DRD (docs/integration.md) report 164 and 218 races of one first start, on data that
#   is locked. ThreadSanitizer in Rust needs a standard library compiled with it, Miri a nightly compiler.
#   That Rust's side has no data race is what its compiler proves, but for the few lines that are unsafe:
#   HostBridge in src/ffi.rs is the one that is shared, and that is C++.

.PHONY: test-sanitizers soak-memory
more_tests += test-sanitizers
soaks += soak-memory

# g++ brings the sanitizers.
sanitizers_packages := binutils valgrind
sanitized := build/sanitized
# (What the two sanitizers add takes a compiler that optimizes three times as long.)
address_flags := -O0 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=all
thread_flags := -O1 -g -fno-omit-frame-pointer -fsanitize=thread
# Against Rust's code alone as a shared library, which may not have the facade in it twice.
address_archive := dist/lib/libpsmdb_telemetry.a
thread_archive := $(sanitized)/thread/libtelemetry_rust.so
thread_link := -rdynamic -Wl,-rpath,'$$ORIGIN'

sanitized_programs := $(patsubst tests/cpp/%.cc,%,$(wildcard tests/cpp/*.cc)) planted_faults
sanitized_host := $(sanitized)/address/telemetry-host
# Of the threads' programs, those that call from many threads.
threaded_programs := callbacks hanging_attempt many_threads two_instances
checked_programs := any_order callbacks first_start hanging_attempt host_client two_instances
# Of the scenarios with clients, those that touch the most of the host.
hosted := first_start_reports_over_http the_whole_life_of_an_instance off_at_run_time \
    garbage_closes_its_connection signals_end_the_host_cleanly

# Of the programs, those that need no https.
programs_without_https := host_client named_twice

vpath %.cc tests/sanitizers

# Fewer repetitions, which make test-cpp does in full: the sanitizers make them four times as long.
test-sanitizers: build build/debian/sanitizers build/python/installed build/node/installed
	@$(MAKE) --no-print-directory -j$$(nproc) $(sanitized_host) \
	    $(addprefix $(sanitized)/address/,$(sanitized_programs)) \
	    $(addprefix $(sanitized)/thread/,$(threaded_programs) planted_faults) \
	    $(addprefix $(sanitized)/as_shipped/,embedder planted_faults) \
	    $(addprefix build/tests/,$(checked_programs) planted_faults embedder) \
	    $(addprefix $(sanitized)/rust-without-https/,$(programs_without_https) planted_faults)
	tests/sanitizers/suppressions.sh
	tests/sanitizers/run.sh rust-without-https $(programs_without_https)
	TELEMETRY_CYCLES=1000 TELEMETRY_FORKS=30 tests/sanitizers/run.sh address $(sanitized_programs)
	tests/sanitizers/run.sh thread $(threaded_programs) planted_faults
	tests/sanitizers/run.sh memcheck $(checked_programs) planted_faults
	tests/sanitizers/run-host.sh $(sanitized_host) $(foreach test,$(hosted),tests/e2e/test_$(test)*.py)

# In the soak, more programs. Left out are those that a tool cannot be right about. thread: host_client
# counts on stop() to order callbacks before their own end, by a lock that ThreadSanitizer cannot see.
# memcheck: what counts memory, descriptors, stack or time; and children of a fork, in which all that a
# thread of the parent held is lost.
soaked_thread := $(threaded_programs) any_order failing_calls first_start hanging_dbpath signals
soaked_memcheck := $(checked_programs) many_threads signals

# All programs, many more rounds, and all scenarios with clients; but not under two tracers at once, no
# counting of memory that the sanitizer keeps, and nothing preloaded before the sanitizer.
soak-memory: build build/debian/sanitizers build/python/installed build/node/installed $(cpp_tests)
	@$(MAKE) --no-print-directory -j$$(nproc) $(sanitized_host) build/tests/planted_faults \
	    $(addprefix $(sanitized)/address/,$(sanitized_programs)) \
	    $(addprefix $(sanitized)/thread/,$(soaked_thread) planted_faults) \
	    $(addprefix $(sanitized)/rust/,$(rust_programs) telemetry-host planted_faults)
	TELEMETRY_CYCLES=100000 build/tests/many_cycles
	TELEMETRY_ROUNDS=100000 build/tests/many_threads
	TELEMETRY_FORKS=10000 build/tests/fork
	TELEMETRY_ROUNDS=10000 tests/sanitizers/run.sh address $(sanitized_programs)
	TELEMETRY_ROUNDS=10000 tests/sanitizers/run.sh rust $(rust_programs)
	tests/sanitizers/planted_in_rust.sh $(address_flags)
	TELEMETRY_ROUNDS=10000 tests/sanitizers/run.sh thread $(soaked_thread) planted_faults
	TELEMETRY_ROUNDS=200 tests/sanitizers/run.sh memcheck $(soaked_memcheck) planted_faults
	tests/sanitizers/run-host.sh $(sanitized)/rust/telemetry-host \
	    $(foreach test,$(hosted),tests/e2e/test_$(test)*.py)
	tests/sanitizers/run-host.sh $(sanitized_host) tests/e2e \
	    --ignore=tests/e2e/test_a_library_that_failed_keeps_no_server_from_starting.py \
	    --ignore=tests/e2e/test_off_is_silence_from_start_to_end.py \
	    --ignore=tests/e2e/test_nothing_stays_when_the_job_is_done.py

$(thread_archive): $(archive) tests/sanitizers/rust-library.sh
	@mkdir -p $(@D)
	tests/sanitizers/rust-library.sh $@

define instrumented
$(sanitized)/$(1)/telemetry.o $(sanitized)/$(1)/ffi.rs.o &: cpp/telemetry.cc $(archive) $(header) \
    tests/sanitizers/instrument.sh
	tests/sanitizers/instrument.sh $$(@D) $$($(1)_flags)
$(call programs,$(sanitized)/$(1),$$($(1)_flags) $$($(1)_link),$(sanitized)/$(1)/telemetry.o \
    $(sanitized)/$(1)/ffi.rs.o,$($(1)_archive))
endef
$(foreach tool,address thread,$(eval $(call instrumented,$(tool))))
$(eval $(call programs,$(sanitized)/as_shipped,$(thread_flags)))

# What counts memory or stack counts the sanitizer's too.
rust_programs := $(filter-out little_memory small_stack planted_faults,$(sanitized_programs))
rust_archive := $(sanitized)/rust/libpsmdb_telemetry.a
rust_archive_without_https := $(sanitized)/rust-without-https/libpsmdb_telemetry.a

.PHONY: archive-rust archive-rust-without-https
archive-rust:
	tests/sanitizers/rust-archive.sh $(rust_archive)
archive-rust-without-https:
	tests/sanitizers/rust-archive.sh $(rust_archive_without_https) --no-default-features
$(rust_archive): archive-rust ;
$(rust_archive_without_https): archive-rust-without-https ;

define with_rust
$(sanitized)/$(1)/planted_faults: tests/sanitizers/planted_faults.rs tests/sanitizers/rust-archive.sh
	@mkdir -p $$(@D)
	RUSTC_BOOTSTRAP=1 rustc --edition 2024 -g -Zsanitizer=address -o $$@ $$<
$(call programs,$(sanitized)/$(1),$(address_flags),$(sanitized)/address/telemetry.o \
    $(sanitized)/address/ffi.rs.o,$(sanitized)/$(1)/libpsmdb_telemetry.a)
endef
$(eval $(call with_rust,rust))
$(eval $(call with_rust,rust-without-https))

$(sanitized)/rust/telemetry-host: $(sanitized_host) $(rust_archive)
	$(CXX) $(address_flags) -pthread -o $@ $(sanitized_host_objects) $(sanitized)/address/telemetry.o \
	    $(sanitized)/address/ffi.rs.o $(rust_archive) $$(pkg-config --libs libbson-1.0) $(system_libraries)

sanitized_host_objects := $(host_sources:cpp/%.cc=$(sanitized)/address/%.o)

$(sanitized_host): $(sanitized_host_objects) $(sanitized)/address/telemetry.o $(archive)
	$(CXX) $(address_flags) -pthread -o $@ $(sanitized_host_objects) $(@D)/telemetry.o \
	    $(@D)/ffi.rs.o $(archive) $$(pkg-config --libs libbson-1.0)

$(sanitized_host_objects): $(sanitized)/address/%.o: cpp/%.cc $(wildcard cpp/reference_host/*.h) \
    $(header) | build/debian/host
	@mkdir -p $(@D)
	$(CXX) $(strict) $(address_flags) -Idist/include $(libbson_cflags) -c -o $@ $<
