/** Every kind of question that REST takes, on its own lists of groups and buckets: no combination is left that nobody has timed. */
import { LIMITS } from "../src/config.ts";
import { dayName } from "../src/core/calendar.ts";
import type { LiftRecord } from "../src/core/lift.ts";
import { OperationalError } from "../src/errors.ts";
import { BUCKETS } from "../src/trends/facts/zone-days.ts";
import { answerAsked, largestPage, type Asked, type Wanted } from "../src/trends/questions/asked.ts";
import { DIMENSIONS, useOfRecord, type Dimension, type Filters, type Population } from "../src/trends/questions/grouping.ts";
import type { Range } from "../src/trends/questions/tally.ts";

export interface Swept {
  /** The question that took longest, and how long: the best of the repeats until its answer is written as text, ms. */
  readonly slowest: { readonly name: string; readonly ms: number };
  readonly asked: number;
  /** How many took longer than TARGET_MS. */
  readonly above: number;
  /** Questions that are too large to be answered, by their names. */
  readonly refused: readonly string[];
}

interface Question {
  readonly name: string;
  readonly asked: Asked;
  readonly wanted: Wanted;
}

/** What an index is of. */
const INDEXED: ReadonlySet<Dimension> = new Set(["lift", "building", "maker", "firm"]);

/** How many are asked again. */
const AGAIN = 40;
/** What an answer may take on an idle machine, ms. */
export const TARGET_MS = 200;

/** What nobody filters, and what a filter of the most lifts leaves. */
export function sweepQuestions(register: readonly LiftRecord[], range: Range): Question[] {
  const questions: Question[] = [];
  const period = dayName(range.last).slice(0, 7);
  const filters: readonly (readonly [string, Filters])[] = [["", {}], ...commonest(register)];
  for (const [filter, only] of filters)
    for (const by of DIMENSIONS) {
      const add = (name: string, asked: Asked, limit: number, most: number = largestPage(asked)) => {
        const whole = `${name}${filter}`;
        questions.push({ name: whole, asked, wanted: { offset: 0, limit, format: "json" } });
        if (filter !== "") return;
        questions.push({
          name: `${whole}, CSV of ${most}`,
          asked,
          wanted: { offset: 0, limit: most, format: "csv" },
        });
      };
      for (const bucket of BUCKETS) {
        add(`fault rate by ${by} and ${bucket}`, { name: "fault-rate", by, bucket, range, filters: only }, LIMITS.trends.pageDefault);
        add(`rescue by ${by} and ${bucket}`, { name: "rescue", by, bucket, range, filters: only }, LIMITS.trends.pageDefault);
      }
      add(`service life by ${by}`, { name: "service-life", by, range, filters: only }, LIMITS.trends.pageDefault);
      add(`ranking by ${by}`, { name: "rankings", by, period, filters: only }, LIMITS.trends.shortPageDefault);
      const works = { name: "before-after", work: "repair", days: LIMITS.trends.afterDaysDefault, range, filters: only } as const;
      add(`before and after by ${by}`, { ...works, by }, LIMITS.trends.shortPageDefault, LIMITS.trends.testedPage);
      if (by === "all")
        add("before and after of each work", { ...works, by: "work" }, LIMITS.trends.shortPageDefault, LIMITS.trends.testedPage);
      if (INDEXED.has(by)) add(`index by ${by}`, { name: "index", by, period, filters: only }, LIMITS.trends.shortPageDefault);
    }
  return questions;
}

/** Of each filter the value that most lifts have. */
function commonest(register: readonly LiftRecord[]): (readonly [string, Filters])[] {
  const of = (name: keyof Filters, value: (record: LiftRecord) => string | undefined): [string, Filters][] => {
    const counts = new Map<string, number>();
    for (const record of register) {
      const own = value(record);
      if (own !== undefined) counts.set(own, (counts.get(own) ?? 0) + 1);
    }
    const [most] = [...counts].toSorted(([, a], [, b]) => b - a);
    return most === undefined ? [] : [[`, one ${name}`, { [name]: most[0] }]];
  };
  return [
    ...of("district", ({ district }) => district),
    ...of("firm", ({ firm }) => firm),
    ...of("maker", ({ maker }) => maker),
    ...of("model", ({ model }) => model),
    ...of("kind", ({ kind }) => kind),
    ...of("building", ({ building }) => building),
    ...of("userUnit", ({ userUnit }) => userUnit),
    ...of("use", useOfRecord),
    ...of("liftId", ({ liftId }) => liftId),
    [", one ageBand", { ageBand: "5-9" }],
  ];
}

/** Asks each question once, and those that took longest so many times more. */
export async function sweep(population: Population, questions: readonly Question[], repeats: number): Promise<Swept> {
  const timed: { readonly question: Question; ms: number }[] = [];
  const refused: string[] = [];
  for (const question of questions) {
    try {
      timed.push({ question, ms: await timeOf(population, question) });
    } catch (error) {
      if (!(error instanceof OperationalError && error.code === "query-too-large")) throw error;
      refused.push(question.name);
    }
  }
  const longest = timed.toSorted((a, b) => b.ms - a.ms).slice(0, AGAIN);
  for (const one of longest)
    for (let repeat = 0; repeat < repeats; repeat++) one.ms = Math.min(one.ms, await timeOf(population, one.question));
  const [{ question, ms }] = longest.toSorted((a, b) => b.ms - a.ms) as [(typeof longest)[number]];
  const above = timed.filter((one) => one.ms > TARGET_MS).length;
  return { slowest: { name: question.name, ms }, asked: timed.length, above, refused };
}

async function timeOf(population: Population, { asked, wanted }: Question): Promise<number> {
  const began = performance.now();
  await answerAsked(population, asked, wanted);
  return performance.now() - began;
}
