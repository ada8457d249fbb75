/** The thread that keeps the facts of trends, answers questions about them and makes reports: a second of sums holds up no signal. */
import { join } from "node:path";
import { parentPort, workerData } from "node:worker_threads";
import { LIMITS } from "./config.ts";
import { OperationalError } from "./errors.ts";
import { keptHistory } from "./history/kept.ts";
import { makeReport } from "./reports/make.ts";
import { openStorePort } from "./store/port.ts";
import type { FromTrends, ToTrends, TrendThreadData } from "./trend-messages.ts";
import { openFacts } from "./trends/facts/open-facts.ts";
import { answerAsked } from "./trends/questions/asked.ts";
import type { Population } from "./trends/questions/grouping.ts";
import { prepareDays } from "./trends/questions/prepare.ts";
import { giveWay } from "./worker.ts";

const { data, timezone, ...given } = workerData as TrendThreadData;
let { register } = given;
const port = parentPort!;
const store = openStorePort(given.store);

function post(message: FromTrends, transfer: ArrayBuffer[] = []): void {
  port.postMessage(message, transfer);
}

giveWay();
let remarked: ((done: boolean) => void) | null = null;
const facts = openFacts({
  store,
  copy: {
    directory: join(data, "trends"),
    least: LIMITS.trends.copyLeast,
    remark: (from, to) => {
      post({ op: "remark", from, to });
      return new Promise((resolve) => {
        remarked = resolve;
      });
    },
  },
  history: async () => (await keptHistory(data)).values(),
  register: () => register,
  timezone,
  prepare: (read, of) => prepareDays({ facts: read, register: of }),
  log: (line) => post({ op: "log", line }),
});

async function population(): Promise<Population> {
  return { facts: await facts.current(), register };
}

async function answer(message: Extract<ToTrends, { readonly id: number }>): Promise<void> {
  const { id } = message;
  try {
    if (message.op === "ask") {
      const { text, next } = await answerAsked(await population(), message.asked, message.wanted);
      const bytes = new TextEncoder().encode(text);
      post({ op: "answer", id, value: { bytes, next } }, [bytes.buffer]);
    } else if (message.op === "report") {
      const { period, scope, setting } = message;
      post({ op: "answer", id, value: await makeReport({ population: await population(), store, timezone, ...setting }, period, scope) });
    } else {
      const { liftIds, version } = await facts.reload();
      post({ op: "answer", id, value: { lifts: liftIds.length, version } });
    }
  } catch (error) {
    const code = error instanceof OperationalError ? error.code : null;
    post({ op: "failed", id, code, message: (error as Error).message });
  }
}

port.on("message", (message: ToTrends) => {
  if (message.op === "register") register = message.register;
  else if (message.op === "take") facts.take(message);
  else if (message.op === "remarked") remarked?.(message.done);
  else void answer(message);
});
