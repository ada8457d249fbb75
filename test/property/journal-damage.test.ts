import { readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Disk, fileDisk } from "../../src/journal/disk.ts";
import { createIdentity, decodeHeader, encodeFrame, FRAME_BYTES, HEADER_BYTES, sealFrames } from "../../src/journal/frame.ts";
import type { Damage, Journal } from "../../src/journal/journal.ts";
import { segmentBase, segmentName } from "../../src/journal/writer.ts";
import { append, engineOn, JournalRig, range, readAll, texts } from "../unit/journal-rig.ts";

const RUNS = { numRuns: 60, seed: 20_261_122 };

/** Groups of payload sizes, the segment's size, and a place between 0 and 1. */
const journals = {
  groups: fc.array(fc.array(fc.integer({ min: 0, max: 600 }), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 12 }),
  segmentBytes: fc.constantFrom(300, 1_500, 1_000_000),
};
const place = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** Nothing loses power here, and the property needs many runs. */
const unsynced: Disk = { ...fileDisk, sync: () => undefined, syncDirectory: () => undefined };

interface Place {
  readonly seq: number;
  readonly file: string;
  readonly start: number;
  readonly end: number;
}

/** Writes a journal and closes it. @returns its texts, and where each record lies. */
async function write(rig: JournalRig, groups: readonly number[][], segmentBytes: number): Promise<{ all: string[]; places: Place[] }> {
  const journal = await rig.open({ segmentBytes }, engineOn(unsynced));
  const all: string[] = [];
  for (const group of groups) {
    await Promise.all(
      group.map((size) => {
        const text = `${all.length + 1}:${"x".repeat(size)}`;
        all.push(text);
        return append(journal, text, "t", "");
      }),
    );
  }
  await journal.close();
  const bases = files(rig).map((name) => segmentBase(name) ?? 0);
  const places: Place[] = [];
  for (const [index, text] of all.entries()) {
    const seq = index + 1;
    const file = segmentName(bases.findLast((base) => base <= seq) ?? 0);
    const before = places.at(-1);
    const start = before?.file === file ? before.end : HEADER_BYTES;
    places.push({ seq, file, start, end: start + FRAME_BYTES + 1 + text.length });
  }
  return { all, places };
}

function files(rig: JournalRig): string[] {
  return readdirSync(rig.directory)
    .filter((name) => name.endsWith(".segment"))
    .sort();
}

function change(rig: JournalRig, file: string, edit: (bytes: Buffer) => void): void {
  const path = join(rig.directory, file);
  const bytes = readFileSync(path);
  edit(bytes);
  writeFileSync(path, bytes);
}

/** Everything that can still be read, the damage told by then, and proof that the journal goes on. */
async function reopen(rig: JournalRig): Promise<{ read: string[]; damage: Damage[]; lastSeq: number; journal: Journal }> {
  const journal = await rig.open({}, engineOn(unsynced));
  const read = texts(await readAll(journal));
  const damage = [...journal.damage];
  const { lastSeq } = journal;
  expect(await append(journal, "on")).toBe(lastSeq + 1);
  expect(texts(await readAll(journal))).toEqual([...read, "on"]);
  expect(journal.damage).toEqual(damage);
  return { read, damage, lastSeq, journal };
}

describe("damage", () => {
  test("a flipped bit costs the record that it is in and no other, and the damage names it", async () => {
    let headers = 0;
    let tails = 0;
    let middles = 0;
    await fc.assert(
      fc.asyncProperty(fc.record({ ...journals, place, which: place }), async ({ groups, segmentBytes, place, which }) => {
        await using rig = new JournalRig();
        const { all, places } = await write(rig, groups, segmentBytes);
        const names = files(rig);
        const file = names[Math.floor(which * names.length)] ?? "";
        let at = 0;
        change(rig, file, (bytes) => {
          const bit = Math.floor(place * bytes.length * 8);
          at = bit >> 3;
          bytes[at] = (bytes[at] ?? 0) ^ (1 << (bit & 7));
        });
        const hit = places.find((record) => record.file === file && record.start <= at && at < record.end);
        const { read, damage, lastSeq } = await reopen(rig);
        // A tail is cut off: nobody can tell whether its number was ever acknowledged, and it is given out again.
        const tail = hit?.seq === all.length;
        if (hit === undefined) headers += 1;
        else if (tail) tails += 1;
        else middles += 1;
        const base = segmentBase(file) ?? 0;
        const { seq, start, end } = hit ?? { seq: base, start: 0, end: HEADER_BYTES };
        const lost = hit === undefined || tail ? { from: seq, to: seq - 1 } : { from: seq, to: seq };
        expect(read).toEqual(all.filter((_, index) => index + 1 !== hit?.seq));
        expect(damage).toEqual([{ file, offset: start, bytes: end - start, ...lost, kind: tail ? "torn-tail" : "corrupt" }]);
        expect(lastSeq).toBe(tail ? seq - 1 : all.length);
      }),
      RUNS,
    );
    expect(Math.min(headers, tails, middles)).toBeGreaterThan(0);
  });

  test("a hole of zeros costs the records that it touches and no other", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ ...journals, a: place, b: place, which: place }), async ({ groups, segmentBytes, a, b, which }) => {
        await using rig = new JournalRig();
        const { all, places } = await write(rig, groups, segmentBytes);
        const names = files(rig);
        const file = names[Math.floor(which * names.length)] ?? "";
        let [from, to] = [0, 0];
        change(rig, file, (bytes) => {
          const size = bytes.length - HEADER_BYTES;
          [from, to] = [a, b].sort((x, y) => x - y).map((share) => HEADER_BYTES + Math.floor(share * size)) as [number, number];
          bytes.fill(0, from, to);
        });
        const touched = new Set(
          places.filter((record) => record.file === file && record.start < to && from < record.end).map(({ seq }) => seq),
        );
        const { read, damage } = await reopen(rig);
        expect(read).toEqual(all.filter((_, index) => !touched.has(index + 1)));
        const told = damage.flatMap((each) => range(each.from, each.to));
        const cut = damage.some((each) => each.kind === "torn-tail");
        expect(told).toEqual(cut ? [...touched].slice(0, told.length) : [...touched]);
      }),
      RUNS,
    );
  });

  test("a journal cut off at any byte keeps every record before the cut", async () => {
    await fc.assert(
      fc.asyncProperty(fc.record({ ...journals, place }), async ({ groups, segmentBytes, place }) => {
        await using rig = new JournalRig();
        const { all, places } = await write(rig, groups, segmentBytes);
        const file = files(rig).at(-1) ?? "";
        const path = join(rig.directory, file);
        const size = Math.floor(place * (readFileSync(path).length + 1));
        truncateSync(path, size);
        const { read, damage, lastSeq } = await reopen(rig);
        const kept = places.filter((record) => record.file !== file || record.end <= size).length;
        expect(read).toEqual(all.slice(0, kept));
        expect(lastSeq).toBe(kept);
        expect(damage.every((each) => each.kind === "torn-tail" && each.file === file)).toBe(true);
      }),
      RUNS,
    );
  });

  test("a frame that a device hides in a payload is not taken for a record when the real one is damaged", async () => {
    for (const known of [false, true]) {
      await using rig = new JournalRig();
      const first = await rig.open();
      const salt = decodeHeader(readFileSync(join(rig.directory, "identity")))?.salt ?? 0;
      const hidden = Buffer.alloc(FRAME_BYTES + 6);
      encodeFrame(hidden, 0, {
        seq: 2,
        receivedAt: 1_000,
        kind: "act",
        source: "",
        topic: "",
        payload: Buffer.from("forged"),
        refusal: null,
      });
      // A control: who knows the salt would succeed, so the salt is what protects.
      sealFrames(hidden, known ? salt : 0);
      await append(first, "first");
      await append(first, hidden);
      await append(first, "last");
      await first.close();
      change(rig, segmentName(1), (bytes) => {
        const at = bytes.indexOf(hidden) - 40;
        bytes[at] = (bytes[at] ?? 0) ^ 1;
      });
      const { read } = await reopen(rig);
      expect(read).toEqual(known ? ["first", "forged", "last"] : ["first", "last"]);
    }
  });
});

describe("damage under an open journal", () => {
  test("every read that passes it leaves the record out, and it is told once, wherever a read begins and ends", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open({}, engineOn(unsynced));
    const all = range(1, 3_000).map((n) => `${n}:${"x".repeat(300)}`);
    await Promise.all(all.map((text) => append(journal, text)));
    change(rig, segmentName(1), (bytes) => {
      const at = bytes.indexOf("2000:xxx");
      bytes[at] = (bytes[at] ?? 0) ^ 1;
    });
    const left = all.filter((_, index) => index + 1 !== 2_000);
    expect(texts(await readAll(journal, 1_990, { to: 2_000 }))).toEqual(left.slice(1_989, 1_999));
    const told = [...journal.damage];
    expect(told).toMatchObject([{ from: 2_000, to: 2_000, kind: "corrupt", bytes: FRAME_BYTES + 16 + 305 }]);
    expect(texts(await readAll(journal, 2_000))).toEqual(left.slice(1_999));
    expect(texts(await readAll(journal, 2_000, { to: 2_000 }))).toEqual([]);
    expect(texts(await readAll(journal))).toEqual(left);
    expect(journal.damage).toEqual(told);
  });
});

describe("the identity", () => {
  test.each(["identity", segmentName(1)])("survives the loss of %s", async (file) => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    await append(journal, "a");
    await journal.close();
    change(rig, file, (bytes) => bytes.fill(0, 0, HEADER_BYTES));
    const again = await rig.open();
    expect(again.id).toBe(journal.id);
    expect(texts(await readAll(again))).toEqual(["a"]);
  });

  test("a directory with segments of two journals is refused, and nothing in it is changed", async () => {
    await using rig = new JournalRig();
    await using other = new JournalRig();
    for (const each of [rig, other]) {
      const journal = await each.open();
      await append(journal, "a");
      await journal.close();
    }
    writeFileSync(join(rig.directory, segmentName(2)), readFileSync(join(other.directory, segmentName(1))));
    const before = files(rig).map((name) => readFileSync(join(rig.directory, name)).toString("hex"));
    await expect(rig.open()).rejects.toMatchObject({ code: "journal-mixed" });
    expect(files(rig).map((name) => readFileSync(join(rig.directory, name)).toString("hex"))).toEqual(before);
  });

  test("a file that somebody removed from the middle is told as damage, and the rest is read", async () => {
    await using rig = new JournalRig();
    const { all } = await write(rig, [[1], [1], [1], [1]], 65);
    rmSync(join(rig.directory, segmentName(2)));
    const { read, damage } = await reopen(rig);
    expect(read).toEqual(all.filter((_, index) => index !== 1));
    expect(damage).toMatchObject([{ from: 2, to: 2, kind: "corrupt" }]);
  });

  test("two journals have different ids", () => {
    expect(new Set(range(1, 100).map(() => createIdentity().id)).size).toBe(100);
  });
});
