# Every behaviour of tests/endpoints/, stopped at random moments. `make test-rust` runs the rest.
.PHONY: soak-endpoints
soaks += soak-endpoints
soak-endpoints: export CXXFLAGS = -Werror
soak-endpoints: export SOAK_SECONDS ?= 600
soak-endpoints:
	cargo test --locked --test endpoints -- --ignored --nocapture
