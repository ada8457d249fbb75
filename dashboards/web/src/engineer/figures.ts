/** Figures for people, in their language. */
import { messages } from "../preferences.ts";

export function figure(value: number, digits = 0): string {
  return value.toLocaleString(messages.value.tag, { maximumFractionDigits: digits });
}

/** A span in seconds, or minutes and hours where it is long. */
export function seconds(ms: number): string {
  if (Math.abs(ms) >= 7_200_000) return `${figure(ms / 3_600_000, 1)} h`;
  if (Math.abs(ms) >= 600_000) return `${figure(ms / 60_000, 1)} min`;
  return `${figure(ms / 1_000, 1)} s`;
}

export function bytes(value: number): string {
  if (value >= 1e9) return `${figure(value / 1e9, 2)} GB`;
  return value >= 1e6 ? `${figure(value / 1e6, 1)} MB` : `${figure(value / 1e3, 1)} kB`;
}
