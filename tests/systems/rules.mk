# The systems that the library is built on, bare, and images and containers by an engine: podman with
# runc, as root. Not a part of make test: it takes some minutes more, and engines do not run everywhere.
# The bare systems need the machine's registries.
#
# make test-systems SYSTEMS="debian-13 debian-12"   without the others; SYSTEMS= : containers alone
# make test-systems SERVER=/path/to/mongod          with a real server in the images

.PHONY: test-systems
systems_tools := podman runc
# The last is emulated, which takes half an hour.
SYSTEMS ?= debian-13 debian-12 debian-11 debian-12-arm64
test-systems: build dist build/python/installed packaging-root
	@tools/debian-packages.sh $(systems_tools)
	TELEMETRY_SERVER="$(abspath $(SERVER))" TELEMETRY_SYSTEMS="$(SYSTEMS)" \
	    build/python/bin/python -m pytest -q -rs -p no:cacheprovider tests/systems
