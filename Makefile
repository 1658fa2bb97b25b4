# Two commands: « make repro » runs the chain, « make test » checks it. Windows: see README.md.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export PYTHONUTF8 := 1

.PHONY: setup repro test lint lock

setup: $(VENV)/installed

$(VENV)/installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "Erreur : Python 3.11 ou plus récent est nécessaire (make PYTHON=python3.12 …)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --no-compile --no-deps --requirement requirements.lock --editable .
	@# The libraries' own tests weigh 50 MB and nobody runs them here.
	@find $(VENV)/lib -type d -name tests -prune -exec rm -rf {} +
	@touch $@

repro: setup
	@$(BIN)/python -m pipeline.preflight
	@$(BIN)/dvc repro

test: setup
	@$(BIN)/python -m pytest

lint: setup
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

# After a change of dependencies in pyproject.toml; needs uv. No address is written.
lock:
	uv pip compile --quiet --universal --no-header --extra dev --output-file requirements.lock pyproject.toml
