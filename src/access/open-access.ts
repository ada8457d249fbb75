/**
 * Opens the credentials of an installation; the first run makes them. In `dir` (mode 0700, files 0600):
 * `credentials.json` (a secret key and keyed hashes), `admin-token` (for the person who installs) and `devices.csv`
 * (tokens to hand out to the lifts; it may be deleted once that is done).
 */
import { join } from "node:path";
import type { Clock } from "../clock.ts";
import { LIMITS } from "../config.ts";
import { LIFT_ID } from "../core/lift.ts";
import { UsageError } from "../errors.ts";
import type { DeviceIdentity, OpenAccess, Person } from "./access.ts";
import { checkName, formatDevices, hashToken, newToken, parseCredentials, parseDevices, sameHash } from "./credentials.ts";
import type { Credentials } from "./credentials.ts";
import { privateDirectory, readPrivate, writeDurably } from "../files/durable-file.ts";
import { createSessions } from "./sessions.ts";

export interface AccessOptions {
  readonly dir: string;
  /** False: everyone is let in as an administrator. The caller makes sure that every listener is on loopback. */
  readonly enabled: boolean;
  /** The lifts of the register; each without a token gets one. */
  readonly liftIds: readonly string[];
  readonly clock: Clock;
}

const ANONYMOUS: Person = { name: "anonymous", role: "admin" };
/** What a token of nobody is compared with, so that an unknown user takes as long as a wrong token. */
const NOBODY = "A".repeat(43);

/** @throws UsageError naming a file that is corrupt, or a lift whose id is already the name of a gateway or person. */
export async function openAccess(options: AccessOptions): Promise<OpenAccess> {
  return options.enabled ? openCredentials(options) : withoutAuthentication(options.clock);
}

/** The devices' plain tokens as far as they have not been deleted, for programs that publish for them (the simulator). */
export async function readDeviceTokens(dir: string): Promise<ReadonlyMap<string, string>> {
  const file = join(dir, "devices.csv");
  return parseDevices(file, (await readPrivate(file)) ?? "");
}

function withoutAuthentication(clock: Clock): OpenAccess {
  const everyone: DeviceIdentity = { name: "", mayPublish: () => true, mayListen: true };
  const sessions = createSessions({ clock, ...LIMITS.http, stillKnown: () => true });
  return {
    ...sessions,
    enabled: false,
    device: () => everyone,
    person: () => ANONYMOUS,
    addPerson: refuseToChange,
    addGateway: refuseToChange,
    remove: refuseToChange,
    people: () => [ANONYMOUS],
  };
}

async function refuseToChange(): Promise<never> {
  throw new UsageError("auth: is off, so there are no credentials to change");
}

async function openCredentials({ dir, liftIds, clock }: AccessOptions): Promise<OpenAccess> {
  const file = join(dir, "credentials.json");
  const devicesFile = join(dir, "devices.csv");
  await privateDirectory(dir);
  const text = await readPrivate(file);
  let current = index(text === null ? await firstRun(dir) : parseCredentials(file, text));
  const sessions = createSessions({
    clock,
    ...LIMITS.http,
    stillKnown: (person) => current.people.get(person.name)?.role === person.role,
  });

  async function save(next: Credentials): Promise<void> {
    await writeDurably(file, `${JSON.stringify(next)}\n`);
    current = index(next);
  }

  /** Plain tokens go to the disk before their hashes: what a crash leaves between the two is taken up by the next run. */
  async function provideDevices(first: boolean): Promise<void> {
    const missing = [...new Set(liftIds)].filter((id) => !current.devices.has(id));
    const wrong = missing.flatMap((id) => {
      if (!LIFT_ID.test(id)) return [`register: ${JSON.stringify(id)} is not a lift id; expected 1 to 64 of A-Z a-z 0-9 _ -`];
      return current.taken(id) ? [`${file}: ${id} is the name of a gateway or person and now of a lift too; remove the former`] : [];
    });
    if (wrong.length > 0) throw new UsageError(wrong);
    if (missing.length === 0 && !first) return;
    const tokens = first ? new Map<string, string>() : parseDevices(devicesFile, (await readPrivate(devicesFile)) ?? "");
    const devices = new Map(current.devices);
    for (const id of missing) {
      const token = tokens.get(id) ?? newToken();
      tokens.set(id, token);
      devices.set(id, hashToken(current.rows.key, token));
    }
    await writeDurably(devicesFile, formatDevices(tokens));
    await save({ ...current.rows, devices: [...devices] });
  }

  await provideDevices(text === null);

  // One change at a time: each writes the whole file.
  let last: Promise<unknown> = Promise.resolve();
  function inTurn<T>(change: () => Promise<T>): Promise<T> {
    const next = last.then(change);
    last = next.catch(() => undefined);
    return next;
  }

  function refuseName(name: string, count: number, most: number): void {
    checkName(name);
    if (current.taken(name)) throw new UsageError(`name: ${JSON.stringify(name)} is taken`);
    if (count >= most) throw new UsageError(`name: there are ${count} already, which is the most`);
  }

  return {
    ...sessions,
    enabled: true,

    device(user, token) {
      if (user === undefined || token === undefined) return null;
      const gateway = current.gateways.get(user);
      const known = gateway?.hash ?? current.devices.get(user);
      const hash = hashToken(current.rows.key, token);
      const same = sameHash(hash, known ?? NOBODY);
      // People listen to alerts with their own token, and publish nothing.
      if (known === undefined && current.byHash.get(hash)?.name === user)
        return { name: user, mayPublish: () => false, mayListen: true, stillHolds: () => current.byHash.get(hash)?.name === user };
      if (!same || known === undefined) return null;
      // A name that is given out anew has another token.
      if (gateway !== undefined) return { ...gateway.identity, stillHolds: () => current.gateways.get(user)?.hash === known };
      return { name: user, mayPublish: (liftId) => liftId === user, stillHolds: () => current.devices.get(user) === known };
    },

    person(token) {
      // Found by a keyed hash: how long the look-up takes tells nothing about tokens.
      return current.byHash.get(hashToken(current.rows.key, token)) ?? null;
    },

    addPerson: (name, role) =>
      inTurn(async () => {
        refuseName(name, current.people.size, LIMITS.access.people);
        const token = newToken();
        const hash = hashToken(current.rows.key, token);
        await save({ ...current.rows, people: { ...current.rows.people, [name]: { hash, role } } });
        return token;
      }),

    addGateway: (name, served) =>
      inTurn(async () => {
        refuseName(name, current.gateways.size, LIMITS.access.gateways);
        const wrong = served.filter((id) => !LIFT_ID.test(id));
        if (wrong.length > 0) throw new UsageError(wrong.map((id) => `liftIds: ${JSON.stringify(id)} is not a lift id`));
        const token = newToken();
        const hash = hashToken(current.rows.key, token);
        await save({ ...current.rows, gateways: { ...current.rows.gateways, [name]: { hash, liftIds: [...new Set(served)] } } });
        return token;
      }),

    remove: (name) =>
      inTurn(async () => {
        if (!current.taken(name)) return false;
        if (current.devices.has(name)) {
          // First, or the next run would take the removed token up again.
          const tokens = parseDevices(devicesFile, (await readPrivate(devicesFile)) ?? "");
          if (tokens.delete(name)) await writeDurably(devicesFile, formatDevices(tokens));
        }
        const { people, gateways, devices } = current.rows;
        await save({
          ...current.rows,
          people: without(people, name),
          gateways: without(gateways, name),
          devices: devices.filter(([id]) => id !== name),
        });
        sessions.ended();
        return true;
      }),

    people: () => [...current.people.values()],
  };
}

/** The secret key and the administrator; their token is on the disk before anything else. */
async function firstRun(dir: string): Promise<Credentials> {
  const key = newToken();
  const token = newToken();
  await writeDurably(join(dir, "admin-token"), `${token}\n`);
  return { version: 1, key, devices: [], gateways: {}, people: { admin: { hash: hashToken(key, token), role: "admin" } } };
}

/** The rows of the file, and maps that find what a request shows in one step. */
function index(rows: Credentials) {
  const devices = new Map(rows.devices);
  const people = new Map(Object.entries(rows.people).map(([name, { role }]): [string, Person] => [name, { name, role }]));
  const byHash = new Map(Object.entries(rows.people).map(([name, { hash, role }]): [string, Person] => [hash, { name, role }]));
  const gateways = new Map(
    Object.entries(rows.gateways).map(([name, { hash, liftIds }]) => [name, { hash, identity: gateway(name, liftIds) }]),
  );
  const taken = (name: string): boolean => devices.has(name) || gateways.has(name) || people.has(name);
  return { rows, devices, people, byHash, gateways, taken };
}

function gateway(name: string, liftIds: readonly string[]): DeviceIdentity {
  const served = new Set(liftIds);
  return { name, mayPublish: (liftId) => served.has(liftId) };
}

function without<T>(rows: Readonly<Record<string, T>>, name: string): Record<string, T> {
  return Object.fromEntries(Object.entries(rows).filter(([key]) => key !== name));
}
