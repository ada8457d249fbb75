/**
 * Student's t as a standard normal score. Wallace (1959), "Bounds on normal approximations to Student's and the chi-square
 * distributions", Ann. Math. Statist. 30; the form that Hawkins (1987) uses for self-starting charts. Within 0.02 of the exact
 * score for 6 or more degrees of freedom and scores up to 4.
 */
export function normalScore(t: number, freedom: number): number {
  const size = Math.sqrt(freedom * Math.log1p((t * t) / freedom)) * ((8 * freedom + 1) / (8 * freedom + 3));
  return t < 0 ? -size : size;
}
