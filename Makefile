# Yinxin on a fresh machine: `make run` serves, `make test` proves. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
OUT ?= out/demo
export PYTHONPATH := $(CURDIR)
export PYTHONUNBUFFERED := 1

.PHONY: help setup run demo test lint bench fuzz fuzz-api clean lock keys system-test system-peers test-peers

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | expand -t 10

setup: $(VENV)/.ready ## fill .venv from the locked dependencies

$(VENV)/.ready: requirements-dev.txt
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || (echo "installing python3-venv"; apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq python3-venv)
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV)
	@test -x $(BIN)/uv || $(BIN)/pip install -q uv
	@echo "installing locked packages into $(VENV)"
	@$(BIN)/uv pip sync -q --require-hashes requirements-dev.txt
	@$(BIN)/uv pip install -q --no-deps --no-build-isolation -e .
	@touch $@

run: setup ## start the service with demonstration data on http://127.0.0.1:8000
	@$(BIN)/python -m yinxin.cli serve --demonstration

demo: setup ## perform the whole chain and leave its files in OUT (default out/demo)
	@$(BIN)/python -m yinxin.cli demo --out $(OUT)

system-test: ## what the tests need from the system: the OpenSSL command, Chromium, a soft device, PostgreSQL
	@need=""; command -v openssl >/dev/null || need="$$need openssl"; \
	command -v chromium >/dev/null || need="$$need chromium"; \
	command -v softhsm2-util >/dev/null || need="$$need softhsm2"; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || need="$$need postgresql"; \
	if [ -n "$$need" ]; then echo "installing$$need"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$need >/dev/null; fi

PEERS := openssl:openssl pdfsig:poppler-utils java:openjdk-17-jre-headless javac:openjdk-17-jdk-headless

system-peers: ## the strangers who check our outputs: OpenSSL, Bouncy Castle for Java, pdfsig
	@need=""; for peer in $(PEERS); do command -v $${peer%%:*} >/dev/null || need="$$need $${peer##*:}"; done; \
	for jar in prov pkix; do test -e /usr/share/java/bc$$jar.jar || need="$$need libbc$$jar-java"; done; \
	if [ -n "$$need" ]; then echo "installing$$need"; \
	apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$need >/dev/null; fi

test-peers: setup system-peers ## what strangers say of our outputs, and we of theirs; none may be missing
	@YINXIN_PEERS=required $(BIN)/python -m pytest tests/peers
	@$(BIN)/python -m pytest -m peer --ignore=tests/peers --ignore=tests/browser

lint: setup ## format, style, types and import arrows
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

test: setup system-test lint ## everything that CI runs
	@$(MAKE) -s system-peers || echo "a peer cannot be installed here: its tests are passed over"
	@$(BIN)/python keys_dev/make_dev_keys.py --check
	@# Playwright leaves an event loop in its process: browser tests have one of their own.
	@$(BIN)/python -m pytest tests/browser
	@$(BIN)/python -m pytest --ignore=tests/browser

bench: setup ## ratios against peers run beside us
	@$(BIN)/python -m benchmarks

SECONDS ?= 600
fuzz: setup ## fuzz every reader of foreign bytes for SECONDS each (600), two at a time; docs/fuzzing.md
	@$(BIN)/python tests/fuzz/campaign.py --seconds $(SECONDS)

fuzz-api: setup ## ask every operation of the API 300 questions instead of 5
	@SCHEMATHESIS_EXAMPLES=300 $(BIN)/python -m pytest --timeout=7200 tests/journeys/test_schemathesis.py

lock: ## lock the dependencies anew
	@$(BIN)/uv pip compile -q --generate-hashes --no-header requirements.in -o requirements.txt
	@$(BIN)/uv pip compile -q --generate-hashes --no-header requirements-dev.in -o requirements-dev.txt

keys: setup ## make the development keys anew
	@$(BIN)/python keys_dev/make_dev_keys.py

clean: ## remove what the targets above made
	@rm -rf $(VENV) var out .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
