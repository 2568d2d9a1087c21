# A container engine, and images built with it: podman with runc, as root and without a network.
# Not a part of make test: it takes some minutes more, and engines do not run everywhere.
#
# make test-systems SERVER=/path/to/mongod   with a real server in the images

.PHONY: test-systems
systems_tools := podman runc
test-systems: build build/python/installed build/debian/packaging
	@tools/debian-packages.sh $(systems_tools)
	@$(make_packaging_root)
	TELEMETRY_SERVER="$(abspath $(SERVER))" build/python/bin/python -m pytest -q -rs -p no:cacheprovider tests/systems
