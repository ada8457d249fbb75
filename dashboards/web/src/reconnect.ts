/** When and where the feed is connected to again. */

const RETRY_MIN_MS = 500;
const RETRY_MAX_MS = 15_000;

/** Wait before attempt `attempt` (from 0): full jitter below a doubling ceiling, so that a control room does not return as one. */
export function retryWaitMs(attempt: number, random: number): number {
  const ceilingMs = Math.min(RETRY_MAX_MS, RETRY_MIN_MS * 2 ** Math.min(attempt, 10));
  return Math.round(RETRY_MIN_MS / 2 + random * (ceilingMs - RETRY_MIN_MS / 2));
}

/** `/feed` on the page's own origin, resuming after `cursor` where there is one. */
export function feedUrl(origin: string, cursor: string | null): string {
  const url = new URL("/feed", origin);
  url.protocol = url.protocol === "https:" ? "wss:" : "ws:";
  if (cursor !== null) url.searchParams.set("after", cursor);
  return url.href;
}
