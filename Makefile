# `make` lists the targets. PYTHON chooses the interpreter, VENV the environment's folder:
#   make setup PYTHON=python3.9 VENV=some/folder
PYTHON ?=
VENV ?= .venv
ifeq ($(strip $(VENV)),)
    $(error VENV is empty; leave it out, or name a folder: make setup VENV=.venv)
endif
RUN = "$(VENV)/bin/python" -m
# JupyterLab refuses to run as root, who is often the only user of a container.
LAB_FLAGS ?= $(if $(filter 0,$(shell id -u)),--allow-root)
# How many seeded runs of each model `make reproduce` makes, if not those of the command.
SEEDS ?=
# No times of execution, and nothing in the metadata that changes with the Python.
NBCONVERT_FLAGS = --to notebook --execute --inplace \
    --ExecutePreprocessor.record_timing=False \
    --ClearMetadataPreprocessor.enabled=True \
    --ClearMetadataPreprocessor.clear_cell_metadata=False \
    --ClearMetadataPreprocessor.preserve_nb_metadata_mask="{'kernelspec', ('language_info', 'name')}"
# mypy checks the modules that handle plain values; NDArrays have no useful types, their
# shapes and dtypes are in the docstrings.
TYPED = $(addprefix d2l_dropout/, bench book cli.py commands compat/cards.py \
    distributed doctor.py exact_tests.py experiments fashion_mnist files.py intervals.py \
    messages.py metrics.py ports reproduce runs)

.PHONY: help setup chapter reproduce bench lab notebooks site data test test-slow \
    test-examples test-all-pythons check lint wheel clean

help:  ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 26

setup:  ## build the environment in .venv, unless it is up to date
	@sh .ci/setup "$(VENV)" "$(PYTHON)" progress,reproduce,test

data: setup  ## find, download or install Fashion-MNIST
	@sh .ci/data "$(VENV)"

chapter: data  ## run the chapter: ten epochs of both nets, each metric beside the book's
	$(RUN) d2l_dropout chapter

reproduce: data  ## compare the book's sixty metrics with many seeded runs: a page with plots
	$(RUN) d2l_dropout reproduce $(if $(SEEDS),--seeds $(SEEDS)) --report results/report.html

bench: data  ## time training and loading beside the book's own code and PyTorch
	@sh .ci/setup .venvs/bench "$(PYTHON)" progress,reproduce,bench,test
	.venvs/bench/bin/python -m d2l_dropout bench --json results/bench.json \
	    --plot results/bench.svg

lab: setup  ## open the notebooks in JupyterLab
	@sh .ci/setup "$(VENV)" "$(PYTHON)" notebook
	@sh .ci/data "$(VENV)" || echo 'Cell 5 of the notebooks will ask for the data.'
	@sh .ci/jupyter "$(VENV)" jupyterlab --notebook-dir=notebooks \
	    --LabApp.default_url=/lab/tree/dropout.ipynb $(LAB_FLAGS)

notebooks: data  ## execute the notebooks and store their outputs in them
	@sh .ci/setup "$(VENV)" "$(PYTHON)" notebook
	@sh .ci/jupyter "$(VENV)" nbconvert $(NBCONVERT_FLAGS) \
	    notebooks/*.ipynb notebooks/*/*.ipynb

site: setup  ## build static pages of the notebooks, the reproduction and docs/ in site/
	@sh .ci/setup "$(VENV)" "$(PYTHON)" site
	rm -rf site
	"$(VENV)/bin/python" .ci/site/build.py site

test: setup  ## run the quick tests, on real data too if they can be had
	@sh .ci/data "$(VENV)" || echo 'The tests on real data will be skipped.'
	$(RUN) pytest -n auto --dist loadfile

test-slow: data  ## run the slow tests: the notebooks and the chapter on real data
	@sh .ci/setup "$(VENV)" "$(PYTHON)" site
	$(RUN) pytest -m slow

test-examples:  ## run the tests of ports: docs/examples/, and PyTorch, Flax, Keras as `port` writes them
	@sh .ci/setup .venvs/bench "$(PYTHON)" progress,reproduce,bench,test
	.venvs/bench/bin/python -m pytest -q -p no:cacheprovider tests/ports/test_examples.py
	@sh .ci/setup .venvs/ports "$(PYTHON)" frameworks ./ports-only
	.venvs/ports/bin/python -m pytest -q -p no:cacheprovider --noconftest \
	    tests/ports/test_port_command.py tests/ports/test_arrays.py

test-all-pythons:  ## run the quick tests on every Python from 3.8 to 3.13 found here
	@sh .ci/all-pythons

check: lint test  ## check style, format and types, then run the quick tests

lint: setup  ## check style, format and types
	@sh .ci/setup "$(VENV)" "$(PYTHON)" check
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy $(TYPED)

wheel: setup  ## build the wheel in dist/
	@sh .ci/setup "$(VENV)" "$(PYTHON)" check
	$(RUN) build --wheel

clean:  ## remove environments and builds
	rm -rf .venv .venvs build dist site *.egg-info
