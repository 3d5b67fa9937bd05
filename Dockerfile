# syntax=docker/dockerfile:1
# One image for every role; the command chooses: webhook, audio-worker, feedback-worker, migrate …

FROM swift:6.3-bookworm AS build
SHELL ["/bin/bash", "-euo", "pipefail", "-c"]
WORKDIR /src
COPY scripts/packages.txt scripts/
RUN export DEBIAN_FRONTEND=noninteractive; \
    apt-get -q update; \
    awk '/^[a-z]/ && $1 ~ /(^|,)build(,|$)/ { print $2 }' scripts/packages.txt \
        | xargs apt-get -q install -y --no-install-recommends; \
    rm -rf /var/lib/apt/lists/*
# The manifest names test targets, so their folders have to be there, though none is built.
COPY Package.swift ./
COPY Sources Sources
COPY Tests Tests
COPY migrations migrations
# The products go out in the same step: the cache is no layer of the image.
RUN --mount=type=cache,target=/src/.build \
    swift build -c release --product speechcoach --static-swift-stdlib \
        --explicit-target-dependency-import-check error; \
    products=$(swift build -c release --show-bin-path --static-swift-stdlib); \
    install -D -t /out/bin "$products/speechcoach"; \
    find "$products" -maxdepth 1 -name '*.resources' -exec cp -R -t /out/bin {} +; \
    install -D -t /out/libexec /usr/libexec/swift/linux/swift-backtrace-static

FROM debian:bookworm-slim
COPY scripts/packages.txt /tmp/packages.txt
RUN export DEBIAN_FRONTEND=noninteractive \
    && apt-get -q update \
    && awk '/^[a-z]/ && $1 ~ /(^|,)image(,|$)/ { print $2 }' /tmp/packages.txt \
        | xargs apt-get -q install -y --no-install-recommends \
    && rm -rf /var/lib/apt/lists/* /tmp/packages.txt
WORKDIR /opt/speechcoach
COPY --from=build /out/ ./
COPY Samples Samples
# A crash report names functions, not the contents of registers or memory.
ENV PATH=/opt/speechcoach/bin:$PATH \
    HOST=0.0.0.0 \
    PORT=8080 \
    LOG_FORMAT=json \
    SPEECHCOACH_DATA=/tmp/speechcoach \
    SWIFT_BACKTRACE=enable=yes,interactive=no,color=no,registers=none,sanitize=yes,swift-backtrace=/opt/speechcoach/libexec/swift-backtrace-static
# A number, so that a cluster can see that it is not root.
USER 10001:10001
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=5s --start-period=20s \
    CMD ["speechcoach", "healthcheck", "--url", "http://127.0.0.1:8080/health/live"]
ENTRYPOINT ["speechcoach"]
CMD ["--help"]
