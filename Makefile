.DEFAULT_GOAL := help
SHELL := /bin/bash
PYTHON ?= python3
RUN := .venv/bin/python

.PHONY: help serve test check conformance fuzz faults bench format sdl lock audit sbom clean

help: ## list what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

serve: .venv/serve ## serve on SQLite with demo data: address, tokens and a first query are printed
	@$(RUN) -m jobs key --if-missing
	@$(RUN) -m jobs migrate
	@$(RUN) -m jobs demo --if-empty
	@$(RUN) -m jobs welcome
	@exec $(RUN) -m app

test: .venv/dev ## run every test, on SQLite and on a real PostgreSQL and Valkey
	@$(RUN) -m pytest $(ARGS)

check: .venv/dev ## lint, types, architecture, schema: what CI runs besides the tests
	@$(RUN) -m ruff check .
	@$(RUN) -m ruff format --check .
	@$(RUN) -m mypy
	@.venv/bin/lint-imports
	@$(RUN) -m schema --check

conformance: .venv/dev .tools/ready tests/conformance/node_modules ## ask others' tools (needs Node.js 20)
	@$(RUN) -m tests.conformance

fuzz: .venv/dev .tools/ready ## send 50,000 generated requests (ARGS=2000: that many)
	@$(RUN) -m tests.fuzz $(ARGS)

bench: .venv/dev ## measure beside PostGraphile and the bare limit (SMALL=1: in two minutes; needs npm)
	@$(RUN) -m bench $(if $(SMALL),--reviews 20000 --seconds 1 --rounds 1 --connections 1 8) $(ARGS)

faults: .venv/dev ## kill, stop, stall, fill and cut off what can be (10 minutes; ARGS=--short: one)
	@$(RUN) -m tests.faults $(ARGS)

format: .venv/dev ## put the code in its usual form
	@$(RUN) -m ruff check --fix .
	@$(RUN) -m ruff format .

sdl: .venv/serve ## write schema/schema.graphql, the schema that clients review
	@$(RUN) -m schema

lock: .venv/dev ## resolve the dependencies anew
	@$(RUN) -m uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		pyproject.toml -o requirements.lock
	@$(RUN) -m uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		-c requirements.lock --group dev pyproject.toml -o requirements-dev.lock
	@$(RUN) -m uv pip compile -q --universal --generate-hashes --no-header --python-version 3.11 \
		--group pyproject.toml:tools -o requirements-tools.lock

audit: .tools/ready ## ask PyPI for known vulnerabilities of what is locked
	@.tools/bin/pip-audit --strict --require-hashes --disable-pip -r requirements.lock
	@.tools/bin/pip-audit --strict --require-hashes --disable-pip -r requirements-dev.lock

sbom: .tools/ready ## write var/sbom.json, what the service is made of (CycloneDX)
	@mkdir -p var
	@.tools/bin/cyclonedx-py requirements requirements.lock --pyproject pyproject.toml \
		--output-reproducible --of JSON -o var/sbom.json 2>/dev/null
	@echo var/sbom.json

clean: ## remove the environments, and what was made and served from
	rm -rf .venv .tools var tests/conformance/node_modules tests/conformance/made

.venv/bin/python:
	@command -v $(PYTHON) >/dev/null || { echo "Python is missing: sudo apt-get install python3 python3-venv"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or later is needed: make PYTHON=python3.12 ..."; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv is missing: sudo apt-get install python3-venv"; exit 1; }
	@$(PYTHON) -m venv .venv

.venv/serve: requirements.lock .venv/bin/python
	@echo "Installing what the service needs ..."
	@$(RUN) -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

.venv/dev: requirements-dev.lock .venv/bin/python
	@echo "Installing what the tests need ..."
	@$(RUN) -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ .venv/serve

.tools/ready: requirements-tools.lock .venv/bin/python
	@echo "Installing the tools that look from outside ..."
	@$(RUN) -m venv .tools
	@.tools/bin/pip install -q --disable-pip-version-check --require-hashes -r requirements-tools.lock
	@touch $@

tests/conformance/node_modules: tests/conformance/package-lock.json
	@command -v npm >/dev/null || { echo "Node.js is missing: sudo apt-get install nodejs npm"; exit 1; }
	@npm ci --prefix tests/conformance --no-audit --no-fund --silent
	@touch $@
