/** Trends in the running program: a thread whose facts follow the store and the imported history, asked by REST and for reports. */
import type { Settings } from "./settings/schema.ts";
import type { Monitor } from "./core/monitor.ts";
import type { LiftRecord } from "./core/lift.ts";
import { OperationalError } from "./errors.ts";
import type { Report, Scope } from "./reports/document.ts";
import type { Period } from "./reports/period.ts";
import { packDays } from "./store/packed-days.ts";
import type { Store, StoreBatch } from "./store/store.ts";
import type { ThreadedStore } from "./store/threaded.ts";
import type { AnswerBytes, FromTrends, Reloaded, ReportSetting, ToTrends, TrendThreadData } from "./trend-messages.ts";
import { COUNTED_HAZARDS } from "./trends/facts/happenings.ts";
import type { Asked, Wanted } from "./trends/questions/asked.ts";
import { startWorker } from "./worker.ts";

export interface Trending {
  /** The store as those who write to it see it: what it has taken, trends take, too. */
  readonly store: Pick<Store, "offset" | "write">;
  /** @throws OperationalError `facts-loading`, `query-too-large`, `trends-failed` (the thread ended), or what the store throws. */
  ask(asked: Asked, wanted: Wanted): Promise<AnswerBytes>;
  /** @throws as `ask`. */
  report(period: Period, scope: Scope, setting: ReportSetting): Promise<Report>;
  /** Reads the imported history anew. Resolves when it counts. */
  reload(): Promise<Reloaded>;
  close(): Promise<void>;
}

export interface TrendingOptions {
  readonly settings: Pick<Settings, "data">;
  readonly store: Pick<ThreadedStore, "offset" | "write" | "connect" | "remark">;
  readonly monitor: Pick<Monitor, "register">;
  readonly timezone: string;
  readonly log: (line: string) => void;
}

type Request = Extract<ToTrends, { readonly id: number }>;
type Unnumbered = Request extends infer R ? (R extends Request ? Omit<R, "id"> : never) : never;

interface Waiting {
  readonly resolve: (value: AnswerBytes | Report | Reloaded) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly post: (message: ToTrends, transfer?: ArrayBuffer[]) => void;
  /** What it was told of last. */
  register: readonly LiftRecord[];
  end(): Promise<void>;
}

export function openTrending({ settings, store, monitor, timezone, log }: TrendingOptions): Trending {
  const waiting = new Map<number, Waiting>();
  let lastId = 0;
  let closed = false;
  let thread: Thread | null = start();

  function start(): Thread {
    const { register } = monitor;
    const port = store.connect();
    const workerData: TrendThreadData = { store: port, data: settings.data, timezone, register };
    const worker = startWorker("./trending-worker", import.meta.url, { workerData, transferList: [port], name: "trends" });
    worker.on("error", (error) => fail(String(error)));
    worker.on("exit", (code) => {
      if (thread === own) fail(`code ${code}`);
    });
    worker.on("message", (message: FromTrends) => take(message, own));
    const own: Thread = {
      register,
      post: (message, transfer = []) => worker.postMessage(message, transfer),
      async end() {
        await worker.terminate();
      },
    };
    return own;
  }

  function fail(reason: string): void {
    thread = null;
    if (!closed) log(`trends: their thread ended (${reason}); the next question starts another`);
    const error = new OperationalError(closed ? "store-closed" : "trends-failed", `the thread that reckons trends ended (${reason})`);
    for (const { reject } of waiting.values()) reject(error);
    waiting.clear();
  }

  function take(message: FromTrends, { post }: Thread): void {
    if (message.op === "log") {
      log(message.line);
      return;
    }
    if (message.op === "remark") {
      const { from, to } = message;
      // Where it cannot be done the copy is of no use, and the next start reads the store.
      store.remark({ from, to }).then(
        (done) => post({ op: "remarked", done }),
        () => post({ op: "remarked", done: false }),
      );
      return;
    }
    const asked = waiting.get(message.id);
    waiting.delete(message.id);
    if (message.op === "answer") asked?.resolve(message.value);
    else
      asked?.reject(message.code === null ? new Error(`trends: ${message.message}`) : new OperationalError(message.code, message.message));
  }

  function request(message: Unnumbered): Promise<AnswerBytes | Report | Reloaded> {
    if (closed) return Promise.reject(new OperationalError("store-closed", "the program stops"));
    thread ??= start();
    if (thread.register !== monitor.register) {
      thread.register = monitor.register;
      thread.post({ op: "register", register: thread.register });
    }
    const id = ++lastId;
    const { post } = thread;
    return new Promise((resolve, reject) => {
      waiting.set(id, { resolve, reject });
      post({ ...message, id });
    });
  }

  function tell({ days, changes, works }: StoreBatch): void {
    const alerts = changes.flatMap(({ alert }) => (COUNTED_HAZARDS.includes(alert.hazard) ? [alert] : []));
    if (thread === null || (days.length === 0 && alerts.length === 0 && works.length === 0)) return;
    const packed = days.length === 0 ? null : packDays(days);
    const taken = { op: "take", days: packed, alerts, works, lastChange: changes.at(-1)?.n ?? 0 } as const;
    thread.post(taken, packed === null ? [] : [packed.cells.buffer]);
  }

  return {
    store: {
      get offset() {
        return store.offset;
      },
      async write(batch) {
        await store.write(batch);
        tell(batch);
      },
    },
    ask: async (asked, wanted) => (await request({ op: "ask", asked, wanted })) as AnswerBytes,
    report: async (period, scope, setting) => (await request({ op: "report", period, scope, setting })) as Report,
    reload: async () => (await request({ op: "reload" })) as Reloaded,
    async close() {
      closed = true;
      await thread?.end();
    },
  };
}
