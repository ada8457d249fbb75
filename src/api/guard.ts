/** Every request passes here first: Host, who it is, whether they may, and where the page that asks comes from. */
import type { IncomingMessage } from "node:http";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import { atLeast } from "../access/access.ts";
import type { OpenAccess, Person } from "../access/access.ts";
import { isLoopback } from "../config.ts";
import { Problem } from "./problem.ts";
import { admission } from "./roles.ts";

/** Who is asking, and what shows it. `secret` is the bearer token or the session's id. */
export interface Identity {
  readonly person: Person;
  /** `local`: through the control socket, which asks for nothing (src/control.ts). */
  readonly via: "bearer" | "cookie" | "off" | "local";
  readonly secret: string;
  readonly expiresAt: number | null;
}

declare module "fastify" {
  interface FastifyRequest {
    identity: Identity | null;
  }
}

export interface GuardOptions {
  readonly access: OpenAccess;
  /** The address that is listened on. On loopback, requests for other host names are refused (DNS rebinding). */
  readonly host: string;
  /** Origins such as `https://lifts.example` under which a proxy shows this server. */
  readonly publicOrigins: readonly string[];
  /** Requests that came through the control socket. */
  readonly local?: { has(request: IncomingMessage): boolean };
}

/** Who acts through the control socket: the one who owns the data directory. */
const OWNER: Identity = { person: { name: "local", role: "admin" }, via: "local", secret: "", expiresAt: null };

export const SESSION_COOKIE = "hoistway_session";
const HOST = /^[A-Za-z0-9.:[\]-]{1,255}$/;

/** Call it before any route is registered, and after the cookie plugin. */
export function installGuard(app: FastifyInstance, options: GuardOptions): void {
  app.decorateRequest("identity", null);
  app.addHook("onRoute", ({ method, url }) => {
    for (const name of [method].flat()) {
      if (admission(name, url) === undefined) throw new Error(`${name} ${url} is not in the table of roles`);
    }
  });
  app.addHook("onRequest", (request, reply, done) => {
    setHeaders(request, reply);
    const problem = hostProblem(request, options) ?? admissionProblem(request, options);
    if (problem === null) {
      done();
      return;
    }
    if (problem.statusCode === 401) reply.header("www-authenticate", "Bearer");
    done(problem);
  });
}

/** Whether the request comes from a page of ours. Null when it does not say, as programs that are not browsers do. */
export function isSameOrigin(request: FastifyRequest, options: GuardOptions): boolean | null {
  const { origin } = request.headers;
  if (origin === undefined) return null;
  return origin === `${request.protocol}://${request.headers.host ?? ""}` || options.publicOrigins.includes(origin);
}

/** Whether what somebody signed in with still holds. */
export function stillHolds(access: OpenAccess, { via, secret }: Identity): boolean {
  return via === "off" || via === "local" || (via === "cookie" ? access.session(secret) !== null : access.person(secret) !== null);
}

function hostProblem(request: FastifyRequest, { host, publicOrigins }: GuardOptions): Problem | null {
  const asked = request.headers.host ?? "";
  if (HOST.test(asked)) {
    if (!isLoopback(host)) return null;
    const name = asked.replace(/:\d{1,5}$/, "").replace(/^\[(.*)\]$/, "$1");
    if (isLoopback(name) || publicOrigins.some((origin) => new URL(origin).host === asked)) return null;
  }
  return new Problem(421, "host-refused", "this server answers only under its own address", "host");
}

function admissionProblem(request: FastifyRequest, options: GuardOptions): Problem | null {
  // By the route that was matched, never by the URL as it was written: /%61pi/… is the same route (reliability.md).
  const needed = request.is404 ? "anyone" : admission(request.method, request.routeOptions.url ?? "");
  request.identity = options.local?.has(request.raw) === true ? OWNER : identify(request, options.access);
  if (needed === "in-band") return null;
  const role = request.identity?.person.role;
  if (needed !== "anyone") {
    if (role === undefined) return new Problem(401, "not-signed-in", "sign in: a bearer token or a session cookie is needed");
    if (needed === "owner") {
      if (request.identity?.via !== "local")
        return new Problem(403, "local-only", "this is asked on the program's own machine, by its verbs (docs/access.md)");
    } else if (needed === undefined || !atLeast(role, needed)) {
      return new Problem(403, "role-too-low", `the role ${needed ?? "of nobody"} is needed; yours is ${role}`);
    }
  }
  if (request.method === "GET" || request.method === "HEAD") return null;
  const sameOrigin = isSameOrigin(request, options);
  if (sameOrigin === false || (sameOrigin === null && request.identity?.via === "cookie")) {
    return new Problem(403, "origin-refused", "a change is accepted only from this server's own page", "origin");
  }
  return null;
}

/** A bearer token that is not valid is not made good by a cookie. */
function identify(request: FastifyRequest, access: OpenAccess): Identity | null {
  const { authorization } = request.headers;
  if (!access.enabled) {
    const person = access.person("");
    return person === null ? null : { person, via: "off", secret: "", expiresAt: null };
  }
  if (authorization !== undefined) {
    const token = /^Bearer ([A-Za-z0-9_-]{1,200})$/i.exec(authorization)?.[1] ?? "";
    const person = access.person(token);
    return person === null ? null : { person, via: "bearer", secret: token, expiresAt: null };
  }
  const cookie = request.cookies[SESSION_COOKIE];
  const session = cookie === undefined ? null : access.session(cookie);
  return session === null ? null : { person: session.person, via: "cookie", secret: session.id, expiresAt: session.expiresAt };
}

function setHeaders(request: FastifyRequest, reply: FastifyReply): void {
  const host = request.headers.host ?? "";
  // Older Safari does not count WebSockets of the same host as 'self'.
  const sockets = HOST.test(host) ? ` ws://${host} wss://${host}` : "";
  reply.headers({
    "content-security-policy":
      `default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'${sockets}; ` +
      "base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
  });
}
