# Builds on any machine that has the image's registry; runs as an ordinary user, with real keys, since it listens beyond loopback.
FROM debian:trixie-slim AS build
RUN apt-get update && apt-get install --yes --no-install-recommends nodejs npm ca-certificates && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/haneul
COPY haneul package.json package-lock.json tsconfig.json ./
COPY scripts scripts
COPY src src
COPY console console
RUN ./haneul --version \
  && "$(cat .runtime/node)" scripts/build-console.ts && rm -r console/src \
  && npm prune --omit=dev --ignore-scripts --no-audit --no-fund \
  && touch .runtime/packages .runtime/models

FROM debian:trixie-slim
# Node needs libatomic and libstdc++.
RUN apt-get update && apt-get install --yes --no-install-recommends libatomic1 libstdc++6 ca-certificates && rm -rf /var/lib/apt/lists/* \
  && useradd --system --create-home --home-dir /var/lib/haneul haneul
COPY --from=build /opt/haneul /opt/haneul
RUN ln -s /opt/haneul/haneul /usr/local/bin/haneul
USER haneul
ENV HANEUL_DATA=/var/lib/haneul/data NODE_COMPILE_CACHE=/var/lib/haneul/compile-cache
VOLUME /var/lib/haneul
EXPOSE 4566
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=5s CMD ["haneul", "status", "--json"]
# `docker exec CONTAINER haneul env` prints the root key that the first start mints.
ENTRYPOINT ["haneul"]
CMD ["up", "--host", "0.0.0.0", "--no-test-key"]
