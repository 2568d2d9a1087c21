# Faults of the disk and the process: crashes and errors at each call, and things planted.

.PHONY: test-faults soak-faults
more_tests += test-faults
soaks += soak-faults

faults_packages := strace
faults := build/python/bin/python -m pytest -q -rs -p no:cacheprovider tests/faults

test-faults: build build/python/installed build/debian/faults build/faults/short.so
	$(faults)

# Each error at each call, a crash in the start after each crash, and the middle of each write.
soak-faults: build build/python/installed build/debian/faults build/faults/short.so
	$(faults) --everything

build/faults/short.so: tests/faults/short.c
	@mkdir -p $(@D)
	$(CC) -std=c11 -Wall -Wextra -Wpedantic -Wshadow -Werror $(CFLAGS) -shared -fPIC -o $@ $<
