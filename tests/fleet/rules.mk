# The table of docs/fleet.md: a million instances, in a minute. tests/fleet/ holds what it shows.
.PHONY: fleet
fleet:
	cargo run --locked --release --example fleet
