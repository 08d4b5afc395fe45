# The commands of the README. PYTHON makes the virtual environment VENV.
PYTHON ?= python3
VENV ?= .venv
BIN := $(abspath $(VENV))/bin
export PATH := $(BIN):$(PATH)
# An environment made by uv has no pip; ensurepip puts one in, but Debian's Python lacks it.
INSTALL = python -m pip --version >/dev/null 2>&1 || python -m ensurepip >/dev/null 2>&1 || \
	{ echo '$(VENV) has no pip: uv pip install --python $(VENV) pip' >&2; exit 1; }; \
	python -m pip install --quiet --constraint constraints.txt

# Passwords that tests make up.
MADE_UP := '^(hunter2|pa|pa@ss|SECRET|wJalrEXAMPLE)$$'

.PHONY: repro paper test lint credentials bench

repro: $(VENV)/.installed
	dvc pull --quiet data
	python -m stages needs
	dvc repro
	@sed '/^Precision of the pairs/,$$d' artifacts/report/report.md
	@echo 'All results: artifacts/report/index.html and report.md beside it.'

# The paper's run: changes params.yaml and starts. A killed run resumes, with what you have changed in
# params.yaml since.
paper: $(VENV)/.installed
	python -m stages configure configs/paper.yaml
	$(MAKE) repro

test: $(VENV)/.installed-dev
	dvc pull --quiet data
	python -m pytest

lint: $(VENV)/.installed-dev
	ruff check .
	ruff format --check .
	mypy
	lint-imports
	codespell
	python -m pytest --numprocesses=0 tests/whole/test_docs.py
	@$(MAKE) --no-print-directory credentials

# Credentials in tracked files. Hashes are hex too, so a bare hex string is not taken for one.
credentials:
	git ls-files -z | xargs -0 detect-secrets-hook --no-verify \
		--disable-plugin HexHighEntropyString --exclude-secrets $(MADE_UP)

bench: $(VENV)/.installed
	@for file in benchmarks/*.py; do echo "== $$file"; python "$$file" || exit 1; done

# What running needs; the tools of tests and linters are added for these alone.
$(VENV)/.installed: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(INSTALL) --editable .
	@# Older versions installed this reader of YAML, which DVC prefers and which has an error.
	@python -m pip uninstall --quiet --yes ruamel.yaml.clib 2>/dev/null
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed
	$(INSTALL) --editable '.[dev]'
	@touch $@
