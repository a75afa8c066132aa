# Everything that these targets need goes into .venv and .cache; nothing is installed elsewhere.
# Works with GNU make 3.81 (the one of macOS) and any Python >= 3.11.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.SUFFIXES:

VENV := .venv
BIN := $(VENV)/bin
PYTHON_CHECK := import ensurepip, sqlite3, ssl, sys, venv; sys.exit(sys.version_info < (3, 11))

# The interpreter that .venv is made with: the first that is new enough and complete, or PYTHON=...
PYTHON ?= $(shell for python in python3.14 python3.13 python3.12 python3.11 python3 python; do \
	"$$python" -I -c '$(PYTHON_CHECK)' >/dev/null 2>&1 && echo "$$python" && break; done)

# What people pass on: make test ARGS="-k merkle --no-cov", make demo ARGS=/tmp/here, make bench ARGS=--quick
ARGS ?=

PIP := $(BIN)/python -I -m pip
# -qq leaves out progress and warnings, and still shows errors. The locks are complete: nothing is left to resolve.
INSTALL := $(PIP) install -qq --no-input --disable-pip-version-check
INSTALL_LOCKED := $(INSTALL) --no-deps --require-hashes

# Settings of the caller that would make a virtual environment something else.
unexport PYTHONHOME
unexport PYTHONPATH
unexport PIP_PREFIX
unexport PIP_REQUIRE_VIRTUALENV
unexport PIP_TARGET
unexport PIP_USER
unexport VIRTUAL_ENV

# A .venv whose interpreter is gone, or that was moved with the checkout, is made anew.
$(shell test ! -e $(VENV) || { test "$$(cat $(VENV)/.made 2>/dev/null)" = "$$(pwd)" && \
	$(BIN)/python -I -c '$(PYTHON_CHECK)' 2>/dev/null; } || rm -f $(VENV)/.made)

.PHONY: help
help: ## show the targets (this text)
	@awk 'BEGIN {FS = ":.*## "} /^[a-z-]+:.*## / {printf "make %-13s %s\n", $$1, $$2}' Makefile

$(VENV)/.made:
	@python="$(PYTHON)"; \
	if test -z "$$python" || ! "$$python" -I -c '$(PYTHON_CHECK)' 2>/dev/null; then \
		echo "make: no usable Python found$${python:+ (tried $$python)}: it takes 3.11 or later with the modules" >&2; \
		echo "      venv, ensurepip, ssl and sqlite3 (on Debian and Ubuntu also: apt install python3-venv)." >&2; \
		echo "      Name one with: make PYTHON=/path/to/python3 ..." >&2; \
		exit 1; \
	fi; \
	echo "setting up $(VENV) with $$("$$python" -I -c 'import platform; print("Python", platform.python_version())')"; \
	"$$python" -I -m venv --clear $(VENV)
	@pwd > $@

# What data-sbom needs to run, and the project itself, as locked.
$(VENV)/.runtime: requirements.lock pyproject.toml $(VENV)/.made
	@echo "installing what data-sbom needs (requirements.lock)"
	@$(INSTALL_LOCKED) --requirement requirements.lock
	@$(INSTALL) --no-deps --no-build-isolation --no-index --editable .
	@touch $@

# What its developers need on top.
$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	@echo "installing what its tests need (requirements-dev.lock)"
	@$(INSTALL_LOCKED) --requirement requirements-dev.lock
	@touch $@

.PHONY: runtime
runtime: $(VENV)/.runtime
	@$(BIN)/python -I -m compileall -q sbom

.PHONY: dev
dev: $(VENV)/.dev runtime ## set up .venv for development

.PHONY: demo
demo: runtime ## the whole job on real data: generate, sign, verify, tamper, refuse
	@$(BIN)/data-sbom demo $(ARGS)

.PHONY: test
test: dev ## run the tests on all cores, with coverage
	@tests/tools.sh .cache
	$(BIN)/python -m pytest -n auto --cov --cov-report=term $(ARGS)

.PHONY: lint
lint: dev ## check style: ruff, all rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

.PHONY: types
types: dev ## check types: mypy, strict
	$(BIN)/mypy

# make fuzz SECONDS=600
SECONDS ?= 30
.PHONY: fuzz
fuzz: dev ## throw mutated documents at the loader for half a minute
	$(BIN)/python tests/fuzz/fuzz_loader.py --seconds $(SECONDS) $(ARGS)

.cache/bench-venv/.made: benchmarks/requirements.txt $(VENV)/.made
	@echo "installing what data-sbom is compared with (benchmarks/requirements.txt)"
	@$(BIN)/python -I -m venv --clear .cache/bench-venv
	@.cache/bench-venv/bin/python -I -m pip install -qq --no-input --disable-pip-version-check \
		--requirement benchmarks/requirements.txt
	@touch $@

.PHONY: bench
bench: runtime .cache/bench-venv/.made ## measure side by side with other tools, and write docs/performance.md
	$(BIN)/python benchmarks/run.py --peers .cache/bench-venv $(ARGS)

.PHONY: bench-lineage
bench-lineage: runtime ## precision and recall of static reading on the labelled set
	$(BIN)/python benchmarks/lineage.py $(ARGS)

.PHONY: bench-record
bench-record: runtime ## what data-sbom record costs on a job that opens 20,000 files
	$(BIN)/python benchmarks/record.py $(ARGS)

.PHONY: bench-trace
bench-trace: runtime ## how long tracing takes over ten releases of 100,000 files
	$(BIN)/python benchmarks/trace.py $(ARGS)

.PHONY: build
build: dev ## build wheel and sdist into dist/
	@rm -rf dist
	$(BIN)/python -I -m build --no-isolation

# From an empty directory, so that the checkout is not what gets imported; without the locks, as users install it.
.PHONY: smoke
smoke: build ## install the built wheel into an empty environment, and run it
	@rm -rf .cache/smoke-venv
	@$(BIN)/python -I -m venv .cache/smoke-venv
	@.cache/smoke-venv/bin/python -I -m pip install -qq --no-input --disable-pip-version-check dist/*.whl
	@bin="$$(pwd)/.cache/smoke-venv/bin" && empty="$$(mktemp -d)" && cd "$$empty" && \
		echo "data-sbom --version" && "$$bin/data-sbom" --version && \
		echo "data-sbom demo" && "$$bin/data-sbom" demo && \
		rm -rf "$$empty"

# uv is used to make the locks, and for nothing else. UPGRADE=1 takes new versions; without it only what
# pyproject.toml asks for changes.
UV := .cache/lock-venv/bin/uv
# The extras that the tests use; the others are clients of services that only their owners can reach.
TESTED := blake3 hsm parquet sigstore sql timestamp xxhash
LOCK := UV_CUSTOM_COMPILE_COMMAND="make lock" $(UV) pip compile pyproject.toml --quiet --universal \
	--python-version 3.11 --generate-hashes --no-emit-index-url $(if $(UPGRADE),--upgrade)

$(UV): $(VENV)/.made
	@$(BIN)/python -I -m venv --clear .cache/lock-venv
	@.cache/lock-venv/bin/python -I -m pip install -qq --no-input --disable-pip-version-check 'uv>=0.9'
	@touch $@

.PHONY: lock
lock: $(UV) ## write the lock files anew from pyproject.toml: make lock UPGRADE=1
	$(LOCK) $(foreach extra,$(TESTED),--extra $(extra)) --group dev --output-file requirements-dev.lock >/dev/null
	$(LOCK) --group build --constraint requirements-dev.lock --output-file requirements.lock >/dev/null

# The text between the two markers in README.md is what the command says of itself.
HELP_BEGIN := <!-- begin data-sbom --help -->
HELP_END := <!-- end data-sbom --help -->

.PHONY: check-readme
check-readme: runtime ## compare the help text in README.md with data-sbom --help
	@mkdir -p .cache
	@sed -n '/^$(HELP_BEGIN)$$/,/^$(HELP_END)$$/p' README.md \
		| sed -e '/^<!--/d' -e '/^```/d' -e 's/ *$$//' -e '/^$$/d' > .cache/help-in-readme.txt
	@COLUMNS=100 TERM=dumb NO_COLOR=1 $(BIN)/data-sbom --help > .cache/help-raw.txt
	@sed -e 's/ *$$//' -e '/^$$/d' .cache/help-raw.txt > .cache/help.txt
	@test -s .cache/help-in-readme.txt || { echo "README.md lacks $(HELP_BEGIN) ... $(HELP_END)" >&2; exit 1; }
	@diff -u .cache/help-in-readme.txt .cache/help.txt && echo "README.md says what data-sbom --help says"

.PHONY: clean
clean: ## remove all that these targets made
	rm -rf $(VENV) .cache build dist htmlcov .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache \
		.import_linter_cache
	find sbom tests benchmarks examples -name __pycache__ -type d -prune -exec rm -rf {} + 2>/dev/null || true
