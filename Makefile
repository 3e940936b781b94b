# Everything below sets itself up: only Python 3.11+ and make are needed.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: run test check bench properties soak docs constraints clean

run: $(READY)  ## make the demo town and open it
	$(BIN)/assetmap demo

test: check  ## everything that CI asks for
	$(BIN)/python -m pytest -n 2 --dist loadfile

check: $(READY)  ## lint, types, import floors
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: $(READY)  ## ratios, one JSON object a line; BENCH=name chooses
	$(BIN)/python -m benchmarks $(BENCH)

properties: $(READY)  ## each property with all its examples; make test tries a third of those that take long
	ASSETMAP_ALL_EXAMPLES=1 $(BIN)/python -m pytest -n 2 --dist loadfile -k property

soak: $(READY)  ## kills, many writers, full disks: minutes; SOAK="kill --short" chooses
	$(BIN)/python -m soak $(SOAK)

docs: $(READY)  ## the documents as a web site in site/
	$(BIN)/mkdocs build --strict

constraints: $(READY)  ## write down the versions in use
	{ echo "# Versions the tests ran with, one per line; no addresses. Renew with: make constraints"; \
	  $(BIN)/python -m pip freeze --exclude-editable --exclude assetmap; } > constraints.txt

$(READY): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("assetmap needs Python 3.11 or newer, found " + sys.version.split()[0] + "; run: make PYTHON=/path/to/python3.11 run" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf $(VENV) .venv-bench site build dist
