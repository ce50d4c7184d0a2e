# Everything here needs Python 3.11 or newer and make, nothing else.
# PYTHON=/path/to/python chooses the Python that .venv is made with.
# The demo stays up until Ctrl-C when started at a terminal; DEMO_EXIT=1 ends it, DEMO_TIMEOUT=300 gives it
# more seconds, DEMO_DAGS_FOLDER=/path has it take another wincc_order_handoff DAG.

BIN := .venv/bin
# What is installed depends on these; a change to one of them installs again.
RECIPE := setup.cfg pyproject.toml constraints/airflow-3.3.2.txt

.DEFAULT_GOAL := help
.PHONY: help demo test long chaos lint types unit bench constraints clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-13s %s\n", $$1, $$2 }' Makefile

demo: .venv/.installed-demo ## Hand three orders from an ERP's tables to a simulated unit, with a real Airflow
	@$(BIN)/python -m demo

# Most tests wait for something, so four at a time take a quarter of the time. The walk under faults has the machine
# to itself.
test: lint types .venv/.installed-dev ## Run what checks the project: style, types, all tests but the long ones
	$(BIN)/python -m pytest -m "not long" --ignore tests/integration/chaos -n 4 --dist worksteal
	$(BIN)/python -m pytest tests/integration/chaos

long: .venv/.installed-dev ## Run the long tests: whole Airflows that wait, watch, are killed and restarted (6 minutes)
	$(BIN)/python -m pytest -m long

# CHAOS_SEED=7 walks the same way again, CHAOS_ORDERS=500 walks with fewer orders.
chaos: .venv/.installed-dev ## Hand 2,000 orders over under faults and check that none is doubled or lost (7 minutes)
	$(BIN)/python tests/integration/chaos/run_chaos.py

lint: .venv/.installed-dev ## Check style and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: .venv/.installed-dev ## Check the types
	$(BIN)/mypy

unit: .venv/.installed-dev ## Run the unit tests only
	$(BIN)/python -m pytest tests/unit

bench: .venv/.installed-benchmark ## Run every benchmark, one after the other (takes twelve minutes)
	@for file in benchmarks/[!_]*.py; do echo "== $$file"; $(BIN)/python "$$file" || exit 1; done

constraints: ## Remake the file of exact package versions (takes a minute)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.constraints

clean: ## Remove all that was made here: environment, demo data, caches, builds
	rm -rf .venv .venv.log .demo build dist *.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/.installed-demo: $(RECIPE)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.environment demo
	@touch $@

# The extra dev holds all of the extra demo, so the demo finds nothing left to install after it.
.venv/.installed-dev: $(RECIPE)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.environment dev
	@touch $@ .venv/.installed-demo

.venv/.installed-benchmark: $(RECIPE)
	@python=$$(sh demo/find-python.sh) && exec "$$python" -m demo.environment benchmark
	@touch $@
