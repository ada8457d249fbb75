/** Large answers, written slice by slice, so that nobody's page of 100,000 readings holds up the next signal. */
import { Readable } from "node:stream";
import { setImmediate } from "node:timers/promises";

const SLICE_ROWS = 500;

/** `{"NAME":[…],"next":…}` as text; in one piece when it is small. */
export function jsonPage<T>(name: string, rows: readonly T[], next: string | null, toRow: (row: T) => unknown): string | Readable {
  const opening = `{${JSON.stringify(name)}:[`;
  const closing = `],"next":${JSON.stringify(next)}}`;
  const slice = (from: number): string =>
    rows
      .slice(from, from + SLICE_ROWS)
      .map((row) => JSON.stringify(toRow(row)))
      .join(",");
  if (rows.length <= SLICE_ROWS) return opening + slice(0) + closing;
  async function* parts(): AsyncGenerator<string> {
    yield opening + slice(0);
    for (let from = SLICE_ROWS; from < rows.length; from += SLICE_ROWS) {
      await setImmediate();
      yield `,${slice(from)}`;
    }
    yield closing;
  }
  return Readable.from(parts(), { objectMode: false });
}
