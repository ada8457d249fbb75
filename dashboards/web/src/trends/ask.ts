/** Questions about trends (docs/trends.md): asked two at a time, as the program answers few at once, and kept for a minute. */
import { signal, useSignalEffect } from "@preact/signals";
import { useState } from "preact/hooks";
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import type { BeforeAfterAnswer, BeforeAfterRow } from "../../../../src/trends/questions/before-after.ts";
import type { IndexAnswer, IndexRow } from "../../../../src/trends/questions/evaluation.ts";
import type { RankingAnswer, RankingRow } from "../../../../src/trends/questions/rankings.ts";
import type { RescueRow } from "../../../../src/trends/questions/rescue.ts";
import type { ServiceLifeRow } from "../../../../src/trends/questions/life-curve.ts";
import { call, Refused } from "../rest.ts";

interface Rows<Row> {
  readonly rows: readonly Row[];
  /** Null where these are all. */
  readonly next: string | null;
}
interface Between {
  readonly from: string;
  readonly to: string;
}
export type FaultRates = Between & Rows<FaultRateRow>;
export type Rescues = Between & Rows<RescueRow>;
export type ServiceLives = Between & Rows<ServiceLifeRow> & { readonly lackAge: number };
export type Rankings = Omit<RankingAnswer, "rows"> & Rows<RankingRow>;
export type Indices = Omit<IndexAnswer, "rows"> & Rows<IndexRow>;

export type BeforeAfters = Omit<BeforeAfterAnswer, "rows" | "total"> & Rows<BeforeAfterRow>;

/** Right after a start the program reads years of facts first, and says `busy` where others ask as well. */
const DEADLINE_MS = 60_000;
const TRIES = 5;
const AGAIN_MS = 700;
const AT_ONCE = 2;
const KEPT = 40;
const KEPT_MS = 60_000;

const answers = new Map<string, { readonly at: number; readonly answer: Promise<unknown> }>();
const waiting: (() => void)[] = [];
let underWay = 0;

async function ask(path: string): Promise<unknown> {
  if (underWay >= AT_ONCE) {
    await new Promise<void>((resolve) => {
      waiting.push(resolve);
    });
  }
  underWay += 1;
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await call("GET", path, undefined, DEADLINE_MS);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 503 || attempt === TRIES) throw error;
        await new Promise((resolve) => {
          window.setTimeout(resolve, AGAIN_MS * attempt);
        });
      }
    }
  } finally {
    underWay -= 1;
    waiting.shift()?.();
  }
}

function answerTo(path: string): Promise<unknown> {
  const kept = answers.get(path);
  if (kept !== undefined && Date.now() - kept.at < KEPT_MS) return kept.answer;
  const answer = ask(path);
  answers.delete(path);
  answers.set(path, { at: Date.now(), answer });
  answer.catch(() => answers.delete(path));
  for (const oldest of answers.keys()) {
    if (answers.size <= KEPT) break;
    answers.delete(oldest);
  }
  return answer;
}

export interface Told<T> {
  readonly value: T | null;
  /** What the program said, where it did not answer. */
  readonly failed: string | null;
  readonly again: () => void;
}

/** The answer to a question; its value is null until it is there. `path` null asks nothing. T is the caller's to know. */
export function useAnswer<T>(path: string | null): Told<T> {
  const [asked] = useState(() => signal<{ readonly path: string | null; readonly round: number }>({ path: null, round: 0 }));
  const [told] = useState(() => signal<{ readonly path: string; readonly value?: unknown; readonly failed?: string } | null>(null));
  if (asked.peek().path !== path) asked.value = { path, round: 0 };
  useSignalEffect(() => {
    const { path: wanted } = asked.value;
    if (wanted === null) return;
    const isWanted = () => asked.peek().path === wanted;
    answerTo(wanted).then(
      (value) => {
        if (isWanted()) told.value = { path: wanted, value };
        return undefined;
      },
      (error: unknown) => {
        if (isWanted()) told.value = { path: wanted, failed: error instanceof Error ? error.message : String(error) };
      },
    );
  });
  const now = told.value;
  const mine = now !== null && now.path === path ? now : null;
  return {
    value: (mine?.value as T | undefined) ?? null,
    failed: mine?.failed ?? null,
    again: () => {
      told.value = null;
      asked.value = { path, round: asked.peek().round + 1 };
    },
  };
}
