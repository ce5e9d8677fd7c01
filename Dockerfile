# The command line in a container: no root, no privileges, Docker's default profile. `docker run --rm apps-plus doctor`
# says which layers of the sandbox are in force there.
ARG PYTHON=3.12
FROM python:${PYTHON}-slim
WORKDIR /opt/apps-plus
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY apps_plus apps_plus
COPY harness harness
COPY curation curation
COPY leaderboards leaderboards
COPY stepcoder stepcoder
ARG EXTRAS=plots,api,serve
RUN python -m pip install --no-cache-dir --root-user-action ignore --constraint constraints.txt ".${EXTRAS:+[$EXTRAS]}" \
    && useradd --create-home --uid 1000 judge \
    && mkdir /work && chown judge /work
USER judge
# Of `apps-plus serve --host 0.0.0.0`, which needs a token: docs/serve.md.
EXPOSE 8080
WORKDIR /work
ENTRYPOINT ["apps-plus"]
CMD ["--help"]
