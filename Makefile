# Two commands matter: `make run` starts ordermode, `make test` checks it. Both make all that they need.
# Kept to what GNU make 3.81 knows, which is what macOS ships.

PYTHON ?=
ARGS ?=
BIN := .venv/bin
UV := uv==0.13.9

.DEFAULT_GOAL := help
.PHONY: help run test nightly bench docs reference surface lint lock dist pictures clean install install-dev

help: ## this text
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo '  ARGS="..."        what ordermode gets (run) or pytest gets (test, nightly):'
	@echo '                    make run ARGS="replay trades.parquet --speed 10"'
	@echo '  PYTHON=python3.12 the Python that .venv is made with (3.11 or newer; default python3)'

run: install ## start ordermode (the demo market, unless ARGS says otherwise)
	@scripts/system_packages.sh run
	@scripts/run.sh $(ARGS)

test: lint ## every check: lint, types, import rules, tests, the program under Xvfb
	@scripts/system_packages.sh test
	$(BIN)/pytest $(ARGS)

nightly: install-dev ## the tests that take too long for `make test`, with deep Hypothesis runs
	@scripts/system_packages.sh test
	HYPOTHESIS_PROFILE=nightly $(BIN)/pytest -m nightly --timeout=3600 $(ARGS)

lint: install-dev ## ruff, mypy and import-linter, no tests
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

install: ## make .venv with the locked versions; nothing to do if it is there
	@PYTHON="$(PYTHON)" scripts/install.sh run

install-dev: ## the same with what the checks need
	@PYTHON="$(PYTHON)" scripts/install.sh dev

# The run lock is made under the dev lock, so that a tested version is the version that runs.
# hatchling and editables are in both: they build the project with no download of their own.
LOCK := compile --quiet --universal --generate-hashes --python-version 3.11
LOCK += --custom-compile-command 'make lock' pyproject.toml

lock: install ## make the lock files anew from pyproject.toml (newest allowed: LOCK_ARGS=--upgrade)
	$(BIN)/python -m pip install -qq $(UV)
	$(BIN)/uv pip $(LOCK) --extra dev $(LOCK_ARGS) -o requirements-dev.lock
	printf 'hatchling\neditables\n' | \
	  $(BIN)/uv pip $(LOCK) - --extra all -c requirements-dev.lock $(LOCK_ARGS) -o requirements.lock

bench: install-dev ## how fast the chart is, beside finplot: ARGS="--quick" leaves out the slow ones
	@scripts/bench.sh $(ARGS)

docs: install-dev ## the documents as a site, in build/site
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build -q --strict

reference: install ## make docs/messages.md and the tables of keys anew from the program
	$(BIN)/python scripts/messages_reference.py
	$(BIN)/python scripts/keys_reference.py

surface: install-dev ## pin the public names and signatures anew, if a change of them is meant
	$(BIN)/python scripts/public_surface.py

dist: install ## build the sdist and the wheel into dist/
	@scripts/dist.sh dist

pictures: install ## make the pictures of the documents anew
	@scripts/system_packages.sh run
	QT_QPA_PLATFORM=offscreen $(BIN)/python scripts/pictures.py
	$(BIN)/ordermode demo --headless --out out
	cp out/chart.png docs/pictures/window.png

clean: ## remove .venv, caches and output; orders and settings live elsewhere and stay
	rm -rf .venv build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
