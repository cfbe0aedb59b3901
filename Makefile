PYTHON ?= python3
BIN := .venv/bin
QUICKSTART := runs/quickstart
REPRODUCE ?=
BENCH ?=
TORTURE ?=
RANGES ?=
# A module stays in one process, which has its fixtures.
PYTEST := $(BIN)/pytest -q --numprocesses auto --maxprocesses 8 --dist loadscope

.PHONY: help install quickstart reproduce-paper reproduce-smoke test test-slow lint constraints audit ranges format smoke bench torture docs docs-serve clean

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	$(PYTHON) -m venv .venv

.venv/offline: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --editable '.[offline]'
	touch $@

.venv/dev: pyproject.toml | $(BIN)/python
	$(BIN)/pip install --quiet --editable '.[dev]'
	touch $@ .venv/offline

install: .venv/dev ## Make .venv with the package and everything for development

quickstart: .venv/offline ## Train on built-in pictures, score, show where the samples are
	rm -rf $(QUICKSTART)
	$(BIN)/sngan-train +experiment=quickstart run_dir=$(QUICKSTART)
	$(BIN)/sngan-eval $(QUICKSTART) extractor=efficientnet_lite0 protocol=quickstart
	@echo "samples: $$(ls $(QUICKSTART)/samples/*.png | tail -n 1)"

reproduce-paper: .venv/offline ## Train and score every cell of the paper, or what is left of it; write the report
	@case ' $(REPRODUCE) ' in \
	*' extractor='* | *' --list '* | *' --dry-run '*) ;; \
	*) $(BIN)/sngan-eval --fetch-inception ;; \
	esac || { echo "without network: make reproduce-paper REPRODUCE=extractor=efficientnet_lite0" >&2; exit 2; }
	$(BIN)/sngan-reproduce $(REPRODUCE); status=$$?; $(BIN)/sngan-report runs/reproduce/paper; exit $$status

reproduce-smoke: .venv/dev ## The same with tiny networks and built-in pictures, on two cores in minutes
	OMP_NUM_THREADS=1 $(BIN)/sngan-reproduce --scale smoke --seeds 1 hydra/launcher=joblib hydra.launcher.n_jobs=2; status=$$?; \
	$(BIN)/sngan-report runs/reproduce/smoke; exit $$status

test: .venv/dev ## Run the tests, in as many processes as there are cores
	$(PYTEST)

test-slow: .venv/dev ## Run those that take longer, or install into empty environments
	$(PYTEST) -m slow

lint: .venv/dev ## Check style, types, and that imports are declared
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/deptry sngan
	$(BIN)/deptry scripts tests --ignore DEP002,DEP004

constraints: .venv/dev ## Pin what PyPI has now of every dependency, for all Pythons, in constraints.txt
	$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.10 --upgrade \
		--no-annotate --custom-compile-command "make constraints" --quiet --output-file constraints.txt

audit: .venv/dev ## Ask PyPI for known holes in what constraints.txt names; needs network
	$(BIN)/pip-audit --strict --disable-pip --no-deps --requirement constraints.txt

ranges: .venv/dev ## Try the oldest and the newest dependencies that are declared; needs network
	$(BIN)/python -m scripts.dependency_ranges $(RANGES)

format: .venv/dev ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

smoke: .venv/dev ## A few steps of the real commands
	$(BIN)/sngan-train +scale=smoke dataset=synthetic run_dir=runs/smoke
	$(BIN)/sngan-eval runs/smoke extractor=efficientnet_lite0 protocol=quickstart

bench: .venv/dev ## Time whole training iterations, also of other programs; BENCH="--mimicry DIR iterations"
	$(BIN)/python -m scripts.benchmark $(BENCH)

torture: .venv/dev ## Kill, damage and interrupt the real commands, and count; TORTURE="--minutes 30"
	$(BIN)/python -m scripts.torture $(TORTURE)

docs: .venv/dev ## Build the site of the pages in build/site, strictly
	NO_MKDOCS_2_WARNING=1 $(BIN)/python -m mkdocs build --strict --quiet

docs-serve: .venv/dev ## Show the site on this machine, and follow changes
	$(BIN)/python -m mkdocs serve --watch README.md --watch CONTRIBUTING.md --watch sngan --watch configs

clean: ## Remove what builds and checks leave; runs and data stay
	rm -rf build dist .pytest_cache .ruff_cache .mypy_cache
