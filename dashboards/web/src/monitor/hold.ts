/**
 * The list holds still while somebody points at it: rows keep their places, what has ended stays where it was, and what is new waits
 * in a line above. It lets go when the pointer leaves or rests, and after a while in any case, so that nothing is kept from anybody.
 * People shut in have a place of their own and are never held.
 */
import { computed, signal } from "@preact/signals";
import type { Alert } from "../../../../src/core/effects.ts";
import { rowsMoved } from "../acts.ts";
import { alertById } from "../site.ts";

const REST_MS = 2_500;
const LONGEST_MS = 12_000;

/** The ids in their places, or null while nothing is held. */
const held = signal<readonly string[] | null>(null);
let restTimer: number | undefined;
let begunAt = 0;
let shownIds: readonly string[] = [];

/** The pointer moved over the list. */
export function hold(): void {
  if (held.value === null) {
    held.value = shownIds;
    begunAt = performance.now();
  } else if (performance.now() - begunAt > LONGEST_MS) {
    letGo();
    return;
  }
  clearTimeout(restTimer);
  restTimer = window.setTimeout(letGo, REST_MS);
}

export function letGo(): void {
  clearTimeout(restTimer);
  held.value = null;
}

export interface Held {
  readonly rows: readonly Alert[];
  /** New ones that wait, the gravest first. */
  readonly waiting: readonly Alert[];
}

/** What to show of `listed`, which is in reading order. */
export function arrangeHeld(listed: readonly Alert[]): Held {
  const places = held.value;
  if (places === null) {
    note(listed);
    return { rows: listed, waiting: [] };
  }
  const known = new Set(places);
  const rows = places.flatMap((id) => alertById(id) ?? []);
  return { rows, waiting: listed.filter(({ id }) => !known.has(id)) };
}

export const isHeld = computed(() => held.value !== null);

function note(rows: readonly Alert[]): void {
  const ids = rows.map(({ id }) => id);
  if (shownIds.some((id, at) => ids[at] !== id)) rowsMoved();
  shownIds = ids;
}
