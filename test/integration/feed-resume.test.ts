import * as fc from "fast-check";
import { expect, test } from "vitest";
import { FeedServer } from "./feed-double.ts";
import type { FeedClient } from "./feed-double.ts";

/** What happens between two looks at the feed. */
const steps = fc.array(
  fc.oneof(
    { weight: 4, arbitrary: fc.record({ do: fc.constant("publish" as const), count: fc.integer({ min: 1, max: 40 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("store" as const), count: fc.integer({ min: 1, max: 60 }) }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constant("wait" as const), count: fc.integer({ min: 1, max: 30 }) }) },
    { weight: 3, arbitrary: fc.record({ do: fc.constant("drop" as const) }) },
  ),
  { minLength: 1, maxLength: 25 },
);

/** The cursor that a client would resume with: that of the last frame which says how far it has got. */
function cursorOf(client: FeedClient, before: string | null): string | null {
  const frame = client.frames.findLast(({ type }) => type === "snapshot" || type === "change" || type === "heartbeat");
  return frame !== undefined && "cursor" in frame ? frame.cursor : before;
}

test("a client that drops at any moment and resumes sees every change once, in order (L6)", async () => {
  const seen = { resumes: 0, fetches: 0, changes: 0 };
  await fc.assert(
    fc.asyncProperty(steps, async (script) => {
      // Small enough that resumes come from memory, from the store, and from both.
      const server = await FeedServer.open({
        ringChanges: 16,
        fetchChanges: 5,
        socketBytes: 2_000,
        flushMs: 1,
        resumeRetryMs: 1,
        resumeWaitMs: 60_000,
        resumeChanges: 100_000,
      });
      try {
        const numbers: number[] = [];
        let cursor: string | null = null;
        let client = server.connect();
        await client.until(() => client.of("snapshot").length === 1);
        const drop = async (): Promise<void> => {
          client.socket.terminate();
          await client.until(({ closed }) => closed !== null);
          numbers.push(...client.numbers());
          cursor = cursorOf(client, cursor);
          client = server.connect(`?after=${cursor}`);
          seen.resumes += 1;
        };
        for (const step of script) {
          if (step.do === "publish") server.publish(step.count);
          else if (step.do === "store") server.storedTo = Math.min(server.storedTo + step.count, server.journal.length);
          else if (step.do === "drop") await drop();
          else await client.until(({ frames, closed }) => closed !== null || frames.length >= Math.min(step.count, 1));
          // A client that fell out of the ring while it was live is closed; it resumes as one that dropped.
          if (client.closed !== null) await drop();
        }
        server.storedTo = server.journal.length;
        const last = server.journal.length;
        const complete = (): boolean => [...numbers, ...client.numbers()].length >= last;
        while (!complete()) {
          await client.until(({ closed }) => closed !== null || complete());
          if (client.closed !== null) await drop();
        }
        numbers.push(...client.numbers());
        expect(numbers).toEqual(Array.from({ length: last }, (_, index) => index + 1));
        expect(client.of("resync")).toEqual([]);
        seen.fetches += server.fetches;
        seen.changes += last;
        client.socket.terminate();
      } finally {
        await server.close();
      }
    }),
    { numRuns: 40 },
  );
  // It has seen what it is about.
  expect(seen.resumes).toBeGreaterThan(40);
  expect(seen.fetches).toBeGreaterThan(40);
  expect(seen.changes).toBeGreaterThan(500);
});
