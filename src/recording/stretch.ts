/** A stretch of a journal, as people name it: from a time or an entry to a time or an entry. */
import { UsageError } from "../errors.ts";
import type { ReadableJournal } from "../journal/journal.ts";

/** An entry by its number, or the first at or after a time (receivedAt, ms since the epoch). */
export type Point = { readonly seq: number } | { readonly at: number };

/** Entries `first` to `last`, both inclusive; `last` < `first` when there are none. */
export interface Stretch {
  readonly first: number;
  readonly last: number;
}

/** A number below this is an entry, one from here on ms since the epoch: March 1973. */
const LEAST_TIME = 1e11;
const PROBE_BYTES = 64 * 1024;

/** Reads a point: the number of an entry, ms since the epoch, or an ISO time with its zone. Null where it is none of them. */
export function parsePoint(text: string): Point | null {
  if (/^\d{1,15}$/.test(text)) return Number(text) < LEAST_TIME ? { seq: Number(text) } : { at: Number(text) };
  const at = /^\d{4}-\d{2}-\d{2}T.*(Z|[+-]\d{2}:?\d{2})$/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? null : { at };
}

/** As `parsePoint`, of a flag. @throws UsageError where it is no point. */
export function pointOf(flag: string, text: string | undefined): Point | null {
  if (text === undefined) return null;
  const point = parsePoint(text);
  if (point !== null) return point;
  throw new UsageError(
    `${flag}: expected the number of an entry, ms since the epoch, or a time such as 2026-01-05T08:00:00+08:00; found ${text}`,
  );
}

/** The entries from `from` (null: the oldest kept) to before `to` (null: the newest); an entry that `to` numbers is the last one. */
export async function stretchOf(journal: ReadableJournal, from: Point | null, to: Point | null): Promise<Stretch> {
  const { firstSeq, lastSeq } = journal;
  const first = from === null ? firstSeq : "seq" in from ? from.seq : await firstAtOrAfter(journal, from.at);
  const last = to === null ? lastSeq : "seq" in to ? to.seq : (await firstAtOrAfter(journal, to.at)) - 1;
  return { first: Math.max(first, firstSeq), last: Math.min(last, lastSeq) };
}

/** Number of the first entry received at or after `at`; one after the last where there is none. Halves, so that no journal is too long. */
export async function firstAtOrAfter(journal: ReadableJournal, at: number): Promise<number> {
  let low = journal.firstSeq;
  let high = journal.lastSeq + 1;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    const found = await firstFrom(journal, middle, high - 1);
    // Nothing readable from the middle on: what is looked for stands before it, or was lost with it.
    if (found === null || found.receivedAt >= at) high = middle;
    else low = found.seq + 1;
  }
  return low;
}

async function firstFrom(journal: ReadableJournal, seq: number, to: number) {
  for await (const [record] of journal.read(seq, { to, chunkBytes: PROBE_BYTES })) if (record !== undefined) return record;
  return null;
}
