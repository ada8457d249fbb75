import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { type Disk, readFull } from "../../src/journal/disk.ts";
import { encodeFrame, FRAME_BYTES, HEADER_BYTES } from "../../src/journal/frame.ts";
import type { JournalRecord } from "../../src/journal/journal.ts";
import { type Recovered, recover } from "../../src/journal/recover.ts";
import { collect, Scanner } from "../../src/journal/scan.ts";
import { segmentName, SegmentWriter, SyncFailed, WriteRefused } from "../../src/journal/writer.ts";
import { PowerCut, randomFrom, SimulatedDisk, type SimulatedDiskOptions } from "./journal-disk.ts";

const DIRECTORY = "/journal";
/** Small, so that a run goes through several. */
const SEGMENT_BYTES = 3_000;

function frames(records: readonly JournalRecord[]): Buffer {
  const bytes = Buffer.alloc(records.reduce((sum, record) => sum + FRAME_BYTES + record.topic.length + record.payload.length, 0));
  let at = 0;
  for (const record of records) at = encodeFrame(bytes, at, record);
  return bytes;
}

function record(seq: number, receivedAt: number, payload: string): JournalRecord {
  return { seq, receivedAt, kind: "message", source: "", topic: "lifts/a/door", payload: Buffer.from(payload), refusal: null };
}

function readAll(disk: Disk, recovered: Recovered): JournalRecord[] {
  const { segments, identity } = recovered;
  return segments.flatMap(({ baseSeq, end }, index) => {
    const handle = disk.open(join(DIRECTORY, segmentName(baseSeq)), "existing");
    const bytes = readFull(disk, handle, Buffer.alloc(end - HEADER_BYTES), HEADER_BYTES);
    disk.close(handle);
    const limit = segments[index + 1]?.baseSeq ?? Infinity;
    const scanner = new Scanner(identity.salt, baseSeq, limit, () => undefined);
    return collect(scanner, bytes, HEADER_BYTES, true, 0, Infinity).records;
  });
}

const texts = (records: readonly JournalRecord[]) => records.map(({ seq, payload }) => `${seq}:${Buffer.from(payload).toString()}`);

/** What a client of the journal knows: what it sent under each number, and what was acknowledged to it. */
class Ledger {
  readonly sent = new Map<number, Set<string>>();
  readonly acknowledged = new Map<number, string>();
  at = 1_000;

  /** Appends groups until `groups` are done or power goes. */
  append(writer: SegmentWriter, lastSeq: number, groups: number, random: () => number): void {
    let seq = lastSeq;
    for (let group = 0; group < groups; group += 1) {
      const records = Array.from({ length: 1 + Math.floor(random() * 6) }, () => {
        seq += 1;
        this.at += Math.floor(random() * 3);
        return record(seq, this.at, `${seq}:${"x".repeat(Math.floor(random() * 400))}${Math.floor(random() * 1e6)}`);
      });
      for (const { seq, payload } of records) {
        const before = this.sent.get(seq) ?? new Set<string>();
        this.sent.set(seq, before.add(Buffer.from(payload).toString()));
      }
      writer.commit(frames(records), records[0]?.seq ?? 0, records[0]?.receivedAt ?? 0);
      for (const { seq, payload } of records) this.acknowledged.set(seq, Buffer.from(payload).toString());
    }
  }

  /** @returns what is wrong with the recovered journal, and how many acknowledged records it lacks. */
  check(records: readonly JournalRecord[], recovered: Recovered): { readonly wrong: string[]; readonly lost: number } {
    const wrong: string[] = [];
    let last = { seq: 0, receivedAt: 0 };
    const found = new Map<number, string>();
    for (const { seq, receivedAt, payload } of records) {
      const text = Buffer.from(payload).toString();
      found.set(seq, text);
      if (seq <= last.seq) wrong.push(`${seq} after ${last.seq}`);
      if (receivedAt < last.receivedAt) wrong.push(`${seq} received before ${last.seq}`);
      if (this.sent.get(seq)?.has(text) !== true) wrong.push(`${seq} was never sent so`);
      last = { seq, receivedAt };
    }
    if (recovered.lastSeq < last.seq) wrong.push(`goes on at ${recovered.lastSeq}, below ${last.seq}`);
    if (recovered.lastAt < last.receivedAt) wrong.push("time goes back");
    let lost = 0;
    for (const [seq, text] of this.acknowledged) if (found.get(seq) !== text) lost += 1;
    // A restart folds all that it reads, so from here on that must not go either.
    for (const [seq, text] of found) this.acknowledged.set(seq, text);
    return { wrong, lost };
  }
}

interface Outcome {
  readonly cut: boolean;
  readonly lost: number;
  readonly operations: number;
}

/** Writes, loses power at operation `cutAt`, recovers (losing power again at times), writes on, recovers again. */
function live(seed: number, cutAt: number, options: SimulatedDiskOptions = {}): Outcome {
  const random = randomFrom(seed * 7_919 + 1);
  const disk = new SimulatedDisk(seed, options);
  const ledger = new Ledger();
  const say = `seed ${seed}, power cut at operation ${cutAt}`;
  let lost = 0;
  let cut = false;
  disk.cutAt = cutAt;
  for (let life = 0; life < 3; life += 1) {
    try {
      const recovered = recover(disk, DIRECTORY);
      const found = ledger.check(readAll(disk, recovered), recovered);
      expect(found.wrong, `${say}, life ${life}`).toEqual([]);
      lost += found.lost;
      const writer = new SegmentWriter(disk, DIRECTORY, recovered.identity, SEGMENT_BYTES, recovered.tail);
      ledger.append(writer, recovered.lastSeq, life === 0 ? 8 : 2, random);
      // Power goes while nothing is being written, too.
      throw new PowerCut("idle");
    } catch (error) {
      const power = error instanceof Error && error.cause instanceof PowerCut ? error.cause : error;
      if (!(power instanceof PowerCut)) throw error;
      if (power.message !== "idle") cut = true;
    }
    const operations = disk.operations;
    disk.restorePower();
    if (life === 0 && random() < 0.5) disk.cutAt = operations + 1 + Math.floor(random() * 20);
  }
  const recovered = recover(disk, DIRECTORY);
  const found = ledger.check(readAll(disk, recovered), recovered);
  expect(found.wrong, `${say}, at the end`).toEqual([]);
  return { cut, lost: lost + found.lost, operations: disk.operations };
}

function losses(options: SimulatedDiskOptions, seeds: number): { readonly lost: number; readonly cuts: number; readonly points: number } {
  let lost = 0;
  let cuts = 0;
  const points = new Set<number>();
  for (let seed = 1; seed <= seeds; seed += 1) {
    for (let cutAt = 1; cutAt <= 60; cutAt += 1) {
      const outcome = live(seed, cutAt, options);
      lost += outcome.lost;
      if (outcome.cut) {
        cuts += 1;
        points.add(cutAt);
      }
    }
  }
  return { lost, cuts, points: points.size };
}

describe("on a disk that loses what was not synced", () => {
  test("every acknowledged record survives a power cut at every operation, in order and unchanged", () => {
    const { lost, cuts, points } = losses({}, 25);
    expect(lost).toBe(0);
    // The check has seen something: a cut at each of the first operations, creation and rolls included.
    expect(cuts).toBeGreaterThan(1_000);
    expect(points).toBeGreaterThanOrEqual(30);
  });

  test("the same test finds losses when the disk does not sync files (control)", () => {
    expect(losses({ ignoreSync: true }, 3).lost).toBeGreaterThan(0);
  });

  test("the same test finds losses when the disk does not sync directories (control)", () => {
    expect(losses({ ignoreDirectorySync: true }, 3).lost).toBeGreaterThan(0);
  });
});

describe("on a disk that refuses", () => {
  test("a full disk leaves nothing of the group behind, and the same group goes through when there is room again", () => {
    for (let room = 0; room < 1_200; room += 7) {
      const disk = new SimulatedDisk(1);
      const recovered = recover(disk, DIRECTORY);
      const writer = new SegmentWriter(disk, DIRECTORY, recovered.identity, SEGMENT_BYTES, recovered.tail);
      const first = record(1, 1, "a".repeat(2_500));
      writer.commit(frames([first]), 1, 1);
      const used = 2 * HEADER_BYTES + frames([first]).length;
      disk.capacityBytes = used + room;
      // Too large for the segment, so that creating the next one is refused, too.
      const group = [record(2, 2, "b".repeat(600)), record(3, 2, "c".repeat(600))];
      expect(() => writer.commit(frames(group), 2, 2), `room for ${room} bytes`).toThrow(WriteRefused);
      expect(() => writer.commit(frames(group), 2, 2), `room for ${room} bytes`).toThrow(WriteRefused);
      disk.capacityBytes = Infinity;
      writer.commit(frames(group), 2, 2);
      disk.restorePower();
      const again = recover(disk, DIRECTORY);
      expect(again.damage).toEqual([]);
      expect(texts(readAll(disk, again))).toEqual(texts([first, ...group]));
    }
  });

  test("a process killed while the disk is full keeps what was acknowledged, and only that or more of the refused group", () => {
    for (let room = 0; room < 700; room += 13) {
      const disk = new SimulatedDisk(2);
      const recovered = recover(disk, DIRECTORY);
      const writer = new SegmentWriter(disk, DIRECTORY, recovered.identity, SEGMENT_BYTES, recovered.tail);
      writer.commit(frames([record(1, 1, "first")]), 1, 1);
      disk.capacityBytes = disk.size(disk.open(join(DIRECTORY, segmentName(1)), "existing")) + HEADER_BYTES + room;
      expect(() => writer.commit(frames([record(2, 2, "b".repeat(900))]), 2, 2)).toThrow(WriteRefused);
      disk.killProcess();
      const again = recover(disk, DIRECTORY);
      expect(readAll(disk, again).map(({ seq }) => seq)).toEqual([1]);
      expect(again.lastSeq).toBe(1);
    }
  });

  test("a failed sync is told apart, and what recovery reads after it survives the next power cut", () => {
    const disk = new SimulatedDisk(3);
    const recovered = recover(disk, DIRECTORY);
    const writer = new SegmentWriter(disk, DIRECTORY, recovered.identity, SEGMENT_BYTES, recovered.tail);
    writer.commit(frames([record(1, 1, "first")]), 1, 1);
    disk.failNextSync = true;
    expect(() => writer.commit(frames([record(2, 2, "second")]), 2, 2)).toThrow(SyncFailed);
    disk.killProcess();
    const seen = readAll(disk, recover(disk, DIRECTORY)).map(({ seq }) => seq);
    expect(seen).toEqual([1, 2]);
    disk.restorePower();
    expect(readAll(disk, recover(disk, DIRECTORY)).map(({ seq }) => seq)).toEqual(seen);
  });
});
