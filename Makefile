# make train: set up, train on the embedded sample, evaluate, report.   make test: all tests.
# make docs: the documentation as a site.   make test-slurm: on a Slurm cluster.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
EXPERIMENT := outputs/demo
# It would look for a newer version of itself in each run.
PYRIGHT := PYRIGHT_PYTHON_IGNORE_WARNINGS=1 $(BIN)/pyright

.PHONY: train test test-slurm docs lint format setup clean

train: $(VENV)/.installed
	PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --cores all
	PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --report "$(EXPERIMENT)/report.html"
	@$(BIN)/python workflow_scripts/closing.py --experiment "$(EXPERIMENT)"

test: $(VENV)/.installed
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest --numprocesses 2 --dist loadfile --no-loadscope-reorder

test-slurm: $(VENV)/.installed
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt --editable ".[slurm]"
	PATH="$(CURDIR)/$(BIN):$$PATH" bash tests/slurm/run.sh

# The site of the documentation, in site/. A dead link or anchor ends it.
docs: $(VENV)/.installed
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict

lint: $(VENV)/.installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile rules
	$(PYRIGHT)
	PATH="$(CURDIR)/$(BIN):$$PATH" snakemake --lint

format: $(VENV)/.installed
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/snakefmt Snakefile rules

setup: $(VENV)/.installed

$(VENV)/.installed: pyproject.toml constraints.txt
	@echo "Setting up $(VENV): this takes a few minutes the first time"
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar on --constraint constraints.txt torch
	$(BIN)/python -m pip install --disable-pip-version-check --quiet --progress-bar on --constraint constraints.txt --editable ".[dev]"
	touch $@

clean:
	rm -rf $(VENV) build site *.egg-info
