/**
 * How facts lie in a copy on the disk: an eight-byte name, the length of a head, the head (JSON), then arrays in the machine's byte order, each
 * beginning at a multiple of eight, and at the end the CRC-32 of everything before it. Exposure and trips lie as they lie in memory.
 */
import { z } from "zod";
import type { Facts } from "./facts.ts";
import type { Entrapment, Outage } from "./happenings.ts";
import { UNCOUNTED } from "./lift-days.ts";

/** Changes with whatever makes older copies unreadable, or facts other than they were. */
export const COPY_NAME = "HOIFACT1";
export const ALIGNED = 8;
/** Doubles of a row: an entrapment's lift and times, a stop's, a day with faults. */
const [ENTRAPMENT_CELLS, OUTAGE_CELLS, FAULT_CELLS] = [6, 3, 3];

const whole = z.int().min(0);
export const headSchema = z.object({
  mark: z.string(),
  timezone: z.string(),
  lastChange: z.int(),
  liftIds: z.array(z.string()),
  days: z.array(z.object({ day: z.int(), lifts: whole, many: z.array(z.tuple([whole, whole])) })),
  faults: whole,
  entrapments: z.array(z.string()),
  outages: z.array(z.string()),
});
export type Head = z.infer<typeof headSchema>;

export function aligned(bytes: number): number {
  return Math.ceil(bytes / ALIGNED) * ALIGNED;
}

/** How long everything after the head is. */
export function bodyBytes({ days, faults, entrapments, outages }: Head): number {
  const cells = faults * FAULT_CELLS + entrapments.length * ENTRAPMENT_CELLS + outages.length * OUTAGE_CELLS;
  return days.reduce((sum, { lifts }) => sum + aligned(4 * lifts) + aligned(2 * lifts), 8 * cells);
}

/** Of the program's own counts alone: imported records are kept elsewhere. */
export function tablesOf(facts: Facts): { readonly head: Pick<Head, "faults" | "entrapments" | "outages">; readonly cells: Float64Array } {
  const { entrapments, outages } = facts.ofAlerts;
  const cells: number[] = [];
  let faults = 0;
  facts.faults.each({ first: -Infinity, last: Infinity }, (lift, day, count, _begins, counted) => {
    if (!counted) return;
    faults += 1;
    cells.push(lift, day, count);
  });
  for (const { lift, at, toldAt, dispatchedAt, arrivedAt, rescuedAt } of entrapments.values())
    cells.push(lift, at, toldAt, timeCell(dispatchedAt), timeCell(arrivedAt), timeCell(rescuedAt));
  for (const { lift, from, until } of outages.values()) cells.push(lift, from, until);
  return { head: { faults, entrapments: [...entrapments.keys()], outages: [...outages.keys()] }, cells: Float64Array.from(cells) };
}

function timeCell(time: number | null): number {
  return time ?? Number.NaN;
}

/** Gives facts what `body` has. Lifts may have other numbers in them: `numbers` says which. */
export function restore(facts: Facts, head: Head, body: ArrayBuffer, start: number, numbers: Int32Array): void {
  const same = numbers.every((number, index) => number === index);
  let at = start;
  for (const { day, lifts, many } of head.days) {
    const inServiceMs = new Uint32Array(body, at, lifts);
    at += aligned(4 * lifts);
    const trips = new Uint16Array(body, at, lifts);
    at += aligned(2 * lifts);
    if (same) facts.days.restore({ day, inServiceMs, trips, many });
    else
      facts.days.restore({
        day,
        ...renumbered(inServiceMs, trips, numbers, facts.liftIds.length),
        many: many.map(([lift, count]) => [numbers[lift]!, count] as const),
      });
  }
  const cells = new Float64Array(body, at);
  let cell = 0;
  for (let row = 0; row < head.faults; row++, cell += FAULT_CELLS)
    facts.restoreFaults(numbers[cells[cell]!]!, cells[cell + 1]!, cells[cell + 2]!);
  const time = (place: number) => (Number.isNaN(cells[place]) ? null : cells[place]!);
  const entrapments = head.entrapments.map((id): readonly [string, Entrapment] => {
    const [lift, first] = [numbers[cells[cell]!]!, cell];
    cell += ENTRAPMENT_CELLS;
    const [dispatchedAt, arrivedAt, rescuedAt] = [time(first + 3), time(first + 4), time(first + 5)];
    return [id, { lift, at: cells[first + 1]!, toldAt: cells[first + 2]!, dispatchedAt, arrivedAt, rescuedAt, recorded: false }];
  });
  const outages = head.outages.map((id): readonly [string, Outage] => {
    const [lift, first] = [numbers[cells[cell]!]!, cell];
    cell += OUTAGE_CELLS;
    return [id, { lift, from: cells[first + 1]!, until: cells[first + 2]!, recorded: false }];
  });
  facts.restoreAlerts(entrapments, outages);
}

function renumbered(ms: Uint32Array, trips: Uint16Array, numbers: Int32Array, lifts: number) {
  const result = { inServiceMs: new Uint32Array(lifts), trips: new Uint16Array(lifts).fill(UNCOUNTED) };
  // Room beyond the lifts that were known is empty.
  for (let lift = 0; lift < Math.min(ms.length, numbers.length); lift++) {
    result.inServiceMs[numbers[lift]!] = ms[lift]!;
    result.trips[numbers[lift]!] = trips[lift]!;
  }
  return result;
}
