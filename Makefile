# Everything runs in .venv, made by the first target that needs it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: demo test check lint types layers format bundle default-bundle corpus-report wheel bench clean

$(VENV)/.base: pyproject.toml constraints.txt
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) install -q -c constraints.txt -e ".[training,report]"
	touch $@

$(VENV)/.dev: $(VENV)/.base
	$(PIP) install -q -c constraints.txt -e ".[dev]"
	touch $@

# Train on seeds/, log the run, predict the three seed articles, show the table.
demo: $(VENV)/.base
	$(BIN)/quotestance train configs/train/linear.yaml seed=1
	$(BIN)/quotestance predict seeds/articles --date 2013-10-11 --model build/model -o build/positions.jsonl
	$(BIN)/quotestance export build/positions.jsonl -o build/positions.parquet
	$(BIN)/quotestance report build/positions.jsonl -o build/positions.html
	@echo
	@echo "Open next:"
	@echo "  build/positions.html                 every quote with speaker, side, stance and reason"
	@echo "  build/positions.jsonl, .parquet      the same rows for your own analysis"
	@echo "  $(BIN)/mlflow ui --backend-store-uri sqlite:///build/mlflow.db   the tracked run"

test: $(VENV)/.dev
	HF_HUB_OFFLINE=1 $(BIN)/python -m pytest -n 2 --dist loadfile

check: lint types layers test

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

layers: $(VENV)/.dev
	$(BIN)/lint-imports

format: $(VENV)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# Rebuild the small bundles in the wheel; the same sources give the same digests.
bundle: $(VENV)/.base
	$(BIN)/quotestance train configs/train/quotes.yaml tracking.enabled=false output=inference/quotestance/data/quotes
	$(BIN)/quotestance train configs/train/linear.yaml tracking.enabled=false output=inference/quotestance/data/linear

# The default bundle, an hour and a half on two cores; PUBLIC is the folder of the public sets.
default-bundle: $(VENV)/.dev
	$(BIN)/quotestance train configs/train/distil.yaml data.public=$(PUBLIC) output=inference/quotestance/data/default

corpus-report: $(VENV)/.dev
	$(BIN)/quotestance corpus-report

wheel: $(VENV)/.dev
	$(BIN)/python -m build --wheel

bench: $(VENV)/.dev
	$(BIN)/python benchmarks/chain.py
	$(BIN)/python benchmarks/linking.py

clean:
	rm -rf build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
