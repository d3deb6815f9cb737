# Every target starts with `make env`; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.ONESHELL:
.DEFAULT_GOAL := help
.PHONY: help env env-dev deps run code test drill bench bench-large audit check schema access-table format pictures lock

VENV := .venv
BIN := $(VENV)/bin
PYTHON := $(BIN)/python
UV := $(PYTHON) -m uv pip compile --quiet --universal --generate-hashes --no-header --no-emit-index-url
PIP := $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps
DJLINT := $(PYTHON) -m djlint --allow-empty-input backend exercises notifications
# Tests and checks must not see the servers or the data of whoever runs them.
CLEAN := env -u DATABASE_URL -u REDIS_URL -u EMAIL_URL -u PORT -u STEPWISE_DATA -u STEPWISE_ENV
# The examples in TypeScript, by what npm writes last when it has installed one.
NODE_EXAMPLES := $(patsubst %,examples/%/node_modules/.package-lock.json,safety-evaluator typescript-client)
PACKAGES := postgresql redis-server chromium libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0 fonts-dejavu-core

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-11s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

env: $(VENV)/.runtime ## build .venv from requirements.txt (again only when that file changed)

env-dev: $(VENV)/.development $(NODE_EXAMPLES)

$(VENV)/.runtime: requirements.txt
	@right='import sys; sys.exit(sys.version_info[:2] != (3, 11))'
	if ! $(PYTHON) -c "$$right" 2> /dev/null; then
		for candidate in python3.11 python3 python; do
			if "$$candidate" -c "$$right" 2> /dev/null; then found=$$candidate; break; fi
		done
		if [ -z "$${found:-}" ]; then
			echo "Stepwise needs Python 3.11. On Debian 12: apt-get install python3 python3-venv" >&2
			exit 1
		fi
		echo "Making $(VENV) ..."
		"$$found" -m venv --clear $(VENV) || {
			echo "Python cannot make a virtual environment. On Debian 12: apt-get install python3-venv" >&2
			exit 1
		}
	fi
	echo "Installing requirements.txt ..."
	$(PIP) -r requirements.txt
	touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing requirements-dev.txt ..."
	$(PIP) -r requirements-dev.txt
	touch $@

$(VENV)/.bench: requirements-bench.txt $(VENV)/.development
	@echo "Installing requirements-bench.txt ..."
	$(PIP) -r requirements-bench.txt
	touch $@

$(NODE_EXAMPLES): %/node_modules/.package-lock.json: %/package.json %/package-lock.json
	@if command -v npm > /dev/null; then
		echo "Installing $* ..."
		npm ci --silent --prefix $*
		touch $@
	elif [ "$${CI:-}" = true ]; then
		echo "npm is missing: make deps" >&2
		exit 1
	fi

deps: ## install the system packages that tests and PDF need, or print the line to type
	@missing=()
	for package in $(PACKAGES); do
		dpkg-query -W -f='$${Status}' "$$package" 2> /dev/null | grep -q 'install ok installed' || missing+=("$$package")
	done
	command -v npm > /dev/null || missing+=(nodejs npm)
	if [ $${#missing[@]} -eq 0 ]; then exit 0; fi
	if [ "$$(id -u)" -eq 0 ]; then as=(env)
	elif sudo -n true 2> /dev/null; then as=(sudo -n env)
	fi
	if [ -z "$${as:-}" ] || ! command -v apt-get > /dev/null; then
		echo "To install what the full tests need: sudo apt-get install $${missing[*]}"
		if [ "$${CI:-}" = true ]; then exit 1; fi
		exit 0
	fi
	"$${as[@]}" apt-get update -qq
	"$${as[@]}" DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$${missing[@]}"

run: env ## run everything on 127.0.0.1:8000 (PORT, STEPWISE_DATA and others: see README)
	@exec $(PYTHON) manage.py run

code: env ## print the one-time code with which a demo therapist signs in (EMAIL chooses which)
	@$(PYTHON) manage.py demo_code $(EMAIL)

test: env-dev ## the suite on the embedded pair, then on PostgreSQL, Redis and Chromium
	@echo "== SQLite and the bundled broker"
	$(CLEAN) $(PYTHON) -m pytest -n 2 -m "not browser"
	# A browser keeps connections of its live server open, and a restore wants the database alone.
	echo "== PostgreSQL and Redis"
	$(CLEAN) $(PYTHON) -m tests.servers $(PYTHON) -m pytest -n 2 -m "not browser"
	echo "== Chromium"
	$(CLEAN) $(PYTHON) -m tests.servers $(PYTHON) -m pytest tests/browser || [ $$? -eq 5 ]

drill: env-dev ## the long drills, minutes each (DRILLS="name ..." chooses some)
	@$(CLEAN) $(PYTHON) -m tests.drills $(DRILLS)

bench: $(VENV)/.bench ## what things cost beside a floor or a peer (ROWS="word ..." chooses some)
	@$(CLEAN) $(PYTHON) -m bench --json var/bench.json $(ROWS)

bench-large: $(VENV)/.bench ## the bench with a diary of 30 million rows too (made once: 45 GiB, half an hour)
	@$(CLEAN) $(PYTHON) -m bench --large --json var/bench.json $(ROWS)

$(VENV)/.audit: requirements-audit.txt $(VENV)/.runtime
	@echo "Installing requirements-audit.txt ..."
	test -x $(VENV)/audit/bin/python || $(PYTHON) -m venv $(VENV)/audit
	$(VENV)/audit/bin/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-audit.txt
	touch $@

audit: $(VENV)/.audit ## known holes in what we depend on and in our code (fails when it could not look)
	@$(VENV)/audit/bin/python -m tests.audit

check: env-dev ## format, lint, types, import order, migrations, settings, templates and API schema
	@scratch=$$(mktemp -d)
	trap 'rm -rf "$$scratch"' EXIT
	clean() { $(CLEAN) STEPWISE_DATA="$$scratch" "$$@"; }
	step() { echo "== $$1"; shift; clean "$$@"; }
	step format $(PYTHON) -m ruff format --check --quiet
	step lint $(PYTHON) -m ruff check --quiet
	step types $(PYTHON) -m mypy
	step imports $(BIN)/lint-imports --no-logo
	step migrations $(PYTHON) manage.py makemigrations --check --dry-run
	step settings $(PYTHON) manage.py check --fail-level WARNING
	step texts $(PYTHON) manage.py check_content
	step trace $(PYTHON) manage.py trace --check
	step templates $(DJLINT) --check
	clean $(DJLINT) --lint
	step schema $(PYTHON) manage.py spectacular --validate --fail-on-warn --file "$$scratch/openapi.yaml"
	diff -u docs/openapi.yaml "$$scratch/openapi.yaml" || {
		echo "docs/openapi.yaml is not what the code says: make schema" >&2
		exit 1
	}

access-table: env-dev ## write tests/access/table.txt, who gets what from which address, anew
	@$(CLEAN) STEPWISE_WRITE_TABLE=1 $(PYTHON) -m pytest -q tests/access/test_matrix.py

schema: env ## write docs/openapi.yaml from the code
	@scratch=$$(mktemp -d)
	trap 'rm -rf "$$scratch"' EXIT
	$(CLEAN) STEPWISE_DATA="$$scratch" $(PYTHON) manage.py spectacular --validate --fail-on-warn --file docs/openapi.yaml

format: env-dev ## format Python and templates, and fix what the linter can fix
	@$(PYTHON) -m ruff check --fix --quiet
	$(PYTHON) -m ruff format --quiet
	$(DJLINT) --quiet --reformat

pictures: env-dev ## take the README's screenshots anew (needs Chromium)
	@$(CLEAN) $(PYTHON) -m tests.browser.pictures

lock: env-dev ## write the hash-locked requirements from the .in files
	@$(UV) --python-version 3.11 requirements.in -o requirements.txt
	$(UV) --python-version 3.11 requirements-dev.in -o requirements-dev.txt
	$(UV) --python-version 3.11 requirements-bench.in -o requirements-bench.txt
	$(UV) --python-version 3.11 requirements-audit.in -o requirements-audit.txt
