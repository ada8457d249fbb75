import { spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openJournal } from "../../src/journal/open.ts";
import { randomFrom } from "../property/journal-disk.ts";

const KILLS = 20;
const SEED = 20_261_122;
/** A life that has acknowledged at least one group is killed after so many more lines from it at the most. */
const LINES = 30;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-journal-kill-"));
});
afterAll(() => rm(directory, { recursive: true }));

interface Life {
  readonly openedAt: number;
  readonly acknowledged: readonly { readonly seq: number; readonly n: number }[];
}

/** One child, killed without warning after `lines` lines and `spins` turns of the event loop, so at no tidy moment. */
function live(tag: string, lines: number, spins: number): Promise<Life> {
  const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "journal-child.ts"), directory, tag], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  let openedAt = -1;
  const acknowledged: { seq: number; n: number }[] = [];
  let heard = 0;
  const kill = (left: number): void => {
    if (left === 0) child.kill("SIGKILL");
    else setImmediate(() => kill(left - 1));
  };
  const reader = createInterface({ input: child.stdout });
  reader.on("line", (line) => {
    const [word, ...numbers] = line.split(" ");
    if (word === "open") openedAt = Number(numbers[0]);
    // A line that the kill cut short was not told.
    if (word === "ack" && numbers.pop() === "end") {
      for (let at = 0; at < numbers.length; at += 2) acknowledged.push({ seq: Number(numbers[at]), n: Number(numbers[at + 1]) });
    }
    heard += 1;
    if (heard === lines) kill(spins);
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    reader.on("close", () =>
      openedAt < 0 ? reject(new Error(`life ${tag} did not open the journal`)) : resolve({ openedAt, acknowledged }),
    );
  });
}

test(`no acknowledged record is lost or changed over ${KILLS} SIGKILLs under load, and numbers never go back`, async () => {
  const random = randomFrom(SEED);
  const acknowledged = new Map<number, string>();
  let newest = 0;
  for (let life = 0; life < KILLS; life += 1) {
    const { openedAt, acknowledged: told } = await live(`L${life}`, 2 + Math.floor(random() * LINES), Math.floor(random() * 50));
    expect(openedAt, `seed ${SEED}, life ${life}`).toBeGreaterThanOrEqual(newest);
    for (const { seq, n } of told) {
      if (acknowledged.has(seq)) throw new Error(`seed ${SEED}, life ${life}: ${seq} acknowledged twice`);
      acknowledged.set(seq, `L${life}:${n}:${"x".repeat(200)}`);
      newest = Math.max(newest, seq);
    }
  }
  const journal = await openJournal({
    directory,
    clock: { now: () => 0 },
    maxBytes: Infinity,
    maxAgeMs: Infinity,
    onFatal: (error) => {
      throw error;
    },
  });
  let lost = 0;
  let last = 0;
  let outOfOrder = 0;
  for await (const records of journal.read(1)) {
    for (const { seq, payload } of records) {
      if (seq !== last + 1) outOfOrder += 1;
      last = seq;
      const told = acknowledged.get(seq);
      if (told !== undefined && told !== Buffer.from(payload).toString()) lost += 1;
      acknowledged.delete(seq);
    }
  }
  await journal.close();
  expect(lost + acknowledged.size, `seed ${SEED}`).toBe(0);
  expect(outOfOrder).toBe(0);
  expect(journal.damage.filter((damage) => damage.kind === "corrupt")).toEqual([]);
  // The test has seen something: several groups a life.
  expect(newest).toBeGreaterThan(KILLS * 500);
});
