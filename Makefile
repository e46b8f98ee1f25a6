# make run    brings everything up        make test   checks everything
PYTHON ?= python3
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
export PORT
# Dozens of processes start here: what Python compiled for one serves the next, whatever the shell says of bytecode.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check setup setup-dev lock reset screenshots look test-drills test-more test-bluesky test-oidc browser judges

run: setup
	@exec $(BIN)/python manage.py up

test: setup-dev browser
	@sh scripts/test.sh

check: setup-dev
	@sh scripts/check.sh

setup:
	@$(PYTHON) scripts/setup.py requirements.lock

setup-dev:
	@$(PYTHON) scripts/setup.py requirements-dev.lock

browser:
	@sh scripts/browser.sh

lock: setup-dev
	@sh scripts/lock.sh

reset: setup
	@$(BIN)/python manage.py reset

screenshots: setup-dev browser
	@$(BIN)/python scripts/screenshots.py

look: setup-dev browser
	@$(BIN)/python scripts/look.py

judges: setup
	@sh scripts/judges.sh

test-more: setup-dev browser
	@SMMP_BOTH_LOOKS=1 $(BIN)/python -m pytest tests/journeys -m "more or not more" -n 2 --dist load
	@SMMP_EVERY_ROLE=1 $(BIN)/python -m pytest tests/access/test_matrix.py tests/access/test_trail_closed.py -n 2 --dist load
	@SMMP_MORE_STATES=40 $(BIN)/python -m pytest tests/retention/test_model.py tests/retention/test_state_machine.py -n 2 --dist load

test-drills: setup-dev
	@$(BIN)/python -m pytest tests/smmp -m drill

test-bluesky: setup-dev
	@$(BIN)/python scripts/bluesky_network.py

test-oidc: setup-dev
	@$(BIN)/python scripts/oidc_provider.py
