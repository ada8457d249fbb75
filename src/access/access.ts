/** Who may do what: devices and gateways at the broker, people at the web. */

/** `viewer` < `operator` < `engineer` < `admin` (contract §6). */
export const ROLES = ["viewer", "operator", "engineer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** Whether `role` may do what `needed` may. */
export function atLeast(role: Role, needed: Role): boolean {
  return ROLES.indexOf(role) >= ROLES.indexOf(needed);
}

/** A signed-in device or gateway. */
export interface DeviceIdentity {
  readonly name: string;
  mayPublish(liftId: string): boolean;
  /** Whether what it signed in with is still there; absent where that cannot end. */
  stillHolds?(): boolean;
  /** A person, who may subscribe to what the embedded broker tells of alerts. Devices may not. */
  readonly mayListen?: boolean;
}

/** A signed-in person or program at the web. */
export interface Person {
  readonly name: string;
  readonly role: Role;
}

interface Access {
  /** Null when refused. With authentication off everyone is let in and may publish for every lift. */
  device(user: string | undefined, token: string | undefined): DeviceIdentity | null;
  /** By bearer token. Null when refused. */
  person(token: string): Person | null;
  readonly enabled: boolean;
}

/** A browser's stay. `id` is the cookie's value: a secret. Times are ms since the epoch. */
export interface Session {
  readonly id: string;
  readonly person: Person;
  readonly expiresAt: number;
}

/** Browsers sign in once with a token and then carry a session. In memory only: a restart signs everyone out. */
export interface SignIns {
  /** A token that signs `person` in once, within LIMITS.http.signInTokenMs. */
  issueSignIn(person: Person): string;
  /** Opens a session for a one-time token. Null when it was used, is too old or was never given out. */
  redeem(token: string): Session | null;
  /** Opens a session for somebody who has shown a bearer token. */
  begin(person: Person): Session;
  /** Null when it has ended: signed out, expired, or the person was removed. */
  session(id: string): Session | null;
  signOut(id: string): void;
  /** Called when a session or a person has ended, so that open connections can be looked through. Returns its own undo. */
  onSignOut(listener: () => void): () => void;
}

/** Changes to who may do what. Each is on the disk before the promise resolves; plain tokens are shown only here, once. */
interface Administration {
  /** @throws UsageError when the name is taken or not a name, or there are too many. */
  addPerson(name: string, role: Role): Promise<string>;
  /** A gateway may publish for `liftIds` only. @throws UsageError as above, or for an invalid lift id. */
  addGateway(name: string, liftIds: readonly string[]): Promise<string>;
  /** Removes a person, gateway or device and ends its sessions. False when there is none of that name. */
  remove(name: string): Promise<boolean>;
  people(): readonly Person[];
}

export type OpenAccess = Access & SignIns & Administration;
