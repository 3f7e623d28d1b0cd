# Each target does the set-up it needs. `make setup` leaves a complete .venv with .venv/bin/mainstay in it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.ready
ORACLES := .venv-oracles
CDK := .venv-cdk
NODE := .node-oracles
# One more than CI has cores: a third of a run is waiting for servers.
WORKERS ?= 3

# What Python compiles of sources and tests is kept, for the hundreds of processes of one run.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: setup mariadb mysql pgbouncer demo test lint bench mutation cdk oracles facts docs clean

setup: $(STAMP)

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "Mainstay needs Python 3.11 or newer; call: make setup PYTHON=python3.12" >&2; exit 6; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[sandbox,dev]'
	$(BIN)/python -m mainstay.engines --if-possible
	@touch $(STAMP)

# MariaDB and PgBouncer without root, on Debian and Ubuntu; `setup` tries both and goes on without them.
mysql: setup
	$(BIN)/python -m mainstay.engines mysql

mariadb: setup
	$(BIN)/python -m mainstay.engines mariadb

pgbouncer: setup
	$(BIN)/python -m mainstay.engines pgbouncer

demo: setup
	$(BIN)/mainstay demo

test: setup
	rm -f .coverage .coverage.*
	$(BIN)/coverage run -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder
	$(BIN)/coverage combine --quiet
	$(BIN)/coverage report --fail-under=90 --omit='*/mainstay/cdk/*'
	$(BIN)/coverage report --fail-under=100 --include='*/mainstay/core/*,*/mainstay/spec/*,*/mainstay/plan/*,*/mainstay/formats/*,*/mainstay/checks/*'

lint: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup $(CDK)/.ready
	$(BIN)/python -m bench

# Whether the tests notice each small wrong that can be put into a rule; too long for every change.
mutation: setup
	$(BIN)/python -m bench.mutation

# The constructs, in an environment that has the CDK: it is large, and holds libraries of its own back.
cdk: $(CDK)/.ready
	rm -f $(CDK)/.coverage*
	COVERAGE_FILE=$(CDK)/.coverage $(CDK)/bin/coverage run -m pytest tests/cdk
	COVERAGE_FILE=$(CDK)/.coverage $(CDK)/bin/coverage combine --quiet
	COVERAGE_FILE=$(CDK)/.coverage $(CDK)/bin/coverage report --fail-under=90 --include='*/mainstay/cdk/*'

$(CDK)/.ready: pyproject.toml constraints.txt constraints-cdk.txt
	$(PYTHON) -m venv $(CDK)
	$(CDK)/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -c constraints-cdk.txt \
	  -e '.[cdk]' cdk-nag pytest pytest-timeout coverage
	@touch $@

# What checkov, cdk-nag and the CDK say about every template; they live in an environment of their own.
oracles: setup $(ORACLES)/.ready
	$(BIN)/python -m bench.oracles $(ORACLES)/bin

$(ORACLES)/.ready: bench/oracles/requirements.txt bench/oracles/constraints.txt bench/oracles/provider-requirements.txt
	$(PYTHON) -m venv $(ORACLES)
	$(ORACLES)/bin/python -m pip install --quiet --disable-pip-version-check -c bench/oracles/constraints.txt -r bench/oracles/requirements.txt
	$(ORACLES)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r bench/oracles/provider-requirements.txt
	@touch $@

# What the installed botocore and cfn-lint carry of src/mainstay/facts/data: written anew, with what changed.
facts: setup
	$(BIN)/python -m bench.facts

# `mainstay check` beside four other linters over the corpus in bench/checks; two of them run in Node.js.
compare: setup $(ORACLES)/.ready $(NODE)/.ready
	$(BIN)/python -m bench.checks $(ORACLES)/bin $(NODE)

$(NODE)/.ready: bench/checks/package.json
	mkdir -p $(NODE)
	cp bench/checks/package.json $(NODE)
	npm install --prefix $(NODE) --no-package-lock --no-audit --no-fund --loglevel=error
	@touch $@

docs: setup
	$(BIN)/python -m mainstay.cli.documentation
	$(BIN)/python -m bench.oracles.answers
	$(BIN)/python -m bench.checks
	$(BIN)/python -m bench.self_test --page

clean:
	rm -rf $(VENV) $(ORACLES) $(CDK) $(NODE) build dist .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis
