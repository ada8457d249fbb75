/** Log lines about clients, at most one of a kind a minute: what a hostile client can cause must not fill a disk. */
const EVERY_MS = 60_000;

export type Report = (kind: string, detail: string) => void;

/** @param log takes a line; without it nothing is said. */
export function rateLimitedReports(log: ((line: string) => void) | undefined): Report {
  const kinds = new Map<string, { saidAtMs: number; unsaid: number }>();
  return (kind, detail) => {
    if (log === undefined) return;
    const nowMs = performance.now();
    const known = kinds.get(kind);
    if (known !== undefined && nowMs - known.saidAtMs < EVERY_MS) {
      known.unsaid++;
      return;
    }
    kinds.set(kind, { saidAtMs: nowMs, unsaid: 0 });
    log(`mqtt: ${kind}: ${detail}${known !== undefined && known.unsaid > 0 ? ` (and ${known.unsaid} more since the last such line)` : ""}`);
  };
}
