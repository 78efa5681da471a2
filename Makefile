# Set-up is part of every target: .venv is made from requirements.lock once, and again only when the lock changes.
PYTHON ?= python3
VENV ?= .venv
BIN := $(VENV)/bin
ARGS ?=

.PHONY: setup setup-ray setup-slurm sweep report reproduce bench bench-quick bench-report test test-fast test-pythons \
  test-slow test-gpu lint format ui server chaos docs lock clean

setup: $(VENV)/.ready

$(VENV)/.ready: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "seqprobe needs Python 3.11 or newer: make PYTHON=python3.12 …")'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $@

# What hydra/launcher=ray and hydra/launcher=slurm need besides.
setup-ray: $(VENV)/.ray

setup-slurm: $(VENV)/.slurm

sweep: setup
	@$(BIN)/python pipelines/sweep.py $(ARGS)

report: setup
	@$(BIN)/python pipelines/compare.py $(ARGS)

reproduce: setup
	@$(BIN)/python pipelines/reproduce.py $(ARGS)
	@$(BIN)/python docs/tables.py

bench: setup
	@$(BIN)/python pipelines/bench.py $(ARGS)

# What became slower than docs/benchmarks.md keeps, by ratio to a bare loop in the same process: a report, in 90 seconds.
bench-quick: setup
	@$(BIN)/python pipelines/bench.py against=docs/benchmarks.md page=null rounds=4 seconds=0.2 profile=false 'seeds=[5]' \
	  'engines=[stacked,compiled]' $(ARGS)

bench-report: setup
	@$(BIN)/python -m seqprobe.bench.report $(ARGS)

test: lint test-fast

test-fast: setup
	@$(BIN)/pytest -n 2 --dist loadgroup -m "not slow and not gpu" $(ARGS)

# The fast tests with every interpreter that can be called, each in an environment of its own.
PYTHONS ?= python3.11 python3.12 python3.13 python3.14
test-pythons:
	@tested=; for python in $(PYTHONS); do \
	  $$python -c '' 2> /dev/null || { echo "$$python: not found"; continue; }; \
	  $(MAKE) --no-print-directory test-fast PYTHON=$$python VENV=.venv-$${python##*/} || exit 1; \
	  tested="$$tested $$python"; \
	done; echo "Tested with:$${tested:- nothing}"; [ -n "$$tested" ]

test-slow: setup $(VENV)/.docs $(VENV)/.onnx $(VENV)/.ray $(VENV)/.server $(VENV)/.slurm $(VENV)/.triton
	@$(BIN)/pytest -n 2 --dist loadgroup -m "slow and not gpu" $(ARGS)

# In one process, for the GPU is one; -s prints the figures that are measured.
test-gpu: setup
	@$(BIN)/pytest -m gpu -rs -s $(ARGS)

lint: setup
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

format: setup
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

ui: setup
	@$(BIN)/python pipelines/ui.py $(ARGS)

# A server for a laboratory: PostgreSQL and MLflow in containers (docs/scaling.md); SEQPROBE_DB_PASSWORD has to be set.
server:
	@docker compose --file conf/server/compose.yml up --build --detach --wait $(ARGS)

chaos: setup
	@PYTHONPATH=tests $(BIN)/python -m chaos.monkey $(ARGS)

# What extras need beyond requirements.lock, each from a lock of its own.
$(foreach extra,docs onnx ray server slurm,$(VENV)/.$(extra)): $(VENV)/.%: requirements-%.lock $(VENV)/.ready
	$(BIN)/pip install --quiet --disable-pip-version-check -r $<
	@touch $@

# Beside the other packages: torch imports Triton wherever it finds it, and without a GPU only a few tests need it.
$(VENV)/.triton: requirements-triton.lock $(VENV)/.ready
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --upgrade --target $(VENV)/triton \
	  -r requirements-triton.lock
	@touch $@

docs: setup $(VENV)/.docs
	@$(BIN)/python docs/tables.py
	@$(BIN)/python -m sphinx --quiet --fail-on-warning --keep-going --builder html docs docs/_build/html $(ARGS)
	@echo "Open docs/_build/html/index.html"

CUDA := cuda-bindings cuda-pathfinder cuda-toolkit nvidia-cublas nvidia-cuda-cupti nvidia-cuda-nvrtc nvidia-cuda-runtime nvidia-cudnn-cu13 nvidia-cufft nvidia-cufile nvidia-curand nvidia-cusolver nvidia-cusparse nvidia-cusparselt-cu13 nvidia-nccl-cu13 nvidia-nvjitlink nvidia-nvshmem-cu13 nvidia-nvtx triton

COMPILE = $(BIN)/uv pip compile pyproject.toml --universal --python-version 3.11 --no-emit-index-url --no-header \
  --no-annotate --quiet $(foreach name,$(CUDA),--no-emit-package $(name))

# The same lock serves CPU and GPU machines: torch is pinned, what only its CUDA build needs is left to it.
# requirements-docs.lock has what the site needs beyond requirements.lock, the others what their extras need.
# Triton is the compiler of kernels, which torch itself brings to machines with a GPU.
lock: setup
	@$(BIN)/pip install --quiet uv
	@$(COMPILE) --extra dev -o requirements.lock
	@$(COMPILE) --extra docs -c requirements.lock -o $(VENV)/docs.lock
	@grep -vxFf requirements.lock $(VENV)/docs.lock > requirements-docs.lock
	@for extra in onnx ray server slurm; do \
	  $(COMPILE) --extra $$extra -c requirements.lock -o $(VENV)/$$extra.lock && \
	  grep -vxFf requirements.lock $(VENV)/$$extra.lock > requirements-$$extra.lock || exit 1; \
	done
	@$(subst --no-emit-package triton,,$(COMPILE)) --extra triton -c requirements.lock -o $(VENV)/triton.lock
	@grep -vxFf requirements.lock $(VENV)/triton.lock > requirements-triton.lock

clean:
	rm -rf .venv .venv-python3.* .mypy_cache .pytest_cache .ruff_cache build dist docs/_build
