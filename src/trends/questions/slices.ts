/** Long sums in slices, so that a question does not hold up a signal. */
import { setImmediate as turn } from "node:timers/promises";
import { LIMITS } from "../../config.ts";

/** Resolves at once, or after a turn of the event loop where LIMITS.trends.sliceMs are over. */
export function slices(): () => Promise<void> | void {
  let began = performance.now();
  return () => {
    if (performance.now() - began < LIMITS.trends.sliceMs) return;
    return turn().then(() => {
      began = performance.now();
    });
  };
}
