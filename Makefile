# Contrail. `make` builds and tests everything, `make help` lists the rest.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := all
.NOTPARALLEL:

PYTHON ?= python3
VENV := .venv
PORT ?= 8080
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
SPARK_VENV := .venv-spark
SPARK_PIP := $(SPARK_VENV)/bin/python -m pip --disable-pip-version-check

# Archives, landing and warehouse live here; move them by setting the variable.
export CONTRAIL_DATA ?= data
export DBT_PROFILES_DIR := $(CURDIR)
export PATH := $(CURDIR)/$(BIN):$(PATH)
export PYTHONUTF8 := 1

.PHONY: all
all: summary ## Environment, data, warehouse, tests, docs, publish (what plain `make` does)

.PHONY: help
help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' Makefile

# --- environment -----------------------------------------------------------------------------

.PHONY: environment
environment: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Contrail needs Python 3.11 or newer as $(PYTHON); try: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip' 2>/dev/null || \
		{ echo "$(PYTHON) cannot make virtual environments; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "==> environment: $(VENV) (about half a minute and 650 MB)"
	@rm -f "$@"
	@[ -x "$(BIN)/python" ] || $(PYTHON) -m venv "$(VENV)"
	@$(PIP) install --quiet --no-deps --require-hashes -r requirements.lock
	@$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@$(PIP) check
	@touch "$@"

# Spark and what dbt needs for it are large, so whoever does without it does not have to wait.
.PHONY: environment-spark
environment-spark: $(SPARK_VENV)/.ready

$(SPARK_VENV)/.ready: requirements-spark.lock pyproject.toml
	@echo "==> environment: $(SPARK_VENV) (about two minutes and 1.3 GB)"
	@rm -f "$@"
	@[ -x "$(SPARK_VENV)/bin/python" ] || $(PYTHON) -m venv "$(SPARK_VENV)"
	@$(SPARK_PIP) install --quiet --no-deps --require-hashes -r requirements-spark.lock
	@$(SPARK_PIP) install --quiet --no-deps --no-build-isolation -e .
	@$(SPARK_PIP) check
	@touch "$@"

.PHONY: lock
lock: ## Renew the locks from pyproject.toml (needs the package registry)
	@scripts/lock.sh "$(PYTHON)"

# --- data and warehouse ----------------------------------------------------------------------

.PHONY: fetch
fetch: environment
	@echo "==> fetch"
	@contrail fetch

.PHONY: land
land: fetch
	@echo "==> land"
	@contrail land

.PHONY: stage
stage: land
	@echo "==> stage"
	@contrail stage

.PHONY: build
build: stage ## Build and test the warehouse, if anything has changed
	@scripts/build.sh

.PHONY: publish
publish: build ## Show readers what is built and has passed its tests
	@echo "==> publish"
	@contrail publish

.PHONY: postgres
postgres: land ## The same warehouse on PostgreSQL, with a server of its own if none is given
	@contrail postgres run -- scripts/postgres.sh

.PHONY: report
report: build ## One page on what came, what was tested and what needs a look: target/report.html
	@echo "==> report"
	@contrail report

.PHONY: spark
spark: land environment-spark ## The same warehouse on Apache Spark, in an environment of its own
	@PATH="$(CURDIR)/$(SPARK_VENV)/bin:$$PATH" scripts/spark.sh

.PHONY: site
site: build
	@scripts/site.sh

.PHONY: summary
summary: publish site
	@scripts/summary.sh

.PHONY: docs
docs: site ## Serve the documentation on http://localhost:8080 (PORT=... for another port)
	@echo "==> http://localhost:$(PORT)/static_index.html (Ctrl-C ends it)"
	@python -m http.server "$(PORT)" --bind 127.0.0.1 --directory target

# --- checks ----------------------------------------------------------------------------------

.PHONY: test
test: lint site check-postgres ## Every check: linters, the real build on both engines with its data tests, docs, pytest
	@echo "==> pytest"
	@scripts/pytest.sh

.PHONY: check-postgres
check-postgres: build
	@contrail postgres run -- scripts/check_postgres.sh

.PHONY: test-spark
test-spark: environment-spark ## The tests of the warehouse on Spark
	@PATH="$(CURDIR)/$(SPARK_VENV)/bin:$$PATH" scripts/check_spark.sh

.PHONY: mutation
mutation: environment ## Break every model in every way, and see that a test notices (some minutes)
	@echo "==> mutation"
	@python tests/mutation/mutate.py --report docs/benchmarks/mutation.md

.PHONY: lint
lint: lint-python lint-sql ## Only the linters

.PHONY: lint-python
lint-python: environment
	@echo "==> ruff"
	@ruff check .
	@ruff format --check .

.PHONY: lint-sql
lint-sql: environment
	@echo "==> sqlfluff"
	@scripts/lint_sql.sh

.PHONY: format
format: environment ## Let ruff and sqlfluff repair what they can
	@ruff check --fix .
	@ruff format .
	@scripts/lint_sql.sh fix

# --- cleaning --------------------------------------------------------------------------------

.PHONY: clean
clean: ## Remove what is made here, but neither the environment nor $CONTRAIL_DATA
	@rm -rf target logs build *.egg-info .pytest_cache .ruff_cache .hypothesis
	@find . -name __pycache__ -type d -not -path "./$(VENV)/*" -not -path "./$(SPARK_VENV)/*" -prune -exec rm -rf {} +
	@rm -f "$$CONTRAIL_DATA/.built"
	@echo "Kept: $(VENV), $(SPARK_VENV) and $$CONTRAIL_DATA (inbox, landing, warehouse, published). Delete them yourself if you mean it."
