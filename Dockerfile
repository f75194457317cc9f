# The image holds the program and the libraries it loads, and nothing else: no shell, no tools.
# `make image` builds it; every setting below the last FROM also applies to `scripts/image --from-build`.

FROM debian:trixie-slim AS build
RUN apt-get update \
    && apt-get install -y --no-install-recommends \
        binutils ca-certificates ccache cmake g++ ninja-build pkg-config \
        libacl1-dev libarchive-dev libattr1-dev libboost-dev libboost-filesystem-dev libcli11-dev \
        libcpp-httplib-dev libcurl4-openssl-dev libexpat1-dev libhowardhinnant-date-dev libpq-dev libsodium-dev libspdlog-dev \
        libsqlite3-dev libssl-dev libyaml-cpp-dev libxxhash-dev libzstd-dev nlohmann-json3-dev tzdata zlib1g-dev \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /source
COPY . .
RUN --mount=type=cache,target=/root/.cache/ccache \
    cmake --preset release -DCMAKE_BUILD_TYPE=Release -DCOFFERDAM_TESTS=OFF \
    && cmake --build --preset release --target cofferdam \
    && scripts/pack-rootfs build/release/cofferdam /rootfs

FROM scratch
ARG VERSION=0.0.0
LABEL org.opencontainers.image.title="Cofferdam" \
      org.opencontainers.image.description="Backup and restore of live Docker Compose stacks" \
      org.opencontainers.image.source="https://github.com/cofferdam/cofferdam" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.licenses="Apache-2.0"
COPY --from=build /rootfs/ /
ENV SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s --start-period=10s CMD ["/cofferdam", "health"]
ENTRYPOINT ["/cofferdam"]
CMD ["serve"]
