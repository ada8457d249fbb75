/** `credentials`: who may sign in. A running program is asked to change it, and ends what is signed in with what was removed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROLES, type OpenAccess, type Role } from "../access/access.ts";
import { openAccess } from "../access/open-access.ts";
import { tokenAnswer } from "../api/credential-routes.ts";
import { systemClock } from "../clock.ts";
import { askRunning } from "../control.ts";
import { OperationalError, UsageError } from "../errors.ts";
import { lockDirectory } from "../journal/lock.ts";

interface AddFlags {
  readonly data: string;
  readonly role?: string;
  readonly lifts?: string;
}

export async function addCredential(name: string, flags: AddFlags): Promise<void> {
  const { role, lifts } = flags;
  if ((role === undefined) === (lifts === undefined)) throw new UsageError("credentials add: expected either --role or --lifts");
  if (role !== undefined && !isRole(role)) throw new UsageError(`--role: expected one of ${ROLES.join(", ")}; found ${role}`);
  const liftIds = (lifts ?? "").split(",").map((id) => id.trim());
  const asked = await askRunning(flags.data, "POST", "/api/credentials", role === undefined ? { name, liftIds } : { name, role });
  const token =
    asked === null
      ? await change(flags.data, (access) => (role === undefined ? access.addGateway(name, liftIds) : access.addPerson(name, role)))
      : tokenAnswer.parse(await asked.json().catch(refused)).token;
  process.stdout.write(`${token}\n`);
}

export async function removeCredential(name: string, flags: { readonly data: string }): Promise<void> {
  const asked = await askRunning(flags.data, "DELETE", `/api/credentials/${encodeURIComponent(name)}`);
  if (asked !== null && asked.status >= 400 && asked.status !== 404) await asked.json().catch(refused);
  asked?.body.resume();
  const removed = asked === null ? await change(flags.data, (access) => access.remove(name)) : asked.status === 204;
  if (!removed) throw new UsageError(`credentials: there is no ${name}`);
}

async function change<T>(data: string, make: (access: OpenAccess) => Promise<T>): Promise<T> {
  if (!existsSync(join(data, "credentials"))) throw new UsageError(`--data ${data}: has no credentials yet; run serve once`);
  const lock = lockDirectory(join(data, "journal"));
  try {
    return await make(await openAccess({ dir: join(data, "credentials"), enabled: true, liftIds: [], clock: systemClock() }));
  } finally {
    lock.release();
  }
}

/** What the program would not take is the caller's mistake. */
function refused(error: unknown): never {
  throw error instanceof OperationalError && error.code === "invalid" ? new UsageError(error.message) : error;
}

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
