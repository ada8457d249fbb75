/** `credentials`: who may sign in. For a program that is not running: a running one holds its credentials in memory. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { ROLES, type OpenAccess, type Role } from "./access/access.ts";
import { openAccess } from "./access/open-access.ts";
import { systemClock } from "./clock.ts";
import { UsageError } from "./errors.ts";
import { lockDirectory } from "./journal/lock.ts";

interface AddFlags {
  readonly data: string;
  readonly role?: string;
  readonly lifts?: string;
}

export async function addCredential(name: string, flags: AddFlags): Promise<void> {
  const { role, lifts } = flags;
  if ((role === undefined) === (lifts === undefined)) throw new UsageError("credentials add: expected either --role or --lifts");
  if (role !== undefined && !isRole(role)) throw new UsageError(`--role: expected one of ${ROLES.join(", ")}; found ${role}`);
  const token = await change(flags.data, (access) =>
    role === undefined
      ? access.addGateway(
          name,
          (lifts ?? "").split(",").map((id) => id.trim()),
        )
      : access.addPerson(name, role),
  );
  process.stdout.write(`${token}\n`);
}

export async function removeCredential(name: string, flags: { readonly data: string }): Promise<void> {
  const removed = await change(flags.data, (access) => access.remove(name));
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

function isRole(text: string): text is Role {
  return (ROLES as readonly string[]).includes(text);
}
