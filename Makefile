# Two commands matter: `make reproduce` and `make test`. Each sets up its own virtual environment first; nothing has to be
# installed by hand but Python 3.11 or newer (with venv) and make.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
REPORT := build/report.html

.PHONY: help reproduce docs test check bench lab lock clean
help:
	@echo "make reproduce   run the notebooks and compare their tables with the published ones"
	@echo "make docs        build the documentation, with the report, as a site in build/site"
	@echo "make test        linter, types, tests and notebooks"
	@echo "make bench       time the measures beside wc and other tools, on generated texts or those of BENCH_TEXTS=FILE"
	@echo "make lab         open JupyterLab on the notebooks"
	@echo "make lock        renew requirements.lock"
	@echo "make clean       remove what the others made"

reproduce: $(READY)
	$(BIN)/corpus-tools reproduce corpus --report $(REPORT)

docs: $(READY) $(REPORT)
	$(BIN)/corpus-tools docs --out build/site --report $(REPORT)

# A report that is newer than what it shows is taken as it is.
$(REPORT): $(wildcard notebooks/*.ipynb corpus/results/*/*.csv) | $(READY)
	$(BIN)/corpus-tools reproduce corpus --report $(REPORT)

test: $(READY) check
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(READY)
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/corpus-tools validate corpus
	$(BIN)/corpus-tools pages corpus --check

bench: $(READY)
	$(BIN)/python -m corpus_tools.bench

lab: $(READY)
	$(BIN)/jupyter lab --notebook-dir notebooks $(if $(filter 0,$(shell id -u)),--allow-root)

# Every package is pinned with its hashes; --no-deps because the lock is complete.
$(READY): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; name one with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	@touch $@

lock:
	uv pip compile --universal --python-version 3.11 --generate-hashes --no-annotate --custom-compile-command "make lock" \
	  --extra notebooks --extra hub --extra docs --extra ingest --extra fast --extra spark --extra inception --extra duckdb --extra spacy --group dev --upgrade --output-file requirements.lock pyproject.toml

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis
