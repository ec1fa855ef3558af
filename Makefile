# DiffMM: every target installs what it needs into .venv first.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

# The floor is the lowest accepted version of everything, Python included.
ifeq ($(STACK),floor)
PYTHON ?= python3.10
endif
PYTHON ?= python3.11
VENV ?= .venv
# make presets CXX, so `?=` would never apply.
ifeq ($(origin CXX),default)
CXX := c++
endif

# make splits names at spaces; without a VENV, pip would write into the system.
ifneq ($(words $(VENV)),1)
$(error VENV='$(VENV)': name a folder, without spaces)
endif
ifneq ($(words $(PYTHON)),1)
$(error PYTHON='$(PYTHON)': name an interpreter, without spaces)
endif

STAMPS := $(VENV)/.stamps
PY := $(VENV)/bin/python
CONSTRAINTS := requirements/constraints.txt
# Python compiles the modules that are imported when they are; pip would compile all
# 19,000, which takes a minute.
PIP_INSTALL := $(PY) -m pip install --no-compile --constraint $(CONSTRAINTS)
PIP := $(PIP_INSTALL) --quiet
# One thread in each of a few processes is faster than one process with all cores. What
# is compiled is kept: the tests start many processes.
PYTEST := PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(PY) -m pytest --numprocesses=auto --maxprocesses=4 \
  --dist=worksteal --durations=25 --durations-min=5

.PHONY: help install ops quickstart demo browser test test-docs test-all test-stack lint \
  format doctor clean
.DELETE_ON_ERROR:

# An environment keeps its interpreter. One that make is told to use has to be the same,
# and the stamps mean nothing without it.
ifneq ($(filter-out help clean,$(MAKECMDGOALS)),)
BUILT := $(if $(STACK),.venv-$(STACK),$(VENV))
ifneq ($(shell test -e $(BUILT)/.stamps/venv && ! test -x $(BUILT)/bin/python && echo gone),)
$(error The Python of $(BUILT) is gone. Build it again: rm -rf $(BUILT) && make install)
endif
ifneq ($(origin PYTHON),file)
VERSION := -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null
THERE := $(shell $(BUILT)/bin/python $(VERSION))
ASKED := $(shell $(PYTHON) $(VERSION))
ifneq ($(and $(THERE),$(ASKED),$(filter-out $(THERE),$(ASKED))),)
$(error $(BUILT) has Python $(THERE), not $(ASKED). Remove it first: rm -rf $(BUILT))
endif
endif
# A clone that was moved or copied installs itself again: its environment names the old
# folder. (Behind a link there is the environment of another clone.)
ifneq ($(shell test -d $(VENV) -a ! -L $(VENV) && \
  test "$$(cat $(STAMPS)/project 2>/dev/null)" != "$$(pwd -P)" && echo moved),)
.PHONY: $(STAMPS)/project
endif
endif

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-11s %s\n", $$1, $$2}' \
	  $(firstword $(MAKEFILE_LIST))

install: $(STAMPS)/project ## build .venv with the tested stack and DiffMM in it

ops: $(STAMPS)/ops ## compile mmcv's operators, for those DiffMM does not replace

# What is compiled is kept: the quickstart starts several processes.
quickstart: export PYTHONDONTWRITEBYTECODE :=
quickstart: install ## train, evaluate and draw the miniature (no weights, no data needed)
	$(PY) demo/quickstart.py

demo: $(STAMPS)/demo ## open a page that finds things in pictures (no weights needed)
	$(PY) demo/web_demo.py

browser: $(STAMPS)/browser ## install what tests the page in a browser, but the browser

test: install ## run the tests
	$(PYTEST) -m 'not slow and not docs'

test-docs: install ## run the commands and code of the documentation
	$(PYTEST) -m docs

test-all: install ## run all tests, the slow ones too
	$(PYTEST)

test-stack: ## run the tests on other versions: STACK=fork or STACK=floor (docs/stacks.md)
	@[[ '$(words $(STACK))' = 1 && ' $(STACKS) ' = *' $(STACK) '* ]] || { \
	  echo "error: STACK='$(STACK)' is none of: $(STACKS)" >&2; exit 1; }
	@$(MAKE) --no-print-directory .venv-$(STACK)/.stamps/stack
	.venv-$(STACK)/bin/python -m diffmm.doctor
	$(subst $(PY),.venv-$(STACK)/bin/python,$(PYTEST)) -m 'not slow and not docs'

lint: $(STAMPS)/lint ## check style (ruff) and spelling (codespell)
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m codespell_lib

format: $(STAMPS)/lint ## correct style (ruff)
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

doctor: install ## check the environment
	$(PY) -m diffmm.doctor

clean: ## remove caches and build results; keeps .venv, data and work_dirs
	rm -rf build dist .pytest_cache .ruff_cache *.egg-info
	find . -path ./$(VENV) -prune -o -type d -name __pycache__ -print0 | \
	  xargs -0 rm -rf

# --- the environment, one stamp for each step, so that a second run is instant -------

# The interpreter is run, not looked up: pyenv has commands for those that it does not
# start. Without ensurepip (Debian's python3-venv), venv leaves an environment without
# pip, which the next try has to complete.
define create_venv
{ $(PYTHON) --version >/dev/null 2>&1 || { \
    echo "error: no '$(PYTHON)' here. Install Python 3.11, or name one:" \
         "make PYTHON=/path/to/python3.11 ..." >&2; exit 1; }; \
  $(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] < (3, 14))' \
  || { echo "error: '$(PYTHON)' is $$($(PYTHON) --version 2>&1); DiffMM needs" \
            "Python 3.10 to 3.13 (tested: 3.11)" >&2; exit 1; }; \
  $(1)/bin/python -m pip --version >/dev/null 2>&1 || { \
    echo '==> creating $(1)'; $(PYTHON) -m venv $(1); }; }
endef

$(STAMPS)/venv: requirements/build.txt $(CONSTRAINTS)
	@$(call create_venv,$(VENV))
	@mkdir -p $(STAMPS)
	$(PIP) -r requirements/build.txt
	@touch $@

$(STAMPS)/torch: requirements/torch.txt $(STAMPS)/venv
	@echo '==> installing PyTorch'
	$(PIP_INSTALL) -r requirements/torch.txt
	@touch $@

# mmcv's released wheels stop at an older PyTorch, so its operators would have to be
# compiled. DiffMM replaces those that its hosts use (diffmm/operators), so a wheel
# without any is enough; compiled ones that are there stay.
COMPILED := $(PY) -c 'import torch, mmcv._ext' 2>/dev/null

$(STAMPS)/mmcv: requirements/mmcv-lite.txt $(STAMPS)/torch
	@if $(COMPILED); then echo '==> keeping mmcv with its compiled operators'; else \
	  echo '==> installing mmcv without operators; DiffMM replaces what it needs'; \
	  $(PY) -m pip uninstall --yes --quiet mmcv 2>/dev/null; \
	  $(PIP) -r requirements/mmcv-lite.txt; fi
	@touch $@

# The wheel is built before anything is removed: an interrupted `make ops` breaks nothing.
# pip keeps the finished wheel in its cache: a second environment takes seconds.
$(STAMPS)/ops: requirements/mmcv.txt $(STAMPS)/torch | $(STAMPS)/project
	@if $(COMPILED); then echo "==> mmcv's operators are compiled already"; else \
	  command -v $(CXX) >/dev/null || { \
	    echo "error: no C++ compiler '$(CXX)' here. Install one (Debian, Ubuntu: sudo" \
	         "apt-get install g++; macOS: xcode-select --install)," \
	         "or name one: make ops CXX=/path/to/g++" >&2; exit 1; }; \
	  echo '==> building mmcv with its operators (the first time 7 to 17 minutes on two' \
	       'cores; log: $(STAMPS)/mmcv.log)'; \
	  rm -rf $(STAMPS)/wheels; \
	  MMCV_WITH_OPS=1 CXX=$(CXX) $(PY) -m pip wheel --constraint $(CONSTRAINTS) \
	    --verbose --no-deps --no-build-isolation --wheel-dir $(STAMPS)/wheels \
	    -r requirements/mmcv.txt 2>&1 \
	    | tee $(STAMPS)/mmcv.log \
	    | { grep --line-buffered -oE '^ *\[[0-9]+/[0-9]+\]' || true; } \
	    || { tail -n 40 $(STAMPS)/mmcv.log >&2; exit 1; }; \
	  $(PY) -m pip uninstall --yes --quiet mmcv mmcv-lite 2>/dev/null; \
	  $(PIP) --no-deps $(STAMPS)/wheels/mmcv-*.whl; \
	  rm -rf $(STAMPS)/wheels; fi
	@$(PY) -c 'import torch, mmcv._ext' || { \
	  echo 'error: mmcv stands without its operators. Remove it and the copy in' \
	       "pip's cache, then run make ops again: $(PY) -m pip uninstall -y mmcv;" \
	       '$(PY) -m pip cache remove mmcv' >&2; exit 1; }
	@touch $@

# xtcocotools imports numpy in its setup.py, hence no build isolation.
$(STAMPS)/packages: $(addprefix requirements/,runtime.txt seg.txt det.txt pose.txt \
    peft.txt dev.txt lint.txt pose-nodeps.txt) $(STAMPS)/mmcv
	@echo '==> installing mmsegmentation, mmdetection, mmpose, diffusers and tools'
	@$(PIP) --no-build-isolation $(foreach name,runtime seg det pose peft dev,\
	  -r requirements/$(name).txt) || { \
	  echo 'error: see above. xtcocotools has wheels for Python 3.10 and 3.11 on Linux' \
	       '(x86-64) only; elsewhere pip needs a C compiler to build it' >&2; exit 1; }
	$(PIP) --no-deps -r requirements/pose-nodeps.txt
	@touch $@

$(STAMPS)/project: setup.py pyproject.toml $(STAMPS)/packages
	$(PIP) --no-build-isolation --no-deps --editable .
	@pwd -P > $@

$(STAMPS)/demo: requirements/demo.txt requirements/demo-needs.txt | $(STAMPS)/project
	@echo '==> installing gradio'
	$(PIP) -r requirements/demo-needs.txt
	$(PIP) --no-deps -r requirements/demo.txt
	@touch $@

$(STAMPS)/browser: requirements/browser.txt | $(STAMPS)/demo
	$(PIP) -r requirements/browser.txt
	@touch $@

# --- other stacks: a file that pins everything, an environment of its own ------------

STACKS := $(basename $(notdir $(wildcard requirements/stacks/*.txt)))

# torch brings its CUDA libraries. Everything else comes without what its metadata asks
# for: mmpose names a package that does not build, and DiffMM the released mmengine.
# xtcocotools and DiffMM see the numpy and setuptools that stand here; onedl-mmcv must
# not see torch, or it compiles its operators.
.venv-%/.stamps/stack: requirements/stacks/%.txt setup.py pyproject.toml
	@$(call create_venv,.venv-$*)
	@mkdir -p $(@D)
	.venv-$*/bin/python -m pip install --constraint $< \
	  setuptools wheel cython numpy torch torchvision
	.venv-$*/bin/python -m pip install --quiet --constraint $< --no-deps \
	  --no-build-isolation xtcocotools
	.venv-$*/bin/python -m pip install --quiet --no-deps -r $<
	.venv-$*/bin/python -m pip install --quiet --no-deps --no-build-isolation \
	  --editable .
	@touch $@

$(STAMPS)/lint: requirements/lint.txt $(STAMPS)/venv
	$(PIP) -r requirements/lint.txt
	@touch $@
