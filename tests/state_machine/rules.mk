# Many more lives than `make test-rust` runs, of other seeds each time.
.PHONY: soak-states
soaks += soak-states
soak-states: export CXXFLAGS = -Werror
soak-states: export STATE_MACHINE_LIVES ?= 5000
soak-states: export STATE_MACHINE_SEED ?= $(shell date +%s)
soak-states:
	cargo test --locked --test state_machine -- --nocapture
