# At the scale of the installed base. `make test` runs test-fleet with the other Rust tests.

.PHONY: fleet test-fleet

# The table of docs/fleet.md: a million instances, in a minute.
fleet:
	cargo run --locked --release --example fleet

test-fleet:
	cargo test --locked --test fleet
