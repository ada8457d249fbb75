/** The credentials file: who there is, and a keyed hash of each token. It holds no token. */
import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { LIMITS } from "../config.ts";
import { LIFT_ID } from "../core/lift.ts";
import { UsageError } from "../errors.ts";
import { ROLES } from "./access.ts";

/** HMAC-SHA-256, base64url: 43 characters. */
const hash = z.string().regex(/^[A-Za-z0-9_-]{43}$/, "expected 43 characters of base64url");
/** Letters of any script, digits and `. _ @ -` and inner spaces: it is shown to people and kept in the journal. */
const NAME = /^[\p{L}\p{N}](?:[\p{L}\p{N}._@ -]{0,62}[\p{L}\p{N}])?$/u;
const name = z.string().regex(NAME, "expected 1 to 64 letters, digits and . _ @ - between them");

const schema = z.strictObject({
  version: z.literal(1),
  key: hash.describe("secret of this installation, 256 bits"),
  // Pairs, not an object: `__proto__` is a lift id that the contract allows.
  devices: z.array(z.tuple([z.string().regex(LIFT_ID), hash])).max(LIMITS.monitor.lifts),
  gateways: z.record(name, z.strictObject({ hash, liftIds: z.array(z.string().regex(LIFT_ID)).max(LIMITS.monitor.lifts) })),
  people: z.record(name, z.strictObject({ hash, role: z.enum(ROLES) })),
});
export type Credentials = z.infer<typeof schema>;

/** 256 random bits; tokens are made by us, so a fast keyed hash suffices and a slow one would only delay 16,409 lifts. */
export function newToken(): string {
  return randomBytes(32).toString("base64url");
}

export function hashToken(key: string, token: string): string {
  return createHmac("sha256", key).update(token).digest("base64url");
}

/** Compares two hashes of equal length in constant time. */
export function sameHash(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** @throws UsageError unless it is a name that people can read and a log can hold. */
export function checkName(text: string): void {
  if (!NAME.test(text)) {
    throw new UsageError(`name: expected 1 to 64 letters, digits and . _ @ - between them; found ${JSON.stringify(text)}`);
  }
}

/** @throws UsageError naming the file and each place in it that is wrong; values are not repeated, they are secrets. */
export function parseCredentials(file: string, text: string): Credentials {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new UsageError(`${file}: is not JSON (${text.length} characters); expected the credentials that an earlier run wrote`);
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues.slice(0, 20).map((issue) => `${file}: ${issue.path.join(".") || "(whole file)"}: ${describe(issue)}`),
  );
}

function describe(issue: z.core.$ZodIssue): string {
  return issue.code === "unrecognized_keys" ? `${issue.keys.join(", ")} is not known; was it written by a newer version?` : issue.message;
}

/** The devices' tokens in plain text, `user,token`, to be handed out to them. */
export function formatDevices(tokens: ReadonlyMap<string, string>): string {
  return ["user,token", ...[...tokens].map(([user, token]) => `${user},${token}`), ""].join("\n");
}

/** @throws UsageError naming the line that is not `user,token`. */
export function parseDevices(file: string, text: string): Map<string, string> {
  const tokens = new Map<string, string>();
  for (const [index, raw] of text.split("\n").entries()) {
    const line = raw.trim();
    if (line === "" || (index === 0 && line === "user,token")) continue;
    const comma = line.indexOf(",");
    const user = line.slice(0, Math.max(comma, 0));
    if (!LIFT_ID.test(user)) throw new UsageError(`${file}: line ${index + 1}: expected user,token`);
    tokens.set(user, line.slice(comma + 1));
  }
  return tokens;
}
