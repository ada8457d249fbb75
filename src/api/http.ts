/** The HTTP side as a whole: REST, OpenAPI, metrics, the page and the feed's door, behind one guard. */
import type { IncomingMessage, RequestListener, Server } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import type { AddressInfo, Socket } from "node:net";
import fastifyCookie from "@fastify/cookie";
import fastifySwagger from "@fastify/swagger";
import fastifyWebsocket from "@fastify/websocket";
import fastify from "fastify";
import type { FastifyReply } from "fastify";
import { jsonSchemaTransform } from "fastify-type-provider-zod";
import type { ZodTypeProvider } from "fastify-type-provider-zod";
import type { z } from "zod";
import type { OpenAccess } from "../access/access.ts";
import type { Certificate } from "../certificate.ts";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import type { Feed } from "../feed/feed.ts";
import { createMetrics } from "../metrics.ts";
import { addActRoutes } from "./act-routes.ts";
import type { Backend } from "./backend.ts";
import { addBackupRoutes } from "./backup-routes.ts";
import { addExportRoute } from "./export-routes.ts";
import { addCredentialRoutes } from "./credential-routes.ts";
import { addEngineerRoutes } from "./engineer-routes.ts";
import { SESSION_COOKIE, installGuard } from "./guard.ts";
import { addHistoryRoutes } from "./history-routes.ts";
import { addLearningRoutes } from "./learning-routes.ts";
import { addNotificationRoutes } from "./notification-routes.ts";
import { Problem, describeError, errorBody, invalid } from "./problem.ts";
import { addProbeRoute } from "./probe-route.ts";
import { addRecordingRoute } from "./recording-routes.ts";
import { admission } from "./roles.ts";
import { addReportRoutes } from "./report-routes.ts";
import { addAlertRoutes, addLiftRoutes, addStatusRoutes } from "./routes.ts";
import { addSearchRoutes } from "./search-routes.ts";
import { addFeedRoute, addPage, addSessionRoutes } from "./session-routes.ts";
import { addTrendRoutes } from "./trend-routes.ts";

export interface HttpOptions {
  readonly backend: Backend;
  readonly access: OpenAccess;
  readonly feed: Feed;
  /** Address to bind; 0 as port picks a free one. */
  readonly host: string;
  readonly port: number;
  /** Everything over TLS; null: nothing. */
  readonly certificate?: Certificate | null;
  /** Directory of the built dashboard, or null. */
  readonly dashboard: string | null;
  /** Origins such as `https://lifts.example` under which a proxy shows this server. */
  readonly publicOrigins?: readonly string[];
  /** Told of errors that are the program's own fault; callers see no more than 500. */
  readonly onError?: (error: unknown) => void;
}

export interface OpenedHttp {
  readonly port: number;
  /** `http://HOST:PORT`, or `https://…`, without a slash at the end. */
  readonly url: string;
  /** Methods and URLs of all routes, for a test that holds them against the table of roles. */
  readonly routes: readonly string[];
  /** Answers a request of one who owns the site, with every right and without a token. Other rules hold as for everybody. */
  readonly answerOwner: RequestListener;
  /** Closes the feed, lets answers under way end within LIMITS.http.closeMs, then closes everything. */
  close(): Promise<void>;
}

/** @throws OperationalError `port-taken` when the port is in use, `listen-failed` for other reasons. */
export async function openHttp(options: HttpOptions): Promise<OpenedHttp> {
  const { access, backend, feed, host, certificate = null } = options;
  const app = fastify<Server>({
    ...(certificate === null ? {} : { serverFactory: (handler: RequestListener) => tlsServer(certificate, handler) }),
    bodyLimit: LIMITS.http.bodyBytes,
    requestTimeout: LIMITS.http.requestTimeoutMs,
    connectionTimeout: LIMITS.http.requestTimeoutMs,
    exposeHeadRoutes: false,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, _request, reply: Pick<FastifyReply, "code">) => {
      const { statusCode, body } = describeError(error);
      void reply.code(statusCode).send(body);
    },
    clientErrorHandler,
  }).withTypeProvider<ZodTypeProvider>();
  app.server.maxConnections = LIMITS.http.connections;
  // JSON only: a form of another site could send text without asking first.
  app.removeContentTypeParser("text/plain");
  app.setValidatorCompiler<z.ZodType>(({ schema }) => (data) => {
    const parsed = schema.safeParse(data);
    return parsed.success ? { value: parsed.data } : { error: invalid(parsed.error) };
  });
  app.setSerializerCompiler(() => (data) => JSON.stringify(data));
  app.setErrorHandler((error, _request, reply) => {
    const { statusCode, body } = describeError(error);
    if (statusCode >= 500 && !(error instanceof Problem)) options.onError?.(error);
    return reply.code(statusCode).send(body);
  });
  app.setNotFoundHandler((request, reply) =>
    reply.code(404).send(errorBody("not-found", `${request.method} ${request.url.split("?")[0] ?? ""} is not known here`)),
  );

  const routes: string[] = [];
  const local = new WeakSet<IncomingMessage>();
  const guard = { access, host, publicOrigins: options.publicOrigins ?? [], local };
  await app.register(fastifyCookie);
  await app.register(fastifyWebsocket, { options: { maxPayload: LIMITS.feed.inboundBytes, perMessageDeflate: false } });
  await app.register(fastifySwagger, { openapi: description(backend.version), transform: withRole });
  installGuard(app, guard);
  app.addHook("onRoute", ({ method, url }) => void routes.push(...[method].flat().map((name) => `${name} ${url}`)));
  addStatusRoutes(
    app,
    backend,
    createMetrics(() => backend.stats()),
  );
  addLiftRoutes(app, backend);
  addHistoryRoutes(app, backend);
  addSearchRoutes(app, backend);
  addLearningRoutes(app, backend);
  addAlertRoutes(app, backend);
  addActRoutes(app, backend);
  addRecordingRoute(app, backend);
  addBackupRoutes(app, backend);
  addExportRoute(app, backend);
  addEngineerRoutes(app, backend);
  addProbeRoute(app, backend);
  addReportRoutes(app, backend);
  addTrendRoutes(app, backend);
  addNotificationRoutes(app, backend);
  addCredentialRoutes(app, access);
  addSessionRoutes(app, access);
  addFeedRoute(app, feed, guard);
  await addPage(app, access, options.dashboard);
  const forget = access.onSignOut(() => feed.recheck());

  try {
    await app.listen({ host, port: options.port });
  } catch (error) {
    forget();
    await app.close();
    const taken = (error as NodeJS.ErrnoException).code === "EADDRINUSE";
    throw new OperationalError(taken ? "port-taken" : "listen-failed", `HTTP on ${host}:${options.port}: ${(error as Error).message}`, {
      cause: error,
    });
  }
  const { port } = app.server.address() as AddressInfo;
  return {
    port,
    url: `${certificate === null ? "http" : "https"}://${host.includes(":") ? `[${host}]` : host}:${port}`,
    routes,
    answerOwner(request, response) {
      local.add(request);
      app.routing(request, response);
    },
    async close() {
      forget();
      feed.close();
      const rest = setTimeout(() => {
        app.server.closeAllConnections();
        for (const client of app.websocketServer.clients) client.terminate();
      }, LIMITS.http.closeMs);
      await app.close();
      clearTimeout(rest);
    },
  };
}

function tlsServer(certificate: Certificate, handler: RequestListener): Server {
  // Clients' certificates are the broker's concern: people sign in with a token.
  const { requestTimeoutMs } = LIMITS.http;
  const server = createHttpsServer(
    { ...certificate.options, requestCert: false, requestTimeout: requestTimeoutMs, handshakeTimeout: requestTimeoutMs },
    handler,
  );
  server.setTimeout(requestTimeoutMs);
  certificate.onChange((changed) => server.setSecureContext(changed));
  // After a handshake that took too long Node leaves it open.
  server.on("tlsClientError", (_error, socket) => socket.destroy());
  return server;
}

function description(version: string) {
  return {
    openapi: "3.1.0",
    info: { title: "Hoistway", version, description: "Lifts, their readings and their alerts. Times are ms since the epoch, UTC." },
    components: {
      securitySchemes: {
        bearer: { type: "http", scheme: "bearer" },
        session: { type: "apiKey", in: "cookie", name: SESSION_COOKIE },
      },
    },
  } as const;
}

type Transform = typeof jsonSchemaTransform;

/** Says in the description who may call what, from the table itself. */
const withRole: Transform = (input) => {
  const { schema, url } = jsonSchemaTransform(input);
  const needed = admission([input.route.method].flat()[0] ?? "", input.route.url);
  const security = needed === "anyone" ? [] : [{ bearer: [] }, { session: [] }];
  return { schema: { ...schema, security, description: `Role: ${needed ?? "nobody"}` }, url };
};

const CLIENT_ERRORS: Readonly<Record<string, readonly [number, string]>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout"],
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large"],
};

/** What is not HTTP never reaches a route; the answer has the same shape all the same. */
function clientErrorHandler(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === "ECONNRESET" || !socket.writable) {
    socket.destroy();
    return;
  }
  const [status, reason] = CLIENT_ERRORS[error.code ?? ""] ?? [400, "Bad Request"];
  const body = JSON.stringify(errorBody("bad-request", "the request could not be read as HTTP"));
  socket.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`,
  );
}
