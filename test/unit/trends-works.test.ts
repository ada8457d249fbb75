/** What is counted before and after a work order: which days, which faults, and which works stand in the way. */
import { describe, expect, test } from "vitest";
import { dayNumber } from "../../src/core/calendar.ts";
import { Facts } from "../../src/trends/facts/facts.ts";
import { beforeAfter, type BeforeAfterQuestion, type BeforeAfterRow } from "../../src/trends/questions/before-after.ts";

const DAY_MS = 86_400_000;
const FIRST = dayNumber("2024-01-01");
const LAST = dayNumber("2025-12-31");
const ALL = { by: "work", work: "repair", days: 180, range: { first: FIRST, last: LAST }, filters: {} } as const;

/** Two years of five lifts in service, with a fault every 40 days of the first. */
function facts(): Facts {
  const made = new Facts("UTC");
  for (const id of ["A", "B", "C", "D", "E"]) {
    const lift = made.numberOf(id);
    for (let day = FIRST; day <= LAST; day++) made.days.record(lift, day, DAY_MS);
  }
  for (let day = FIRST + 10; day <= LAST; day += 40) made.faults.record(0, day, day * DAY_MS + 1_000);
  return made;
}

function work(made: Facts, on: string, kind: "repair" | "maintenance" | "modernisation" = "repair", until: string | null = null): void {
  made.works.add(0, { at: Date.parse(on), until: until === null ? null : Date.parse(until), work: kind, note: null });
}

async function rows(made: Facts, question: Partial<BeforeAfterQuestion> = {}): Promise<readonly BeforeAfterRow[]> {
  const answer = await beforeAfter({ facts: made, register: [] }, { ...ALL, ...question });
  return answer.rows(0, answer.total).toSorted((a, b) => ((a.at ?? "") < (b.at ?? "") ? -1 : 1));
}

const days = ({ before, after }: BeforeAfterRow) => [before, after].map(({ liftMonths }) => Math.round(liftMonths * 30.4375));

describe("the time before and after a work order", () => {
  test("is the record up to and with its day, and the days from the fourth after it on", async () => {
    const made = facts();
    const fault = FIRST + 10 + 5 * 40;
    work(made, new Date(fault * DAY_MS + 5_000).toISOString());
    const [row] = await rows(made);
    expect(days(row!)).toEqual([211, 177]);
    expect([row!.before.episodes, row!.after.episodes]).toEqual([6, 4]);
    expect(row!.counted).toBe(1);
    const [short] = await rows(made, { days: 14, asOf: fault + 6 });
    expect(days(short!)).toEqual([211, 3]);
  });

  test("begins after the work's end, and is not there where nothing is known of it", async () => {
    const made = facts();
    work(made, "2024-06-01T08:00:00Z", "repair", "2024-06-11T08:00:00Z");
    work(made, "2025-12-30T08:00:00Z");
    const [long, last] = await rows(made);
    expect(days(long!)).toEqual([dayNumber("2024-06-01") - FIRST + 1, 177]);
    expect(last).toMatchObject({ counted: 0, expected: null, ratio: null, p: null, verdict: null, after: { liftMonths: 0 } });
  });

  test("ends at a modernisation, which makes another machine of a lift, and at no other work, which is counted", async () => {
    const made = facts();
    work(made, "2024-03-01T08:00:00Z", "modernisation", "2024-03-20T08:00:00Z");
    work(made, "2024-06-01T08:00:00Z");
    work(made, "2024-07-01T08:00:00Z");
    work(made, "2024-07-05T08:00:00Z", "maintenance");
    work(made, "2024-08-01T08:00:00Z", "modernisation");
    const [first, second] = await rows(made);
    expect(days(first!)).toEqual([
      dayNumber("2024-06-01") - dayNumber("2024-03-20"),
      dayNumber("2024-08-01") - dayNumber("2024-06-04") - 1,
    ]);
    expect(first!.further).toBe(1);
    expect(days(second!)[0]).toBe(dayNumber("2024-07-01") - dayNumber("2024-03-20"));
    const [all] = await rows(made, { by: "all" });
    expect(all).toMatchObject({ works: 2, counted: 1, further: 1, at: null, before: first!.before, after: first!.after });
    expect((await rows(made, { work: "modernisation" })).map(({ works }) => works)).toEqual([1, 1]);
  });

  test("has no faults of days on which the lift was not in service", async () => {
    const made = facts();
    made.faults.record(0, FIRST - 30, (FIRST - 30) * DAY_MS);
    made.days.record(1, FIRST - 40, DAY_MS);
    work(made, "2024-06-01T08:00:00Z");
    const [row] = await rows(made);
    expect(row!.before.faults).toBe(4);
  });

  test("told twice, by records and by an order, is one; of lifts that are not asked about there is none", async () => {
    const made = facts();
    work(made, "2024-06-01T08:00:00Z", "repair", "2024-06-01T09:00:00Z");
    made.takeWorks([{ entry: 4, at: Date.parse("2024-06-01T08:00:00Z"), liftId: "A", work: "repair", by: "x", note: "again" }]);
    expect(await rows(made)).toHaveLength(1);
    expect(await rows(made, { filters: { liftId: "B" } })).toEqual([]);
    expect(await rows(new Facts("UTC"))).toEqual([]);
    expect((await rows(made, { asOf: FIRST - 1 }))[0]).toMatchObject({ p: null });
  });
});
