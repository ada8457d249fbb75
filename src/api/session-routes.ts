/** Signing in and out, the page itself, and the feed's door. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import fastifyStatic from "@fastify/static";
import type { FastifyReply } from "fastify";
import { z } from "zod";
import type { OpenAccess, Session } from "../access/access.ts";
import { LIMITS } from "../config.ts";
import type { Feed } from "../feed/feed.ts";
import { SESSION_COOKIE, isSameOrigin, stillHolds } from "./guard.ts";
import type { GuardOptions } from "./guard.ts";
import { Problem, errorBody } from "./problem.ts";
import { answers } from "./routes.ts";
import type { HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

const COOKIE = { path: "/", httpOnly: true, sameSite: "strict" } as const;

function setSession(reply: FastifyReply, session: Session): void {
  const secure = reply.request.protocol === "https";
  reply.setCookie(SESSION_COOKIE, session.id, { ...COOKIE, secure, maxAge: Math.floor(LIMITS.http.sessionMs / 1000) });
}

export function addSessionRoutes(app: HttpApp, access: OpenAccess): void {
  app.get(
    "/api/session",
    { schema: { summary: "Who is signed in", querystring: schemas.noQuery, response: answers(schemas.sessionAnswer) } },
    (request, reply) => {
      if (request.identity === null) throw notSignedIn();
      const { person, via, expiresAt } = request.identity;
      return reply.send({ name: person.name, role: person.role, auth: via, expiresAt });
    },
  );

  app.post(
    "/api/session",
    {
      schema: {
        summary: "Sign in with a bearer token, or with a token (of a person, or for one sign-in) in the body; sets the cookie",
        body: schemas.signInBody,
        response: answers(schemas.sessionAnswer),
      },
    },
    (request, reply) => {
      const { identity } = request;
      if (identity?.via === "off") return reply.send({ ...identity.person, auth: "off", expiresAt: null });
      const token = request.body?.token;
      const person = token === undefined ? (identity?.via === "bearer" ? identity.person : null) : access.person(token);
      const session = person !== null ? access.begin(person) : token === undefined ? null : access.redeem(token);
      if (session === null) throw notSignedIn();
      setSession(reply, session);
      return reply.send({ name: session.person.name, role: session.person.role, auth: "cookie", expiresAt: session.expiresAt });
    },
  );

  app.delete("/api/session", { schema: { summary: "Sign out; closes this session's feeds" } }, (request, reply) => {
    if (request.identity?.via === "cookie") access.signOut(request.identity.secret);
    return reply.clearCookie(SESSION_COOKIE, COOKIE).code(204).send();
  });
}

/** `/?token=…` signs in once and goes on to `/`, so that no token stays in the address bar or the history. */
export async function addPage(app: HttpApp, access: OpenAccess, directory: string | null): Promise<void> {
  const page = directory !== null && existsSync(join(directory, "index.html")) ? directory : null;
  if (page !== null) {
    await app.register(fastifyStatic, {
      root: page,
      index: false,
      cacheControl: false,
      dotfiles: "ignore",
      schemaHide: true,
      setHeaders: (reply, path) => {
        // Vite puts a hash of the contents into the names below assets/; everything else is asked for anew.
        reply.header("cache-control", path.startsWith(join(page, "assets")) ? "public, max-age=31536000, immutable" : "no-cache");
      },
    });
  }
  app.get("/", { schema: { hide: true, querystring: z.object({ token: z.string().max(200).optional() }) } }, (request, reply) => {
    const { token } = request.query;
    if (token !== undefined) {
      const session = access.enabled ? access.redeem(token) : null;
      if (session !== null) setSession(reply, session);
      const refused = session === null && request.identity === null;
      return reply.redirect(refused ? "/?sign-in=refused" : "/", 303);
    }
    return sendPage(reply);
  });
  for (const path of VIEW_PATHS) app.get(path, { schema: { hide: true } }, (_request, reply) => sendPage(reply));

  function sendPage(reply: FastifyReply): FastifyReply {
    if (page === null) throw new Problem(404, "not-found", "the dashboard has not been built: npm run build");
    return reply.sendFile("index.html");
  }
}

/** Addresses of the page's views beside `/` (dashboards/web/src/views.ts). Who may see what, the page and the REST calls decide. */
const VIEW_PATHS = ["/lift/:id", "/alert/:id", "/engineer", "/engineer/quarantine", "/engineer/pipeline", "/trends"] as const;

export function addFeedRoute(app: HttpApp, feed: Feed, options: GuardOptions): void {
  app.route({
    method: "GET",
    url: "/feed",
    schema: { hide: true },
    handler: (_request, reply) =>
      reply.code(426).header("upgrade", "websocket").send(errorBody("upgrade-required", "/feed is a WebSocket (contract §5)")),
    wsHandler: (socket, request) => {
      const { identity } = request;
      feed.connect(socket, request.raw.socket, {
        query: new URL(request.url, "http://localhost").searchParams,
        ...(identity === null || identity.via === "off" ? {} : { name: identity.person.name }),
        refusal: isSameOrigin(request, options) === false ? 4403 : identity === null ? 4401 : null,
        stillSignedIn: () => identity !== null && stillHolds(options.access, identity),
      });
    },
  });
}

function notSignedIn(): Problem {
  return new Problem(401, "not-signed-in", "the token is unknown, used up or too old");
}
