# `make` lists the targets. PYTHON chooses the interpreter, VENV the environment's folder:
#   make setup PYTHON=python3.9 VENV=some/folder
PYTHON ?=
VENV ?= .venv
RUN = "$(VENV)/bin/python" -m
# A container's only user is often root, whom JupyterLab otherwise turns away.
LAB_FLAGS ?= $(if $(filter 0,$(shell id -u)),--allow-root)
# Runs of each model and kind.
SEEDS ?= 10
# Types are checked where there are plain values; arrays say theirs in docstrings.
TYPED = $(addprefix d2l_dropout/, answers.py bench book cli.py commands compat/cards.py \
    claims distributed doctor.py fashion_mnist metrics.py ports problems reproduce runs studies)

.PHONY: help setup chapter reproduce bench lab notebooks data test test-slow test-examples \
    test-all-pythons check lint wheel clean

help:  ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 26

setup:  ## build the environment, unless that is done
	@sh .ci/setup "$(VENV)" "$(PYTHON)" progress,reproduce,test

data: setup  ## make sure that Fashion-MNIST is on this machine
	@sh .ci/data "$(VENV)"

chapter: data  ## run the chapter: ten epochs of both models, the book's figures beside ours
	$(RUN) d2l_dropout chapter

reproduce: data  ## set the book's sixty figures against many seeded runs: a page with plots
	$(RUN) d2l_dropout reproduce --seeds $(SEEDS) --report results/report.html

bench: data  ## time training and loading against the book's way and PyTorch
	@sh .ci/setup .venvs/bench "$(PYTHON)" progress,reproduce,bench,test
	.venvs/bench/bin/python -m d2l_dropout bench --json results/bench.json \
	    --plot results/bench.svg

lab: setup  ## open the notebooks in JupyterLab
	@sh .ci/setup "$(VENV)" "$(PYTHON)" notebook
	@sh .ci/data "$(VENV)" || echo 'Cell 5 of the notebooks will ask for the data.'
	@sh .ci/lab "$(VENV)" $(LAB_FLAGS)

notebooks: data  ## execute the notebooks and keep their outputs
	$(RUN) d2l_dropout.book.cells notebooks/*.ipynb

test: setup  ## run the quick tests (on real data too, where it can be had)
	@sh .ci/data "$(VENV)" || echo 'The tests on real data will be skipped.'
	$(RUN) pytest

test-slow: data  ## run the long tests: both notebooks and the chapter on real data
	$(RUN) pytest -m slow

test-examples:  ## run the tests of the ports in docs/examples/, that in PyTorch too
	@sh .ci/setup .venvs/bench "$(PYTHON)" progress,reproduce,bench,test
	.venvs/bench/bin/python -m pytest -q -p no:cacheprovider tests/ports/test_examples.py

test-all-pythons:  ## run the quick tests under every Python from 3.8 to 3.13 found here
	@sh .ci/all-pythons

check: lint test  ## lint, format, types and the quick tests

lint: setup  ## lint, format and types alone
	@sh .ci/setup "$(VENV)" "$(PYTHON)" check
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy $(TYPED)

wheel: setup  ## build dist/*.whl
	@sh .ci/setup "$(VENV)" "$(PYTHON)" check
	$(RUN) build --wheel

clean:  ## remove what the targets above made
	rm -rf .venv .venvs build dist *.egg-info
