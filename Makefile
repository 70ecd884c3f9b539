# Every target builds .venv from requirements.lock first, unless it is up to date.
#   make run CORES=4             how many cores Snakemake may use (all of them by default)
#   make run PYTHON=python3.12   which interpreter .venv is made of
#   make test NASCAST_MIRROR=... also runs the tests that need the real data
CORES ?= $(shell nproc)

VENV := $(CURDIR)/.venv/bin
IN_VENV := PATH="$(VENV):$$PATH"
CODE := workflow tests benchmarks envs

.DEFAULT_GOAL := help
.PHONY: help venv run test test-reliability lint format bench results lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-16s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

venv: ## Build .venv from requirements.lock
	@envs/bootstrap.sh

run: venv ## Quick start: partial training, NAP2, tables and a report in about ten minutes
	@$(IN_VENV) snakemake --cores $(CORES) quickstart
	@echo "The report: $(CURDIR)/results/mini/report.html"

test: venv ## Run the tests
	@$(IN_VENV) pytest -n 2

test-reliability: venv ## Damage files of every format in thousands of ways (about half an hour)
	@$(IN_VENV) pytest -n 2 -m reliability tests/reliability

lint: venv ## Check style, types and the workflow
	@$(IN_VENV) ruff check $(CODE)
	@$(IN_VENV) ruff format --check $(CODE)
	@$(IN_VENV) mypy
	@$(IN_VENV) snakefmt --check Snakefile workflow
	@$(IN_VENV) snakemake --lint

format: venv ## Rewrite the code in the project's style
	@$(IN_VENV) ruff check --fix $(CODE)
	@$(IN_VENV) ruff format $(CODE)
	@$(IN_VENV) snakefmt Snakefile workflow

bench: venv ## Measure speed and memory
	@$(IN_VENV) python -m benchmarks

results: venv ## Copy the finished tables to docs/results
	@$(IN_VENV) python workflow/scripts/publish_results.py

lock: venv ## Write the locks and envs/*.yaml anew from .venv
	@$(IN_VENV) python envs/lock.py

clean: ## Remove the environment and every result
	rm -rf .venv .snakemake .mypy_cache .pytest_cache .ruff_cache .hypothesis build
	find results -mindepth 1 ! -name .gitkeep -delete
