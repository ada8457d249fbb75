# Hoistway in a container (docs/docker.md). Three stages: what builds it, what it needs to run, and the image, which has no npm packages for development.
FROM node:20-bookworm-slim AS build
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts --no-fund --no-audit
COPY tsconfig.json tsconfig.base.json ./
COPY src src
COPY simulators simulators
COPY dashboards/web dashboards/web
RUN npm run build

FROM node:20-bookworm-slim AS modules
WORKDIR /src
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --ignore-scripts --no-fund --no-audit

FROM node:20-bookworm-slim
# A user of its own, who owns nothing but the data.
RUN install -d -o 10001 -g 10001 -m 0700 /data
WORKDIR /app
COPY package.json LICENSE ./
COPY --from=modules /src/node_modules node_modules
COPY --from=build /src/dist dist
ENV NODE_ENV=production HOISTWAY_DATA=/data HOISTWAY_HOST=0.0.0.0
USER 10001:10001
VOLUME /data
EXPOSE 1883 8080
STOPSIGNAL SIGTERM
# 200 when every part is well. A store that is away shows as unhealthy; nothing restarts the container for it, and nothing is lost by it.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:8080/api/health').then(({ ok }) => process.exit(ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "/app/dist/src/main.js"]
CMD ["serve"]
