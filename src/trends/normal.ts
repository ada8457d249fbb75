/** The normal distribution through the incomplete gamma function (A&S 6.5.16: Φ(−z) = Q(½, z²/2) / 2), so that its tails are exact. */
import { gammaExceedance, gammaUpperQuantile } from "./gamma.ts";

/** P(Z ≤ z). */
export function normalCdf(z: number): number {
  const tail = gammaExceedance((z * z) / 2, 0.5) / 2;
  return z < 0 ? tail : 1 - tail;
}

/** The z below which a standard normal variable falls with probability p. */
export function normalQuantile(p: number): number {
  const tail = Math.min(p, 1 - p);
  const z = Math.sqrt(2 * gammaUpperQuantile(2 * tail, 0.5));
  return p < 0.5 ? -z : z;
}

/** P(|Z| > |z|), two-sided. */
export function twoSided(z: number): number {
  return gammaExceedance((z * z) / 2, 0.5);
}
