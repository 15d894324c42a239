# `make` or `make help` lists what there is. Everything lives in .venv; nothing needs activating.
PORT ?= 8000
NAME ?=
ARGS ?=
PROCESSES ?= 2
SEEDS ?= 20000
SEED ?=
FROM ?=
FAULTS ?=
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/pip install -qq --disable-pip-version-check --constraint constraints.txt
PINNED := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test simulate check bench format messages gallery pins system clean

help: ## Say what can be done
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

demo: .venv/runs ## Set up and run everything with demo content on http://127.0.0.1:8000 (PORT=...)
	@$(BIN)/feedsvc demo --port $(PORT)

test: .venv/tests system ## Set up and run every test on SQLite and PostgreSQL (ARGS=... for pytest)
	@$(BIN)/pytest --numprocesses $(PROCESSES) --dist worksteal $(ARGS)

simulate: .venv/tests ## Play 20,000 histories of reminders in bad weather (SEEDS=n, SEED=n for one with its story, FAULTS=1)
	@$(BIN)/python -m tests.simulation $(if $(SEED),--seed $(SEED),$(if $(FAULTS),--faults,--seeds $(SEEDS) $(if $(FROM),--from $(FROM))))

check: .venv/tests ## What CI checks besides the tests: style, types, layers, templates, texts
	@$(BIN)/ruff check --quiet --output-format concise .
	@$(BIN)/ruff format --check --quiet . || { echo "run: make format" >&2; exit 1; }
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo
	@$(BIN)/djlint --lint --quiet --allow-empty-input feedsvc
	@$(BIN)/pytest -q tests/architecture

bench: .venv/tests ## Measure speed against anchors (NAME=... for one benchmark)
	@$(BIN)/python -m benchmarks $(NAME)

format: .venv/tests ## Put the code into its usual shape
	@$(BIN)/ruff check --quiet --fix . ; $(BIN)/ruff format .

messages: .venv/tests ## Collect the texts to translate into the catalogues
	@$(BIN)/python -m tests.support.messages

gallery: .venv/tests system ## Take the pictures of docs/gallery.md anew
	@$(BIN)/python -m tests.support.gallery

pins: .venv/tests ## Bring every pinned version up to date
	@$(BIN)/pip install --quiet --upgrade --upgrade-strategy eager --editable '.[dev,test]'
	@{ echo "# The exact versions that every install uses; 'make pins' rewrites this file."; \
	  $(BIN)/pip freeze --exclude-editable; } > constraints.txt

clean: ## Remove what the other targets made, but never the instance folder
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis build

# A stamp per set of packages: nothing is installed again until a version or a range changes.
.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "feedsvc needs Python 3.11 or later: make PYTHON=python3.12 ..." >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv" >&2; exit 1; }

.venv/runs: $(PINNED) | .venv/bin/python
	@echo "Installing feedsvc into .venv (once; about half a minute) ..."
	@$(PIP) --editable .
	@touch $@

.venv/tests: $(PINNED) | .venv/bin/python
	@echo "Installing feedsvc and its tools into .venv (once; about a minute) ..."
	@$(PIP) --editable '.[dev,test]'
	@touch $@ .venv/runs

system:
	@tests/support/install-browser
