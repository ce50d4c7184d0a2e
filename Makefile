# Everything here needs Python 3.11 or newer and make, nothing else.
# PYTHON=/path/to/python chooses the Python that .venv is made with.
# The demo stays up until Ctrl-C when started at a terminal; DEMO_EXIT=1 ends it, DEMO_TIMEOUT=300 gives it
# more seconds, DEMO_DAGS_FOLDER=/path has it take another wincc_order_handoff DAG.

BIN := .venv/bin
# What is installed depends on these; a change to one of them installs again.
RECIPE := setup.cfg setup.py pyproject.toml constraints/airflow-3.3.2.txt

.DEFAULT_GOAL := help
.PHONY: help demo test long test-system chaos soak lint types audit unit bench build release-check docs constraints matrix matrix-constraints clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed-demo ## Hand three orders from an ERP's tables to a simulated unit, with a real Airflow
	@$(BIN)/python -m demo

# Most tests wait for something, so four at a time take a quarter of the time. The tests of a file stay together: they
# share what takes long to start. The walk under faults has the machine to itself.
test: lint types .venv/.installed-dev ## Run what checks the project: style, types, all tests but the long ones
	$(BIN)/python -m pytest -m "not long and not services" --ignore tests/integration/chaos -n 4 --dist loadfile --no-loadscope-reorder
	$(BIN)/python -m pytest tests/integration/chaos

long: .venv/.installed-dev ## Run the long tests: whole Airflows that wait, watch, are killed and restarted (6 minutes)
	$(BIN)/python -m pytest -m "long and not services" --ignore tests/release --ignore tests/soak

# PostgreSQL on 127.0.0.1:5432 and Redis on 127.0.0.1:6379, and the right to make network namespaces.
test-system: .venv/.installed-system ## Run the tests of several machines: Celery workers, triggerers, an Edge worker behind a wall
	$(BIN)/python -m pytest -m services

# CHAOS_SEED=7 walks the same way again, CHAOS_ORDERS=500 walks with fewer orders.
chaos: .venv/.installed-dev ## Hand 2,000 orders over under faults and check that none is doubled or lost (7 minutes)
	$(BIN)/python tests/integration/chaos/run_chaos.py

# DURATION=90s or 2h soaks for another time, SOAK_SEED=7 throws the same dice again, SOAK_OUTPUT=/path takes the figures.
soak: .venv/.installed-dev ## Let waits, events, writes and exports run under faults: nothing may grow or be lost (10 minutes)
	$(BIN)/python tests/soak/run_soak.py --duration "$(or $(DURATION),10m)"

lint: .venv/.installed-dev ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.installed-dev ## Check the types
	$(BIN)/mypy

# Ends with 3, which make turns into 2, when nothing was found but the advisories could not be asked.
audit: .venv/.installed-dev ## Look for known weaknesses: in our code, and in every package that comes with it
	$(BIN)/python -m demo.audit

unit: .venv/.installed-dev ## Run the unit tests only
	$(BIN)/python -m pytest tests/unit

bench: .venv/.installed-benchmark ## Run every benchmark, one after the other (takes twelve minutes)
	@for file in benchmarks/[!_]*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

build: .venv/.installed-dev ## Build the wheel and the source distribution into dist/
	@$(BIN)/python -m release.build

release-check: .venv/.installed-dev ## Build twice and compare, check the contents, install the wheel into a clean environment (4 minutes)
	$(BIN)/python -m pytest tests/release

docs: .venv/.installed-docs ## Make the site of the documentation in build/site/
	$(BIN)/sphinx-build --fail-on-warning --keep-going --nitpicky --quiet --fresh-env \
		--conf-dir docs --doctree-dir build/doctrees . build/site
	@$(BIN)/python -m release.site_links build/site
	@echo build/site/index.html

constraints: ## Remake the file of exact package versions (takes a minute)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.constraints

# CELLS="lowest newest" runs only those cells, QUICK=1 leaves out the walk under faults and the long tests.
matrix: ## Run the tests on every supported Airflow, Python and both ends of the dependencies (an hour; CELLS, QUICK=1)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.matrix $(if $(QUICK),--quick) $(CELLS)

matrix-constraints: ## Remake the files of exact package versions of the matrix
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.matrix.constraints

clean: ## Remove all that was made here: environment, demo data, caches, builds
	rm -rf .venv .venv.log .demo .matrix build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed-demo: $(RECIPE)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.environment demo
	@touch $@

# The extra dev holds all of the extra demo, so the demo finds nothing left to install after it.
.venv/.installed-dev: $(RECIPE)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.environment dev
	@touch $@ .venv/.installed-demo

.venv/.installed-system: .venv/.installed-dev
	@$(BIN)/python -m demo.environment system
	@touch $@

.venv/.installed-docs: .venv/.installed-dev
	@$(BIN)/python -m demo.environment docs
	@touch $@

.venv/.installed-benchmark: $(RECIPE)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.environment benchmark
	@touch $@
