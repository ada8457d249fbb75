import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { draftOfMessage } from "../../src/journal/entries.ts";
import type { Journal, JournalRecord } from "../../src/journal/journal.ts";
import { type JournalOptions, openJournal } from "../../src/journal/open.ts";

let directory: string;
let open: Journal[];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-journal-"));
  open = [];
});
afterEach(async () => {
  for (const journal of open) await journal.close();
  await rm(directory, { recursive: true });
});

async function openHere(options: Partial<JournalOptions> = {}): Promise<Journal> {
  const journal = await openJournal({
    directory,
    clock: { now: () => 1_000 },
    maxBytes: Infinity,
    maxAgeMs: Infinity,
    onFatal: (error) => {
      throw error;
    },
    ...options,
  });
  open.push(journal);
  return journal;
}

function append(journal: Journal, payload: string, topic = "lifts/L1/speed"): Promise<number> {
  return new Promise((resolve, reject) => {
    journal.append(draftOfMessage(topic, Buffer.from(payload), "L1", null), (error, seq) =>
      error === null ? resolve(seq) : reject(error),
    );
  });
}

async function readAll(journal: Journal, from = 1, options = {}): Promise<JournalRecord[]> {
  const records: JournalRecord[] = [];
  for await (const chunk of journal.read(from, options)) records.push(...chunk);
  return records;
}

const payloads = (records: readonly JournalRecord[]) => records.map((record) => Buffer.from(record.payload).toString());

describe("appending", () => {
  test("records are numbered from 1 in the order of their appends and read back as they were", async () => {
    const journal = await openHere();
    expect([journal.firstSeq, journal.lastSeq]).toEqual([1, 0]);
    expect(await Promise.all([append(journal, "a"), append(journal, "b"), append(journal, "c", "lifts/电梯/door")])).toEqual([1, 2, 3]);
    const records = await readAll(journal);
    expect(records.map(({ seq, topic, source, kind, refusal, receivedAt }) => ({ seq, topic, source, kind, refusal, receivedAt }))).toEqual(
      [
        { seq: 1, topic: "lifts/L1/speed", source: "L1", kind: "message", refusal: null, receivedAt: 1000 },
        { seq: 2, topic: "lifts/L1/speed", source: "L1", kind: "message", refusal: null, receivedAt: 1000 },
        { seq: 3, topic: "lifts/电梯/door", source: "L1", kind: "message", refusal: null, receivedAt: 1000 },
      ],
    );
    expect(payloads(records)).toEqual(["a", "b", "c"]);
  });

  test("a journal goes on where it ended, with the same id", async () => {
    const first = await openHere();
    await append(first, "a");
    await first.close();
    const second = await openHere();
    expect(second.id).toBe(first.id);
    expect(second.damage).toEqual([]);
    expect(await append(second, "b")).toBe(2);
    expect(payloads(await readAll(second))).toEqual(["a", "b"]);
  });
});
