/** Days with faults lift by lift: those of lift n from `starts[n]` to before `starts[n + 1]`, in order. */
import { BEGINS, type FaultList } from "../facts/fault-days.ts";
import type { Facts } from "../facts/facts.ts";
import { nextMonth } from "../facts/months.ts";
import type { Range } from "./tally.ts";

export interface LiftFaults {
  readonly starts: Int32Array;
  readonly days: Int32Array;
  readonly faults: Uint32Array;
  /** 1 where the first of the faults begins an episode. */
  readonly begins: Uint8Array;
}

/** `onlyBegins`: of the days with faults those on which an episode begins. */
export async function faultsByLift(
  facts: Facts,
  { first, last }: Range,
  yielding: () => Promise<void> | undefined,
  onlyBegins = false,
): Promise<LiftFaults> {
  const lists: FaultList[] = [];
  const starts = new Int32Array(facts.liftIds.length + 1);
  for (let day = first; day <= last; day = nextMonth(day)) {
    const list = facts.faults.listOf({ first: day, last: Math.min(last, nextMonth(day) - 1) });
    lists.push(list);
    for (let place = 0; place < list.lifts.length; place++)
      if (!onlyBegins || (list.marks[place]! & BEGINS) !== 0) starts[list.lifts[place]! + 1]! += 1;
    await yielding();
  }
  for (let lift = 0; lift < starts.length - 1; lift++) starts[lift + 1]! += starts[lift] as number;
  const count = starts.at(-1)!;
  const [days, faults, begins] = [new Int32Array(count), new Uint32Array(count), new Uint8Array(count)];
  const next = starts.slice();
  for (const list of lists) {
    for (let place = 0; place < list.lifts.length; place++) {
      const own = list.marks[place]! & BEGINS;
      if (onlyBegins && own === 0) continue;
      const at = next[list.lifts[place] as number]!++;
      days[at] = list.days[place] as number;
      faults[at] = list.faults[place] as number;
      begins[at] = own;
    }
    await yielding();
  }
  return { starts, days, faults, begins };
}
