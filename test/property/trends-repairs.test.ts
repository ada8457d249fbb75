/** Repairs whose effect is known: none, or one firm's halve the rate. Work is ordered after faults, as it is, so that a plain before and after is misled. */
import { expect, test } from "vitest";
import { Random } from "../../simulators/random.ts";
import { dayNumber } from "../../src/core/calendar.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { compareRates } from "../../src/trends/before-after.ts";
import { Facts } from "../../src/trends/facts/facts.ts";
import { beforeAfter, type BeforeAfterQuestion } from "../../src/trends/questions/before-after.ts";
import type { Population } from "../../src/trends/questions/grouping.ts";

const SEED = 20_261_123;
const LIFTS = 2_000;
const DAYS = 1_096;
const FIRST = dayNumber("2023-01-01");
const AFTER = 180;
const FIRMS = 40;
const MONTH_DAYS = 30.4375;
const ALL = { work: "repair", days: AFTER, range: { first: FIRST, last: FIRST + DAYS - 1 }, filters: {} } as const;

/** Whether a repair is ordered on the day of a fault, by the days of the lift's faults up to that one, and of its last repair. */
const RULES: Readonly<Record<string, (days: readonly number[], lastRepair: number) => boolean>> = {
  "after each fault": () => true,
  "after two faults in 30 days": (days, last) => recent(days, last, 30) >= 2,
  "after three faults in 30 days": (days, last) => recent(days, last, 30) >= 3,
  "after three faults in 90 days": (days, last) => recent(days, last, 90) >= 3,
};

function recent(days: readonly number[], lastRepair: number, within: number): number {
  const today = days.at(-1)!;
  return days.filter((day) => day > today - within && day > lastRepair).length;
}

interface City extends Population {
  /** Days of faults by lift, and repairs. */
  readonly faults: readonly (readonly number[])[];
  readonly repairs: readonly (readonly [lift: number, day: number])[];
}

/** Rates of lifts are Gamma(1.2) with a mean of `monthly`; after a repair by firm 0 the lift's rate is `effect` of what it was. */
function city(monthly: number, rule: string, effect = 1): City {
  const random = Random.seeded(SEED);
  const register = Array.from({ length: LIFTS }, (_, lift): LiftRecord => ({
    liftId: `L${lift}`,
    firm: `F${lift % FIRMS}`,
    kind: "passenger",
  }));
  const facts = new Facts("UTC");
  facts.days.reserve(LIFTS);
  const faults: number[][] = [];
  const repairs: [number, number][] = [];
  for (let lift = 0; lift < LIFTS; lift++) {
    facts.numberOf(`L${lift}`);
    for (let day = 0; day < DAYS; day++) facts.days.count(lift, FIRST + day, 86_400_000, 300);
    const own: number[] = [];
    let [rate, last] = [(monthly * gamma(random, 1.2)) / 1.2 / MONTH_DAYS, -Infinity];
    for (let time = random.exponential(1 / rate); time < DAYS; time += random.exponential(1 / rate)) {
      const day = FIRST + Math.floor(time);
      if (own.length > 0 && day - own.at(-1)! <= 3) continue;
      own.push(day);
      facts.faults.count(lift, day, 1, day * 86_400_000 + 43_200_000);
      if (!RULES[rule]!(own, last)) continue;
      last = day;
      repairs.push([lift, day]);
      facts.works.add(lift, { at: day * 86_400_000 + 50_000_000, until: null, work: "repair", note: null });
      if (lift % FIRMS === 0 && rate * MONTH_DAYS > 0.5) rate *= effect;
    }
    faults.push(own);
  }
  facts.recorded();
  return { facts, register, faults, repairs };
}

/** Gamma of shape above 1, mean `shape` (Marsaglia & Tsang 2000). */
function gamma(random: Random, shape: number): number {
  const d = shape - 1 / 3;
  for (;;) {
    const x = Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
    const v = (1 + x / Math.sqrt(9 * d)) ** 3;
    if (v > 0 && Math.log(1 - random.uniform()) < x * x * 0.5 + d - d * v + d * Math.log(v)) return d * v;
  }
}

/** Half a year before against half a year after, as it is mostly done. */
function plainly({ faults, repairs }: City) {
  const sums = { better: 0, before: 0, after: 0 };
  const whole = repairs.filter(([, day]) => day - AFTER >= FIRST && day + AFTER < FIRST + DAYS);
  for (const [lift, day] of whole) {
    const count = (from: number, to: number) => faults[lift]!.filter((one) => one >= from && one <= to).length;
    const [before, after] = [count(day - AFTER + 1, day), count(day + 1, day + AFTER)];
    sums.before += before;
    sums.after += after;
    if (compareRates({ events: before, exposure: AFTER }, { events: after, exposure: AFTER }).better < 0.05) sums.better += 1;
  }
  return { better: sums.better / whole.length, ratio: sums.after / sums.before };
}

async function ask(population: Population, by: BeforeAfterQuestion["by"]) {
  const { rows, total, ...head } = await beforeAfter(population, { ...ALL, by });
  return { ...head, rows: rows(0, total) };
}

const CASES = [
  [0.0275, "after each fault"],
  [0.5, "after each fault"],
  [0.5, "after two faults in 30 days"],
  [0.5, "after three faults in 90 days"],
  [1.375, "after three faults in 30 days"],
] as const;

test.each(CASES)(
  `of repairs that change nothing next to none is told to help: %d episodes a lift-month, ordered %s (seed ${SEED})`,
  async (monthly, rule) => {
    const simulated = city(monthly, rule);
    const plain = plainly(simulated);
    const works = await ask(simulated, "work");
    const firms = await ask(simulated, "firm");
    const [all] = (await ask(simulated, "all")).rows;
    const share = works.rows.filter(({ better }) => better !== null && better < 0.05).length / works.tested;
    const words = `${monthly} ${rule}: ${works.tested} works; plainly ${(100 * plain.better).toFixed(2)} % better, ratio ${plain.ratio.toFixed(3)}; ours ${(100 * share).toFixed(2)} %, ratio ${all?.ratio?.toFixed(3)}, ${works.better} told better, ${works.worse} worse; firms ${firms.better}, ${firms.worse}`;
    if (process.env["HOISTWAY_TELL"] !== undefined) process.stderr.write(`${words}\n`);
    // Taken plainly, repairs that did nothing would seem to have spared a tenth of the faults and more.
    expect(plain.ratio, words).toBeLessThan(0.92);
    expect(all!.ratio, words).toBeGreaterThan(0.93);
    expect(all!.ratio, words).toBeLessThan(1.07);
    expect(share, words).toBeLessThan(0.05);
    expect(works.better + works.worse, words).toBeLessThanOrEqual(works.tested / 1_000);
    expect(firms.better + firms.worse, words).toBeLessThanOrEqual(1);
  },
);

test(`of forty firms the one whose repairs halve the rate is told to be better, and no other (seed ${SEED})`, async () => {
  const { rows, better, worse } = await ask(city(1.375, "after three faults in 90 days", 0.5), "firm");
  expect([better, worse]).toEqual([1, 0]);
  expect(rows[0]).toMatchObject({ key: "F0", verdict: "better" });
  expect(rows[0]!.high).toBeLessThan(0.9);
});
