# `make demo` and `make test` are what a newcomer needs. Every target sets up a virtual environment first.
PYTHON ?= python3
VENV ?= .venv
OUT ?= apps-plus-data
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Those that `make test` skips where torch is missing.
MODEL_TESTS = $(shell grep -rlE 'importorskip."t[or]|find_spec."torch|name in ..torch' --include=test_*.py tests | sort)

.PHONY: demo test test-models test-all test-site ablation lint clean

demo: $(VENV)/.core  ## rebuild the bundled sample and show what became of it
	$(BIN)/apps-plus build --out $(OUT)
	$(BIN)/apps-plus explain $(OUT) test/0000
	@echo "The dataset lies in $(OUT): train.jsonl, validation.jsonl, test.jsonl; its card is $(OUT)/README.md"

test: $(VENV)/.dev  ## run the tests
	$(BIN)/python -m pytest -n 2

test-models: $(VENV)/.train  ## run the tests that need torch and transformers, on tiny models that they make
	$(BIN)/python -m pytest -n 2 $(MODEL_TESTS)

test-all: $(VENV)/.train  ## run every case of every test: the models' too, and every hostile program in every mode
	EVERY_CASE=1 $(BIN)/python -m pytest -n 2

test-site: $(VENV)/.dev  ## run the tests of the leaderboard's site in a Chromium, which the machine must have
	$(PIP) install --quiet --constraint constraints.txt --editable '.[browser]'
	$(BIN)/python -m pytest tests/leaderboards/site

ablation: $(VENV)/.train  ## StepCoder against its ablations and baselines, from scratch on the CPU
	$(BIN)/apps-plus train ablation --out ablation

lint: $(VENV)/.dev  ## style, types, import contracts
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

clean:
	rm -rf $(VENV) $(OUT)

$(BIN)/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "apps-plus needs Python 3.11 or newer: make PYTHON=python3.11 ...")'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.core: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt --editable .
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(PIP) install --quiet --constraint constraints.txt --editable '.[plots,api,dev]'
	touch $@ $(VENV)/.core

$(VENV)/.train: pyproject.toml constraints.txt | $(VENV)/.dev
	@# Not compiled: of torch and its like little is imported. What the sandbox imports was compiled with .dev: it writes no bytecode.
	$(PIP) install --quiet --no-compile --constraint constraints.txt --editable '.[plots,api,train,trl,tensorboard,dev]'
	touch $@
