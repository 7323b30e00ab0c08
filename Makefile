# Everything a person or CI does here, by name. `make` alone lists it.

# One set of features for every target that compiles tests, so that nothing is built twice.
TREE := --workspace --locked --features centrala/fail-points,centrala/embed-web
KILLS ?= 2000

.DEFAULT_GOAL := help
.PHONY: help setup web run test check bench soak

help: ## Say what there is.
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-6s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## Install what tests and checks need from the system, where it is missing.
	@scripts/setup

# The screens are built where something of theirs is newer than the build.
WEB := apps/web packages/api-client
SOURCES := $(shell find apps/web packages/api-client fixtures -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -path '*/e2e/*')

%/node_modules/.package-lock.json: %/package-lock.json
	cd $* && npm ci --no-audit --no-fund
	@touch $@

apps/web/dist/index.html: $(SOURCES) $(WEB:%=%/node_modules/.package-lock.json)
	cd apps/web && npm run build

web: apps/web/dist/index.html ## Build the screens.

run: web ## Start a demo on http://127.0.0.1:8080, with customers' phones on http://127.0.0.1:8090.
	cargo run --locked --features centrala/embed-web --bin centrala -- demo --listen 127.0.0.1:8080 --sandbox-listen 127.0.0.1:8090

test: setup web ## Run every test, on SQLite and PostgreSQL, the kill suite and the screens included.
	cd packages/api-client && npm test
	cd apps/web && npm test
	cargo test $(TREE)
	cargo build $(TREE) --bin centrala
	cd apps/web && CENTRALA_BIN=$(CURDIR)/target/debug/centrala npm run e2e
	cd packages/api-client && CENTRALA_BIN=$(CURDIR)/target/debug/centrala npm run test:server

check: setup web ## Check format, types, lints, documentation, directions, dependencies, licences and house rules.
	cargo fmt --all --check
	scripts/check-directions
	scripts/check-unused-deps
	scripts/check-licences
	scripts/check-house
	cd packages/api-client && npm run check
	cd apps/web && npm run check && npx prettier --check . && npm run size
	cargo clippy $(TREE) --all-targets -- -D warnings
	RUSTDOCFLAGS="-D rustdoc::broken_intra_doc_links" cargo doc $(TREE) --no-deps

bench: setup web ## Measure against the budgets and write docs/reference/benchmarks.md.
	cargo run --release --locked --features centrala/embed-web --bin centrala -- bench --screens apps/web --write docs/reference/benchmarks.md

soak: setup web ## Kill the server KILLS times (2000) under load and look for anything lost or doubled.
	KILLS=$(KILLS) cargo test $(TREE) --test kill -- --nocapture
