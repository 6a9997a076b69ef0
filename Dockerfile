# JupyterLab with the notebooks and the data, for a user who is not root:
#     docker build -t d2l-dropout .
#     docker run --rm -p 8888:8888 d2l-dropout
# Binder builds this file as well, and .devcontainer/ uses it. `.ci/run-dockerfile` runs
# its instructions in a clean root without Docker: it knows those that stand here.
# (MXNet's wheel loads libgomp1 and what libgfortran5 depends on.)
FROM debian:12-slim
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        ca-certificates dataset-fashion-mnist git make python3-venv \
        libgomp1 libgfortran5 \
    && rm -rf /var/lib/apt/lists/*
# Binder chooses both.
ARG NB_USER=reader
ARG NB_UID=1000
ENV HOME=/home/$NB_USER
# The environment lies beside the checkout: a dev container mounts its own checkout over
# this one, and must not lose the environment, nor rebuild the one that is in it.
ENV VENV=$HOME/venv
ENV PATH=$VENV/bin:$PATH
WORKDIR $HOME/d2l-dropout
COPY . .
RUN useradd --uid $NB_UID --home-dir $HOME --shell /bin/bash $NB_USER \
    && chown -R $NB_USER $HOME
USER $NB_USER
RUN make setup && sh .ci/setup $VENV "" notebook && rm -rf $HOME/.cache
EXPOSE 8888
CMD ["make", "lab", "LAB_FLAGS=--ip=0.0.0.0 --no-browser"]
