/** Which parts of the program are well, in words for people. */
import type { PartHealth } from "./api/backend.ts";
import type { IngressStats } from "./ingress/ingress.ts";
import type { Damage, JournalStatus } from "./journal/journal.ts";
import type { FollowerStatus } from "./store/follower.ts";

export interface Parts {
  readonly journal: JournalStatus;
  readonly ingress: IngressStats;
  readonly store: FollowerStatus & { readonly damage: string | null };
  /** Null where there is none. */
  readonly mirror: FollowerStatus | null;
  readonly notifications: PartHealth | null;
}

export function healthOf({ journal, ingress, store, mirror, notifications }: Parts): PartHealth[] {
  return [
    { part: "journal", ok: journal.state === "ok", message: journal.reason },
    { part: "ingress", ok: ingress.state === "up", message: ingress.state === "up" ? null : ingress.state },
    {
      part: "store",
      ok: store.mode !== "failing" && store.damage === null,
      message: store.lastError ?? store.damage ?? describeCatchUp(store),
    },
    ...(mirror === null ? [] : [{ part: "mirror", ok: mirror.mode !== "failing", message: mirror.lastError }]),
    ...(notifications === null ? [] : [notifications]),
  ];
}

export function describeDamage({ kind, file, offset, bytes, from, to }: Damage): string {
  const lost = to < from ? "no known entry lost" : `entries ${from} to ${to} lost`;
  return `${kind} in ${file} at byte ${offset}, ${bytes} bytes, ${lost}`;
}

function describeCatchUp({ mode, behindEntries, ratePerS, leftS }: FollowerStatus): string | null {
  if (mode !== "catching-up") return null;
  const left = leftS === null ? "" : `, about ${Math.ceil(leftS)} s left`;
  return `catching up: ${behindEntries} entries behind, ${Math.round(ratePerS)} rows a second${left}`;
}
