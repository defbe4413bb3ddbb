.DEFAULT_GOAL := help
.PHONY: help setup run test base check bench format

VENV := .venv
STAMP := $(VENV)/.set-up
BIN := $(VENV)/bin
COVERAGE := .coverage.json
# One process more than there are processors: some tests wait, for a browser or for the next kill.
WORKERS = $(shell $(BIN)/python -c "import os; print((os.cpu_count() or 1) + 1)")
# The first Python that is new enough; say `make setup PYTHON=/path/to/python3.12` to choose.
PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3 python; do \
	"$$p" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

# Where it is set, every process compiles every module anew, and the tests start many.
unexport PYTHONDONTWRITEBYTECODE

help:
	@echo "make setup   a virtual environment in $(VENV) with everything in it"
	@echo "make run     the built-in films, then the chat on http://127.0.0.1:7860"
	@echo "make test    the tests, measuring coverage"
	@echo "make base    the base install alone, in an environment of its own: the re-ranker without torch"
	@echo "make check   format, lint, types, import contracts, known vulnerabilities, and the coverage"
	@echo "             of the last test run"
	@echo "make bench   how long the first start takes, stage by stage"
	@echo "make format  lay the code out and mend what can be mended by machine"

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@if [ -z "$(PYTHON)" ]; then \
	  echo "Palate needs Python 3.11 or newer with its venv module (Debian: apt-get install python3-venv)." >&2; \
	  echo "Found: $$(python3 --version 2>&1 || echo none). Name another with: make setup PYTHON=/path/to/python" >&2; \
	  exit 1; fi
	@echo "Setting up $(VENV) with $(PYTHON); the first time this takes a few minutes and about 2 GB."
	@[ -x $(BIN)/python ] || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --progress-bar off --editable '.[app,demo,dev]' --constraint constraints.txt
	@touch $(STAMP)

run: setup
	$(BIN)/palate demo

# A file is tested by one process, so that what its tests share is made once; and in the order of the
# files, because those with the fewest tests, which would come last, are the slowest.
test: setup
	$(BIN)/python -m slipcover --json --out $(COVERAGE) -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder

base:
	rm -rf build/base
	"$(PYTHON)" -m venv build/base
	build/base/bin/python -m pip install --disable-pip-version-check --quiet . --constraint constraints.txt
	cd build && base/bin/python -I ../tests/base_install.py

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python .ci/audit.py
	@[ -f $(COVERAGE) ] || { echo "No coverage data: run \`make test\` first." >&2; exit 1; }
	$(BIN)/python -m slipcover --merge $(COVERAGE) --out $(COVERAGE) --skip-covered --fail-under 90

bench: setup
	$(BIN)/python benchmarks/first_start.py

format: setup
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
