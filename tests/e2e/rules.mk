# The scenarios, on the reference host and on other servers.
#
# make test-e2e                       on the reference host
# make accept SERVER=/path/to/mongod  on any server with the library in it: takes Python and the program

.PHONY: test-e2e accept

# Most of their time is waiting. Those that measure it run alone.
scenarios := build/python/bin/python -m pytest -q -n 4

test-e2e: build build/python/installed build/node/installed
	$(scenarios) tests/e2e

accept: build/python/installed
	@test -x "$(SERVER)" || { echo "make accept SERVER=/path/to/mongod: a program is expected" >&2; exit 2; }
	TELEMETRY_SERVER="$(abspath $(SERVER))" $(scenarios) \
	    --junitxml="build/acceptance/$(notdir $(SERVER)).xml" tests/e2e
