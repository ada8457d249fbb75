/** Who may do what: devices and gateways at the broker, people at the web. */

/** `viewer` < `operator` < `engineer` < `admin` (contract §6). */
export const ROLES = ["viewer", "operator", "engineer", "admin"] as const;
export type Role = (typeof ROLES)[number];

/** A signed-in device or gateway. */
export interface DeviceIdentity {
  readonly name: string;
  mayPublish(liftId: string): boolean;
}

/** A signed-in person or program at the web. */
export interface Person {
  readonly name: string;
  readonly role: Role;
}

export interface Access {
  /** Null when refused. With authentication off everyone is let in and may publish for every lift. */
  device(user: string | undefined, token: string | undefined): DeviceIdentity | null;
  /** By bearer token. Null when refused. */
  person(token: string): Person | null;
  readonly enabled: boolean;
}
