# The only door. `make` alone prints what there is; each word after it works on a machine with Python >= 3.11 (with venv
# and pip), make and git. Everything is installed into .venv and node_modules, from requirements.lock and
# package-lock.json, when these have changed.

PYTHON ?= $(shell for each in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$each" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$each" && break; done)
# Test processes at once; each runs a database server of its own. Two more than processors, for tests also wait; four at
# most, and one for every 2 GB of memory.
WORKERS ?= $(shell $(PYTHON) -c 'import os; has = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 31; \
	print(max(1, min((os.cpu_count() or 1) + 2, 4, has)))')

BIN := .venv/bin
# Tests start whole programs by the dozen: one that may keep no bytecode compiles 3,000 modules anew each time, for seconds.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(BIN)/python -m pytest --numprocesses=$(WORKERS)
INSTALLED := .venv/.installed
BUILT := amparo/web/static/built/.built
# What needs no database. The countries broken in every way are left to `make test`: each is checked whole.
PURE_TESTS := $(wildcard $(addprefix tests/unit/,kernel rules dci profiles) tests/spec tests/structure) \
	$(addprefix --ignore=tests/unit/profiles/,synth test_installing.py test_checking.py test_checking_fields.py)

# How much the long versions of generated tests draw (`make acceptance`); in `make test` each draws a part.
LONG := AMPARO_MATRIX=all AMPARO_INTERLEAVINGS=10000 AMPARO_FOUR_EYES=5000 AMPARO_ROLES=5000 AMPARO_AGREEMENTS=100000 \
	AMPARO_CONSENTS=300 AMPARO_TAMPERINGS=100 AMPARO_ROTATED=1000000 AMPARO_KILLS=20 AMPARO_VARIANTS=100000 \
	AMPARO_GUESSES=10000 AMPARO_CHANGES=100000 AMPARO_DELIVERED_GROUPS=300 AMPARO_SCHEMATHESIS=2000 AMPARO_INSIDERS=1000 \
	AMPARO_WITNESS=10 AMPARO_HOSTILE=all AMPARO_FUZZ=3600 AMPARO_TRACKED_ROWS=10000000 AMPARO_HSNP=53635 AMPARO_COUNTRY_HOUSEHOLDS=100000 \
	AMPARO_RULES=2000 AMPARO_NARROWED=20 AMPARO_UNTOLD=1500 AMPARO_PAYMENT_KILLS=100 AMPARO_COHORT=100 AMPARO_DISPATCHES=100 \
	AMPARO_EVENTS=1000 AMPARO_FILES=200 AMPARO_FAULTY=1000 AMPARO_LOOKUPS=1000
# Of the tests that read one of these; TESTS names others, or one of them.
LONG_NAMES = $(foreach each,$(LONG),-e '"$(firstword $(subst =, ,$(each)))"')
LONG_TESTS = $(sort $(shell grep -rlF --include='test_*.py' $(LONG_NAMES) tests))

.PHONY: help demo test acceptance check bench docs lock install spark clean
.DELETE_ON_ERROR:

help:
	@echo 'make demo    make a fictional country, decide, and show it in the browser'
	@echo 'make test    run every test'
	@echo 'make acceptance   the long versions of generated tests, with their figures: hours (TESTS=…: of one file)'
	@echo 'make check   style, ladder, types, and the tests that need no database: under a minute'
	@echo 'make bench   measure, each figure against a baseline in the same run'
	@echo 'make docs    write docs/reference anew'
	@echo 'make spark   add Spark, for runs larger than one machine (460 MB; needs Java 17)'
	@echo 'make lock    bring requirements.lock up to pyproject.toml (UPGRADE=--upgrade: to the newest versions it allows)'
	@echo
	@echo 'The commands are in .venv/bin/amparo after any of these. Another Python: make PYTHON=/path/to/python3.12 …'

demo: install
	$(BIN)/amparo demo

test: install
	$(PYTEST) --dist=loadfile --no-loadscope-reorder $(TESTS)

acceptance: install
	env $(LONG) $(PYTEST) --dist=loadfile --no-loadscope-reorder -rP --durations=0 --durations-min=10 \
		$(or $(TESTS),$(LONG_TESTS))

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy amparo/kernel amparo/rules
	$(PYTEST) --dist=worksteal -m "not spark" $(PURE_TESTS)

bench: install
	$(BIN)/amparo bench all

docs: install
	$(BIN)/python -m docs.write

install: $(INSTALLED) $(BUILT)

$(BIN)/python:
	@test -n "$(PYTHON)" || { printf '%s\n' \
		'No Python 3.11 or newer with venv and pip was found.' \
		'Amparo and all it needs are installed into a virtual environment of that Python.' \
		'Install one (on Debian or Ubuntu: python3 python3-venv), or name it: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { printf '%s\n' \
		'$(PYTHON) is older than Python 3.11, or does not run.' \
		'Amparo uses what 3.11 brought.' 'Name a newer one: make PYTHON=/path/to/python3.12' >&2; exit 1; }
	"$(PYTHON)" -m venv .venv

# uv installs the lock in seconds and checks every hash; pip only brings uv.
$(INSTALLED): requirements.lock pyproject.toml | $(BIN)/python
	test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	$(BIN)/uv pip sync --quiet --require-hashes --python $(BIN)/python requirements.lock
	$(BIN)/uv pip install --quiet --no-deps --python $(BIN)/python --editable .
	touch $@

# Not in the one lock: nobody who does not ask for it downloads it.
spark: .venv/.spark

.venv/.spark: requirements-spark.lock $(INSTALLED)
	$(BIN)/uv pip install --quiet --require-hashes --python $(BIN)/python --requirements requirements-spark.lock
	touch $@

$(BUILT): amparo/web/assets/build.py $(wildcard amparo/web/assets/*.scss) package-lock.json | $(INSTALLED)
	$(BIN)/python amparo/web/assets/build.py
	touch $@

# One lock for every system and Python; no registry's address in it, since not everybody uses the same one.
lock: $(INSTALLED)
	$(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url --python-version 3.11 \
		--extra dev $(UPGRADE) --output-file requirements.lock pyproject.toml

	sed -n 's/^ *"\(pyspark[^"]*\)".*/\1/p' pyproject.toml | $(BIN)/uv pip compile --quiet --universal --generate-hashes \
		--no-header --no-emit-index-url --python-version 3.11 $(UPGRADE) --output-file requirements-spark.lock -

clean:
	rm -rf .venv node_modules amparo/web/static/built
