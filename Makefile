# Every target makes the virtual environment it needs; once made, that costs nothing.
#   make search            the default search, on all cores of this machine
#   make search ARGS="--trials 8"
#   make test PYTHON=python3.12
PYTHON ?= python3
ARGS ?=
PYTEST_ARGS ?=

VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install -qq --progress-bar off -c constraints.txt
FACTS := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help search test test-all chaos screenshots pictures tutorial pages docs lint types format clean

help: ## say what can be made
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 20

search: $(VENV)/.run ## run `nas search efficientnet-scaling`
	$(BIN)/nas search efficientnet-scaling $(ARGS)

test: $(VENV)/.test ## run the tests, the slow ones left out
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" $(PYTEST_ARGS)

test-all: $(VENV)/.test ## run all tests; many of them wait, so three at a time on two cores
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(PYTEST_ARGS)

chaos: $(VENV)/.test ## kill, stop, cut and restart everything under a study; as root: ARGS="--seed 7"
	$(BIN)/python -m tests.cluster.chaos $(ARGS)

screenshots: $(VENV)/.test ## make the pictures of the README from a small search on digits
	$(BIN)/python -m tests.dashboard.screenshots docs/images $(ARGS)

pictures: $(VENV)/.test ## train for and draw the charts of docs/; about eight minutes on one core
	$(BIN)/python -m tests.pictures docs/images $(ARGS)

tutorial: $(VENV)/.test ## run the tutorial from zero, and write what it says and takes into its page
	$(BIN)/python -m tests.pages.tutorial docs/tutorial.md $(ARGS)

pages: $(VENV)/.test ## write what is generated into docs/: families, outputs of commands
	$(BIN)/python -m tests.pages.families docs/families.md
	$(BIN)/python -m tests.pages.outputs docs/scaling.md

docs: $(VENV)/.test ## build the documentation into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

lint: $(VENV)/.dev ## check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev ## check types, strictly
	$(BIN)/mypy --strict

format: $(VENV)/.dev ## mend style and formatting
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

clean: ## remove the virtual environment and what was built; studies in nas-data stay
	rm -rf $(VENV) build dist site .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find nas workers search_spaces tests -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamps: what `nas` needs, what its tests need besides, what its developers need besides.
$(VENV)/.run: $(FACTS) | $(VENV)/bin/python
	@echo "Installing nas into $(VENV); the first time this takes about two minutes and 2 GB."
	$(PIP) -e .
	@touch $@

$(VENV)/.test: $(FACTS) | $(VENV)/bin/python
	@echo "Installing nas and its tests into $(VENV); the first time this takes about two minutes and 2 GB."
	$(PIP) -e ".[test]"
	@touch $(VENV)/.run $@

$(VENV)/.dev: $(FACTS) | $(VENV)/bin/python
	@echo "Installing nas, its tests and its checkers into $(VENV)."
	$(PIP) -e ".[dev]"
	@touch $(VENV)/.run $(VENV)/.test $@

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version.split()[0]; sys.exit(None if sys.version_info >= (3, 11) \
	  else f"$(PYTHON) is Python {v}: nas needs 3.11 or later; say which, e.g. make PYTHON=python3.11")'
	$(PYTHON) -m venv $(VENV)
