# `make demo` shows it, `make test` tests it.
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# The first that runs and is new enough: a name on the PATH may be a version manager's empty shim.
PYTHON ?= $(shell for name in python3 python3.14 python3.13 python3.12 python3.11 python; do \
	"$$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo "$$name"; break; }; done)

.PHONY: help setup demo test chaos security page versions lint types imports check bench scale docs lock clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' Makefile

setup: $(STAMP) ## Make .venv with clickup-sync in it, from pinned and hashed requirements

$(STAMP): requirements-dev.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed, and none was found." >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed; `$(PYTHON) --version` was found. Say PYTHON=... to choose another." >&2; exit 1; }
	@echo "Setting up $(VENV) (once, about a minute) ..."
	@"$(PYTHON)" -m venv $(VENV) \
		|| { echo "Python's venv module is missing; on Debian and Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup ## Fill a real PostgreSQL from a simulated ClickUp, and look at it (ARGS="--tasks 3000")
	@$(BIN)/clickup-sync demo $(ARGS)

test: setup ## Run all tests (ARGS="-m 'not slow'" for the quick ones)
	@$(BIN)/python -m pytest -n 3 --dist loadfile --no-loadscope-reorder $(ARGS)

chaos: setup ## Run all random campaigns at length: faults, restarts, changes, reports (SEEDS="1 2 3" SECONDS=60)
	@CHAOS_SEEDS="$(or $(SEEDS),1 2 3 4 5 6 7 8)" CHAOS_SECONDS="$(or $(SECONDS),60)" PROOF_CASES=50 \
		$(BIN)/python -m pytest tests/engine/service/test_chaos.py tests/engine/service/test_past.py tests/engine/test_comment_proof.py \
		tests/engine/test_external_changes.py tests/engine/test_faults.py tests/engine/test_passes_in_jobs.py tests/reports \
		tests/api/test_comments.py tests/api/test_tasks.py tests/api/test_time.py

security: setup ## Attack what strangers can reach, at length: SQL, parameters, connections (CASES=2000)
	@SECURITY_CASES="$(or $(CASES),2000)" FUZZ_CASES=100 \
		$(BIN)/python -m pytest tests/security tests/query/test_campaign.py tests/query/test_bounds.py tests/api/test_fuzz.py tests/api/test_flood.py

page: setup ## Use the page in a real browser, in every look
	@PAGE_AT_LENGTH=1 $(BIN)/python -m pytest tests/dashboard/test_browser.py tests/dashboard/test_switcher_browser.py

versions: setup ## Test migrations, syncs, reports and query on other PostgreSQL versions (VERSIONS="14 18")
	@$(BIN)/python -m tests.versions $(or $(VERSIONS),14 18)

lint: setup ## Check style and formatting
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: setup ## Check the types
	@$(BIN)/mypy app $(wildcard bench)

imports: setup ## Check layers and import cycles
	@$(BIN)/lint-imports

check: lint types imports test ## Everything that must pass before a commit

bench: setup ## Count requests, seconds, memory and rows written at 3,000 and 100,000 tasks
	@$(BIN)/python -m bench $(ARGS)

scale: setup ## Sync many workspaces with several workers, and disturb them (WORKSPACES=200 SECONDS=180 POOLER=1)
	@$(BIN)/python -m bench.scale

docs: setup ## Write .env.example and the generated tables of the pages
	@$(BIN)/python -m tests.docs.generate

# Links to the packages' websites are left out of the SBOM: they say nothing of what is installed.
lock: setup ## Pin the requirements with hashes, check their licences, write sbom.json (ARGS="--upgrade")
	@$(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header $(ARGS) pyproject.toml -o requirements.txt
	@$(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-emit-find-links --no-header $(ARGS) --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt
	@$(BIN)/uv venv --quiet --clear .venv-lock
	@$(BIN)/uv pip sync --quiet --python .venv-lock --require-hashes requirements.txt
	@$(BIN)/pip-licenses --python .venv-lock/bin/python --format=plain >/dev/null
	@$(BIN)/cyclonedx-py environment .venv-lock --pyproject pyproject.toml --output-reproducible --output-format JSON \
		| $(BIN)/python -c 'import json, sys; plain = lambda part: {k: v for k, v in part.items() if k != "externalReferences"}; \
			json.dump(json.load(sys.stdin, object_hook=plain), sys.stdout, indent=1, sort_keys=True)' > sbom.json

clean: ## Remove .venv and caches (data/ stays)
	@rm -rf $(VENV) .venv-lock .venv-dlt .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
