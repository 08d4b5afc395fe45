# The commands of the README. PYTHON makes the virtual environment VENV.
PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
export PATH := $(BIN):$(PATH)

.PHONY: repro paper test lint bench

repro: $(VENV)/.installed
	dvc pull --quiet data
	dvc repro
	@cat artifacts/report/report.md

# The paper's run: says what it needs, changes params.yaml and starts; a killed run goes on.
paper: $(VENV)/.installed
	python -m stages configure configs/paper.yaml
	$(MAKE) repro

test: $(VENV)/.installed
	dvc pull --quiet data
	python -m pytest

lint: $(VENV)/.installed
	ruff check .
	ruff format --check .
	mypy

bench: $(VENV)/.installed
	@for file in benchmarks/*.py; do echo "== $$file"; python "$$file" || exit 1; done

$(VENV)/.installed: pyproject.toml constraints.txt
	$(PYTHON) -m venv $(VENV)
	python -m pip install --quiet --constraint constraints.txt '.[dev]'
	@touch $@
