/** Trends in the running program: facts that follow the store and the imported history, for REST and reports. */
import type { Monitor } from "./core/monitor.ts";
import { keptHistory } from "./history/kept.ts";
import type { Settings } from "./settings-schema.ts";
import type { Store } from "./store/store.ts";
import { openFacts } from "./trends/facts/open-facts.ts";
import type { Population } from "./trends/questions/grouping.ts";

export interface Trending {
  /** The store as those who write to it see it: what it has taken, trends take, too. */
  readonly store: Pick<Store, "offset" | "write">;
  /** What every question about trends is asked of. @throws OperationalError `facts-loading`, or what the store throws. */
  population(): Promise<Population>;
  /** Reads the imported history anew. Resolves when it counts. */
  reload(): Promise<void>;
  close(): void;
}

export interface TrendingOptions {
  readonly settings: Pick<Settings, "data">;
  readonly store: Store;
  readonly monitor: Pick<Monitor, "register">;
  readonly timezone: string;
  readonly log: (line: string) => void;
}

export function openTrending({ settings, store, monitor, timezone, log }: TrendingOptions): Trending {
  const facts = openFacts({
    store,
    history: async () => (await keptHistory(settings.data)).values(),
    register: () => monitor.register,
    timezone,
    log,
  });
  return {
    store: {
      get offset() {
        return store.offset;
      },
      async write(batch) {
        await store.write(batch);
        facts.take(batch);
      },
    },
    async population() {
      return { facts: await facts.current(), register: monitor.register };
    },
    async reload() {
      await facts.reload();
    },
    close: () => facts.close(),
  };
}
