# make serve, make test, make check: see README.md.
# Everything is installed into .venv and node_modules, which are made when they are missing.

PYTHON ?= python3
PORT ?= 8000
KILLS ?= 1000
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
JS := node_modules/.bin
SOURCES := machine_party client_facade games tests bench docs

.DEFAULT_GOAL := help
.PHONY: help serve test check format bench torture clean chromium strace

help:
	@echo "make serve [PORT=8000]   run the server with the games of this repository"
	@echo "make test [ARGS=...]     run the tests; ARGS are pytest's"
	@echo "make check               linters, formatters, types, layers"
	@echo "make format              let the formatters and the linters repair what they can"
	@echo "make bench               measure the ratios and the sizes that the design relies on"
	@echo "make torture [KILLS=1000]  kill the server so often, and look for what was lost (20 minutes)"
	@echo "make clean               remove what the targets above have made"
	@echo "PYTHON=python3.12        which Python (3.11 or later) to make .venv with"

serve: $(VENV)/.serve
	$(BIN)/machine-party serve --port $(PORT)

# pytest comes last: its closing line ends the output. What tsc says of a page is a test, too
# (tests/client_js has types that must not fit); it keeps what it knows, so twice is not twice the
# work.
test: node_modules/.installed $(VENV)/.test chromium strace
	npm run --silent vendor -- --check
	$(JS)/tsc
	npm run --silent test
	$(BIN)/python -m pytest $(ARGS)

# What reads the sources and runs none of them: for Python, then for JavaScript.
check: node_modules/.installed $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	npm run --silent check

format: node_modules/.installed $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	npm run --silent format

bench: $(VENV)/.test
	$(BIN)/python -m bench
	$(BIN)/python -m bench.sizes

torture: $(VENV)/.test
	$(BIN)/python -m tests.torture --kills $(KILLS)

clean:
	rm -rf $(VENV) node_modules build dist .hypothesis .mypy_cache .pytest_cache .ruff_cache .import_linter_cache
	find $(SOURCES) -name __pycache__ -type d -prune -exec rm -rf {} +

# A stamp says that the extra of its name is installed as pyproject.toml wants it.

$(VENV)/.serve: pyproject.toml | $(BIN)/pip
	$(PIP) install --editable .
	@touch $@

$(VENV)/.test: pyproject.toml | $(BIN)/pip
	$(PIP) install --editable '.[test]'
	@touch $@ $(VENV)/.serve

$(VENV)/.dev: pyproject.toml | $(BIN)/pip
	$(PIP) install --editable '.[dev]'
	@touch $@ $(VENV)/.test $(VENV)/.serve

# Scripts of packages are not run: nothing that is installed needs one.
node_modules/.installed: package-lock.json
	@command -v npm >/dev/null && \
	  node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null || \
	  { echo "npm, or Node 20 or later, is missing: the browser's half is tested with it (make serve needs neither)" >&2; exit 1; }
	@echo "installing what the browser's half is tested with into node_modules"
	@npm ci --ignore-scripts --no-audit --no-fund --loglevel=error >/dev/null
	@touch $@

# The browser tests are skipped where no Chromium can be had.
chromium: $(VENV)/.test
	@$(BIN)/python -m tests.browser.chromium

# So are the tests of faults, where no strace can.
strace: $(VENV)/.test
	@$(BIN)/python -m tests.faults.strace

# Debian's python3 has no ensurepip without the package python3-venv. virtualenv does without,
# and so does a pip that is there already.
$(BIN)/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "$(PYTHON) is missing or older than 3.11; say which to use: make PYTHON=python3.12" >&2; exit 1; }
	@echo "making $(VENV) with $$($(PYTHON) --version)"
	@attempt() { rm -rf $(VENV); "$$@" >/dev/null 2>&1 && test -x $(BIN)/python; }; \
	attempt $(PYTHON) -m venv $(VENV) || \
	attempt $(PYTHON) -m virtualenv $(VENV) || \
	attempt virtualenv --python=$(PYTHON) $(VENV) || \
	{ attempt $(PYTHON) -m venv --without-pip $(VENV) && \
	  $(PYTHON) -m pip --quiet --python $(BIN)/python install pip 2>/dev/null; } || \
	{ rm -rf $(VENV); \
	  echo "neither venv, virtualenv nor pip works here; on Debian: apt-get install python3-venv" >&2; \
	  exit 1; }
