# The scenarios, on the reference host and on other servers: docs/integration.md, "Acceptance tests".

.PHONY: test-e2e accept test-mongod soak-mongod
more_tests += test-mongod
soaks += soak-mongod

# Most of their time is waiting. Those that measure it run alone.
scenarios := build/python/bin/python -m pytest -q -n 4

test-e2e: build build/python/installed build/node/installed build/e2e/no_clock.so
	$(scenarios) tests/e2e

build/e2e/no_clock.so: tests/e2e/no_clock.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Werror $(CFLAGS) -shared -fPIC -o $@ $<

accept: build/python/installed
	@test -f "$(SERVER)" -a -x "$(SERVER)" || { \
	    echo "SERVER is '$(SERVER)', which is no program: make accept SERVER=/path/to/mongod" >&2; exit 2; }
	TELEMETRY_SERVER="$(abspath $(SERVER))" $(scenarios) \
	    --junitxml="build/acceptance/$(notdir $(SERVER)).xml" tests/e2e

# A kit is a folder with link.sh MODULE ARCHIVE INCLUDE OUT: it compiles the module against a server's
# own headers, and links it and the archive into that server.
MONGOD_KIT ?= ../shared/mongod-kit
mongod := build/mongod/mongod
mongod_with_https := build/mongod/with-https/mongod
# What the built-in client does otherwise than the server's own.
sending := first_start_reports_over_http first_start_reports_over_https \
    off_at_run_time_cuts_a_hanging_attempt stop_does_not_wait_for_a_hanging_attempt

ifneq ($(wildcard $(MONGOD_KIT)/link.sh),)
mongod_packages := g++ lld xz-utils libcurl4-openssl-dev libkrb5-dev libldap2-dev liblzma-dev libsasl2-dev \
    libssl-dev
test-mongod: $(mongod) $(mongod_with_https) build/python/installed build/node/installed build/e2e/no_clock.so
	$(MAKE) --no-print-directory accept SERVER=$(mongod)
	TELEMETRY_SERVER="$(CURDIR)/$(mongod_with_https)" $(scenarios) \
	    $(patsubst %,tests/e2e/test_%.py,$(sending))

soak-mongod: $(mongod) build/python/installed
	tests/e2e/it_can_fail.sh $(MONGOD_KIT) $(without_https)
	tests/e2e/an_older_module_logs_every_event.sh $(MONGOD_KIT) $(without_https)
else
test-mongod soak-mongod:
	@echo "SKIPPED: no scenario runs on a real mongod, there is no $(MONGOD_KIT)/link.sh (MONGOD_KIT)"
endif

link_mongod = CXX="$(CURDIR)/tests/e2e/strict-c++.sh" MONGOD_KIT_CACHE="$(CURDIR)/build/mongod/cache" \
    $(MONGOD_KIT)/link.sh cpp/mongod
module := $(wildcard cpp/mongod/*.cpp cpp/mongod/*.h)

$(mongod): $(module) $(header) $(without_https) | build/debian/mongod
	$(link_mongod) $(without_https) include $@

# After the other, as they share the cache.
$(mongod_with_https): $(module) $(header) $(archive) $(mongod) | build/debian/mongod
	PERCONA_TELEMETRY_HTTP_CLIENT=0 $(link_mongod) $(archive) include $@
