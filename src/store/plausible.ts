/**
 * Which device times are plausible: a week of backlog behind their receipt at most (what a controller can keep), and a day
 * ahead of it. Others come from a clock that is not set. Every store keeps such readings too, with their `at` as it is, but no
 * roll-up counts them, and the InfluxDB store keeps them apart: each would open a shard of its own (assumption).
 */
export const PLAUSIBLE_BEHIND_MS = 7 * 86_400_000;
export const PLAUSIBLE_AHEAD_MS = 86_400_000;

export function isPlausible(at: number, receivedAt: number): boolean {
  return at >= receivedAt - PLAUSIBLE_BEHIND_MS && at <= receivedAt + PLAUSIBLE_AHEAD_MS;
}
