# An image of the server: `docker build --tag groundlevel .`, or `docker compose up`.

FROM python:3.13-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/groundlevel
WORKDIR /build
COPY requirements.lock ./
RUN /opt/groundlevel/bin/python -m pip install --require-hashes --requirement requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY src ./src
RUN /opt/groundlevel/bin/python -m pip install --no-deps --no-build-isolation . \
    && /opt/groundlevel/bin/python -m pip uninstall --yes setuptools pip

FROM python:3.13-slim
LABEL org.opencontainers.image.title="GroundLevel" \
      org.opencontainers.image.description="A self-hosted custom-objects platform that speaks HighLevel's Objects API." \
      org.opencontainers.image.licenses="Apache-2.0"
# The number is fixed, so that a volume keeps its owner from one image to the next.
RUN groupadd --system --gid 10001 groundlevel \
    && useradd --system --uid 10001 --gid groundlevel --no-create-home --home-dir /data --shell /usr/sbin/nologin groundlevel \
    && install --directory --owner=groundlevel --group=groundlevel --mode=0750 /data
COPY --from=build /opt/groundlevel /opt/groundlevel
# Other machines have to reach the server through the container's address; which of them may is the publisher of the port's
# decision. A groundlevel.toml in /data is read too.
ENV PATH=/opt/groundlevel/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    GROUNDLEVEL_HOST=0.0.0.0 \
    GROUNDLEVEL_PORT=8080 \
    GROUNDLEVEL_DATABASE=sqlite:////data/groundlevel.db
USER groundlevel
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["groundlevel", "healthcheck"]
ENTRYPOINT ["groundlevel"]
CMD ["serve"]
