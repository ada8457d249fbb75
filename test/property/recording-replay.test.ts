/**
 * Law L2 for recordings: what a recording of a journal replays to is what the run told, byte for byte (kapacitor#691 and
 * VictoriaMetrics#5186: a replay that differs from live).
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import type { EntryKind, Refusal } from "../../src/core/entry.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { INSPUR_PREFIX } from "../../src/core/adapters/inspur.ts";
import { changeFrame } from "../../src/feed/change-frame.ts";
import { draftOfRules, draftOfWorkOrder, draftsOfRegister, toEntry } from "../../src/journal/entries.ts";
import type { JournalRecord, ReadableJournal } from "../../src/journal/journal.ts";
import { readRecording } from "../../src/recording/read.ts";
import { type Before, recordingLines } from "../../src/recording/write.ts";
import { emptyMonitor, entriesOf } from "../../src/recovery.ts";
import { Run } from "../../src/recording/run.ts";

const SEED = 20_261_122;
const START = 1_767_225_600_000;
const LIFTS = ["A", "B", "C"];
const REGISTER = [
  { liftId: "A", kind: "passenger" as const, ratedSpeedMps: 1.75, district: "武江" },
  { liftId: "B", kind: "freight" as const, ratedSpeedMps: 1 },
];
const directory = mkdtempSync(join(tmpdir(), "hoistway-recording-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** How a device may write JSON, and what is none. */
const WRITINGS = [
  "plain",
  "spaced",
  "broken over lines",
  "with a line separator",
  "with unknown fields",
  "cut",
  "not UTF-8",
  "marked",
] as const;

const signal = fc.oneof(
  fc.record({ channel: fc.constant("door"), state: fc.constantFrom('"closed"', '"open"', '"opening"') }),
  fc.record({
    channel: fc.constant("speed"),
    speedMps: fc.constantFrom("0", "-0", "0.0", "1.2", "2.1", "21e-1", "-2.3", "1e400"),
    doorZone: fc.constantFrom("true", "false"),
  }),
  fc.record({
    channel: fc.constant("status"),
    persons: fc.constantFrom("0", "2", "null", "1e400"),
    mode: fc.constantFrom('"normal"', '"inspection"'),
  }),
  fc.record({ channel: fc.constant("fault"), code: fc.constantFrom('"01"', '"43"', '"x7"'), active: fc.constantFrom("true", "false") }),
);

const step = fc.record({
  lift: fc.nat(LIFTS.length - 1),
  signal,
  waitMs: fc.constantFrom(0, 1, 900, 1_001, 31_000, 95_000),
  writing: fc.constantFrom("plain" as const, ...WRITINGS),
  lost: fc.constantFrom(false, false, false, true),
  refusal: fc.constantFrom<Refusal | null>(null, null, null, "topic-not-authorized", "payload-too-large"),
  next: fc.constantFrom("nothing", "nothing", "nothing", "act", "rules", "register", "corrupt", "work order"),
});
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

function written(text: string, writing: (typeof WRITINGS)[number]): Uint8Array {
  switch (writing) {
    case "plain":
      return Buffer.from(text);
    case "spaced":
      return Buffer.from(` ${text.replaceAll(":", " : ").replaceAll(",", " , ")} `);
    case "broken over lines":
      return Buffer.from(`${text.replaceAll(",", ",\r\n")}\n`);
    case "with a line separator":
      return Buffer.from(text.replace("{", '{"note":"a\u2028b","at":1,'));
    case "with unknown fields":
      return Buffer.from(text.replace("{", '{"payload":{"}":[1,"}"]},"seq":7,"topic":"x",'));
    case "cut":
      return Buffer.from(text.slice(0, -3));
    case "not UTF-8":
      return Buffer.concat([Buffer.from(text), Buffer.from([0xff])]);
    case "marked":
      return Buffer.from(`\uFEFF${text}`);
    default:
      return writing satisfies never;
  }
}

interface Lived {
  readonly journal: ReadableJournal;
  /** Lines of the alerts file, with the entry that brought each about. */
  readonly told: readonly { readonly seq: number; readonly line: string }[];
}

/** A journal of these steps, and what the monitor told while it was written. Ticks come each second or so. */
function live(steps: readonly Step[]): Lived {
  const records: JournalRecord[] = [];
  const told: { seq: number; line: string }[] = [];
  const monitor = emptyMonitor();
  let now = START;
  let skipped = 0;
  const add = (kind: EntryKind, payload: Uint8Array | string, more: Partial<JournalRecord> = {}) => {
    const seq = records.length + 1 + skipped;
    const record = { kind, seq, receivedAt: now, source: "", topic: "", payload: Buffer.from(payload), refusal: null, ...more };
    records.push(record);
    for (const entry of entriesOf([record], () => undefined)) {
      for (const change of monitor.apply(entry).changes) told.push({ seq, line: JSON.stringify(changeFrame("journal-1", change)) });
    }
  };
  const wait = (ms: number) => {
    // A timer of a second is late by a millisecond now and then.
    for (const until = now + ms; now + 1_001 <= until;) {
      now += 1_000 + (now % 2);
      add("tick", "");
    }
    now += ms % 1_000;
  };
  for (const draft of draftsOfRegister(REGISTER)) add("register", draft.payload);
  const seqs = LIFTS.map(() => 0);
  for (const { lift, signal, waitMs, writing, lost, refusal, next } of steps) {
    wait(waitMs);
    const { channel, ...fields } = signal;
    const seq = seqs[lift] ?? 0;
    seqs[lift] = seq + 1;
    const body = [`"at":${now}`, `"seq":${seq}`, ...Object.entries(fields).map(([name, value]) => `"${name}":${value}`)];
    if (!lost)
      add("message", written(`{${body.join(",")}}`, writing), { topic: `lifts/${LIFTS[lift]}/${channel}`, source: `g "${lift}"`, refusal });
    // A stretch of the journal that was damaged.
    else skipped += 1;
    if (next === "act")
      add("act", JSON.stringify({ act: "acknowledge", alertId: monitor.alerts()[0]?.id ?? "none", by: "李", note: 'seen "it"\n' }));
    if (next === "rules")
      add(
        "rules",
        draftOfRules({ ...DEFAULT_RULES, version: `at-${now}`, "door-held-open": { ...DEFAULT_RULES["door-held-open"], afterMs: 5_000 } })
          .payload,
      );
    if (next === "register")
      for (const draft of draftsOfRegister([{ liftId: "C", ratedSpeedMps: 1 }, ...REGISTER])) add("register", draft.payload);
    if (next === "work order") add("work-order", draftOfWorkOrder({ liftId: "A", work: "modernisation", by: "王", note: null }).payload);
    if (next === "corrupt") add("rules", '{"version":7}');
  }
  wait(200_000);
  return { journal: journalOf(records), told };
}

function journalOf(records: readonly JournalRecord[]): ReadableJournal {
  return {
    id: "journal-1",
    firstSeq: records[0]?.seq ?? 1,
    lastSeq: records.at(-1)?.seq ?? 0,
    async *read(from, { to = Number.MAX_SAFE_INTEGER } = {}) {
      const kept = records.filter(({ seq }) => seq >= from && seq <= to);
      for (let at = 0; at < kept.length; at += 7) yield kept.slice(at, at + 7);
    },
  };
}

let files = 0;
/** Exports entries `first` to the last, and replays the file. */
async function replayed(
  journal: ReadableJournal,
  first: number,
  before: Before,
  last = journal.lastSeq,
): Promise<{ lines: string[]; played: number }> {
  let text = "";
  for await (const piece of recordingLines(journal, { stretch: { first, last }, lifts: null, before, onCorrupt: () => undefined }))
    text += piece;
  files += 1;
  const zipped = files % 2 === 0;
  const file = join(directory, zipped ? "r.ndjson.gz" : "r.ndjson");
  writeFileSync(file, zipped ? gzipSync(text) : text);
  const run = new Run(null, null, DEFAULT_RULES);
  const lines: string[] = [];
  let played = 0;
  for await (const batch of readRecording("FILE", file)) {
    played += batch.length;
    for (const each of batch) for (const change of run.take(each)) lines.push(JSON.stringify(changeFrame(run.epoch, change)));
  }
  return { lines, played };
}

test(`L2: a recording of a whole journal replays to the bytes that the run told, acts, limits and register included (seed ${SEED})`, async () => {
  let changes = 0;
  let acknowledged = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const { journal, told } = live(steps);
      const { lines } = await replayed(journal, 1, null);
      expect(lines).toEqual(told.map(({ line }) => line));
      changes += told.length;
      acknowledged += told.filter(({ line }) => line.includes('"change":"acknowledged"')).length;
    }),
    { seed: SEED, numRuns: 150 },
  );
  expect(changes).toBeGreaterThan(200);
  expect(acknowledged).toBeGreaterThan(5);
});

test(`a recording from the middle with the state before it goes on byte for byte as the run did (seed ${SEED})`, async () => {
  let changes = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 10, maxLength: 40 }), fc.double({ min: 0, max: 1, noNaN: true }), async (steps, where) => {
      const { journal, told } = live(steps);
      const first = Math.floor(where * (journal.lastSeq - 1)) + 2;
      const monitor = emptyMonitor();
      for await (const records of journal.read(1, { to: first - 1 })) {
        for (const record of records) {
          const entry = toEntry(record);
          if (entry.kind !== "corrupt") monitor.apply(entry);
        }
      }
      const { lines } = await replayed(journal, first, { state: monitor.snapshot() });
      const after = told.filter(({ seq }) => seq >= first).map(({ line }) => line);
      expect(lines).toEqual(after);
      changes += after.length;
    }),
    { seed: SEED, numRuns: 100 },
  );
  expect(changes).toBeGreaterThan(50);
});

async function entriesIn(name: string, lines: string): Promise<unknown[]> {
  writeFileSync(join(directory, name), lines);
  const all: unknown[] = [];
  for await (const batch of readRecording("FILE", join(directory, name))) all.push(...batch);
  return all;
}

/** Entries as text, without the spaces between the words of their payloads. */
function packed(list: readonly unknown[]): string[] {
  return list.map((each) => JSON.stringify(each).replaceAll(/(?<=[{},:"\]]) +| +(?=[{},:"\]])/g, ""));
}

test("a line is read as what it says, whatever the order of its fields, and every line is one of the contract's", async () => {
  const { journal } = live([
    {
      lift: 0,
      signal: { channel: "status", persons: "2", mode: '"normal"' },
      waitMs: 1,
      writing: "cut",
      lost: false,
      refusal: "payload-too-large",
      next: "act",
    },
    {
      lift: 1,
      signal: { channel: "fault", code: '"01"', active: "true" },
      waitMs: 1,
      writing: "spaced",
      lost: false,
      refusal: null,
      next: "rules",
    },
  ]);
  let text = "";
  for await (const piece of recordingLines(journal, {
    stretch: { first: 1, last: journal.lastSeq },
    lifts: null,
    before: null,
    onCorrupt: () => undefined,
  }))
    text += piece;
  const values = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(values.length).toBeGreaterThan(100);
  const known = values.filter(
    (line) => line["tick"] === true || (typeof line["topic"] === "string" && ("payload" in line || "payloadBase64" in line)),
  );
  expect(known).toHaveLength(values.length);
  expect(values.every((line) => Number.isSafeInteger(line["receivedAt"]))).toBe(true);
  // The same file with every line's fields the other way round goes the slow way, to the same entries.
  const turned = values.map((line) => JSON.stringify(Object.fromEntries(Object.entries(line).toReversed())));
  expect(packed(await entriesIn("b.ndjson", turned.join("\n")))).toEqual(packed(await entriesIn("a.ndjson", text)));
});

function message(seq: number, topic: string, body: unknown): JournalRecord {
  const payload = Buffer.from(JSON.stringify(body));
  return { kind: "message", seq, receivedAt: START + seq, source: "", topic, payload, refusal: null };
}

test("a recording of one lift has its foreign messages, which name it in their payload, and no other lift's", async () => {
  const foreign = (seq: number, liftId: string) => message(seq, `${INSPUR_PREFIX}x`, { RegCode: liftId });
  const journal = journalOf([foreign(1, "A"), foreign(2, "B"), message(3, "lifts/A/speed", {}), message(4, "lifts/B/speed", {})]);
  let text = "";
  const options = { stretch: { first: 1, last: 4 }, lifts: new Set(["A"]), before: null, onCorrupt: () => undefined };
  for await (const piece of recordingLines(journal, options)) text += piece;
  const topics = text
    .trim()
    .split("\n")
    .flatMap((line) => (JSON.parse(line) as { topic?: string }).topic ?? []);
  expect(topics).toEqual([`${INSPUR_PREFIX}x`, "lifts/A/speed"]);
});
