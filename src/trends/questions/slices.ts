/** Long sums in slices, so that what the store takes and shorter questions get their turn. */
import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../../config.ts";

/** Resolves at once, or after a turn of the event loop where LIMITS.trends.sliceMs are over. */
export function slices(): () => Promise<void> | undefined {
  let began = performance.now();
  async function pause(): Promise<void> {
    await turn();
    began = performance.now();
  }
  return () => (performance.now() - began < LIMITS.trends.sliceMs ? undefined : pause());
}
