# Everything a person or CI does here, by name. `make` alone lists it.

# One set of features for every target that compiles tests, so that nothing is built twice.
TREE := --workspace --locked --features centrala/fail-points
KILLS ?= 2000

.DEFAULT_GOAL := help
.PHONY: help setup run test check bench soak

help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what tests and checks need from the system, where it is missing.
	@scripts/setup

run: ## Start a demo on http://127.0.0.1:8080, with customers' phones on http://127.0.0.1:8090.
	cargo run --locked --bin centrala -- demo --listen 127.0.0.1:8080 --sandbox-listen 127.0.0.1:8090

test: setup ## Run every test, on SQLite and PostgreSQL, the kill suite included.
	cargo test $(TREE)

check: setup ## Check format, lints, documentation, directions, dependencies, licences and house rules.
	cargo fmt --all --check
	scripts/check-directions
	scripts/check-unused-deps
	scripts/check-licences
	scripts/check-house
	cargo clippy $(TREE) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D rustdoc::broken_intra_doc_links" cargo doc $(TREE) --no-deps

bench: ## Measure against the budgets and write docs/reference/benchmarks.md.
	cargo run --release --locked --bin centrala -- bench --write docs/reference/benchmarks.md

soak: setup ## Kill the server KILLS times (2000) under load and look for anything lost or doubled.
	KILLS=$(KILLS) cargo test $(TREE) --test kill -- --nocapture
