import { readdirSync } from "node:fs";
import { describe, expect, test, vi } from "vitest";
import { LIMITS } from "../../src/config.ts";
import { fileDisk } from "../../src/journal/disk.ts";
import { draftOfMessage } from "../../src/journal/entries.ts";
import { JournalError, type JournalRecord, type JournalStatus } from "../../src/journal/journal.ts";
import { lockDirectory } from "../../src/journal/lock.ts";
import { segmentName } from "../../src/journal/writer.ts";
import { append, appendEach, engineOn, JournalRig, range, readAll, seqs, texts } from "./journal-rig.ts";

const draft = (payload: string) => draftOfMessage("lifts/L1/speed", Buffer.from(payload), "", null);

/** The real disk, which takes writes until it is told to refuse them. */
function refusing(code: string) {
  const state = { refuse: false, attempts: 0 };
  const disk = {
    ...fileDisk,
    write(handle: number, bytes: Uint8Array, position: number) {
      if (!state.refuse) return fileDisk.write(handle, bytes, position);
      state.attempts += 1;
      // Half of it reaches the disk before it refuses, as a full disk does.
      if (state.attempts % 2 === 1) return fileDisk.write(handle, bytes.subarray(0, bytes.length >> 1), position);
      throw Object.assign(new Error(`${code}: write refused`), { code });
    },
  };
  return { state, disk };
}

describe("appending", () => {
  test("records are numbered from 1 in the order of their appends and read back as they were", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    expect([journal.firstSeq, journal.lastSeq]).toEqual([1, 0]);
    const bytes = Uint8Array.from([0, 255, 128, 10]);
    expect(await Promise.all([append(journal, "a"), append(journal, "b", "lifts/电梯/door", "网关"), append(journal, bytes)])).toEqual([
      1, 2, 3,
    ]);
    const records = await readAll(journal);
    expect(records.map(({ payload, ...rest }) => ({ ...rest, payload: [...payload] }))).toEqual([
      { seq: 1, receivedAt: 1000, kind: "message", source: "L1", topic: "lifts/L1/speed", refusal: null, payload: [97] },
      { seq: 2, receivedAt: 1000, kind: "message", source: "网关", topic: "lifts/电梯/door", refusal: null, payload: [98] },
      { seq: 3, receivedAt: 1000, kind: "message", source: "L1", topic: "lifts/L1/speed", refusal: null, payload: [...bytes] },
    ]);
  });

  test("a group's records go to the commit listener before any of its callbacks is called, when they are on the disk", async () => {
    await using rig = new JournalRig();
    const order: string[] = [];
    const disk = {
      ...fileDisk,
      sync(handle: number) {
        fileDisk.sync(handle);
        order.push("sync");
      },
    };
    const journal = await rig.open({}, engineOn(disk));
    order.length = 0;
    journal.onCommit((records) => order.push(`commit ${seqs(records).join(" ")}`));
    await new Promise<void>((resolve) => {
      journal.append(draft("a"), (_error, seq) => order.push(`done ${seq}`));
      journal.append(draft("b"), (_error, seq) => {
        order.push(`done ${seq}`);
        resolve();
      });
    });
    expect(order).toEqual(["sync", "commit 1 2", "done 1", "done 2"]);
  });

  test("appends of one turn share a sync, and later ones wait for the next", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    const groups: number[] = [];
    journal.onCommit((records) => groups.push(records.length));
    const done = range(1, 500).map((n) => append(journal, `${n}`));
    await done[0];
    done.push(append(journal, "later"));
    expect(await Promise.all(done)).toEqual(range(1, 501));
    expect(groups).toEqual([500, 1]);
    expect(texts(await readAll(journal, 500))).toEqual(["500", "later"]);
  });

  test("a group never exceeds its limit", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    const bytes: number[] = [];
    journal.onCommit((records) => bytes.push(records.reduce((sum, record) => sum + record.payload.length, 0)));
    const payload = "x".repeat(900_000);
    await Promise.all(range(1, 20).map(() => append(journal, payload)));
    expect(bytes.reduce((a, b) => a + b)).toBe(20 * 900_000);
    expect(Math.max(...bytes)).toBeLessThanOrEqual(LIMITS.journal.groupBytes);
    expect((await readAll(journal)).length).toBe(20);
  });

  test("a record larger than the limit is refused at once, and takes no number", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    await expect(append(journal, "x".repeat(LIMITS.journal.recordBytes))).rejects.toMatchObject({ code: "record-too-large" });
    await expect(append(journal, "x", "t".repeat(70_000))).rejects.toMatchObject({ code: "record-too-large" });
    expect(await append(journal, "a")).toBe(1);
    expect(journal.status).toEqual({ state: "ok", reason: null, pendingRecords: 0, pendingBytes: 0 });
  });

  test("beyond the bound on waiting bytes an append is refused at once, and later taken again", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    const payload = Buffer.alloc(1_000_000);
    const answers: (Error | null)[] = [];
    for (let n = 0; n < 80; n += 1) journal.append(draftOfMessage("t", payload, "", null), (error) => answers.push(error));
    const refused = answers.length;
    expect(refused).toBe(80 - Math.floor(LIMITS.journal.pendingBytes / 1_000_040));
    expect(answers.every((error) => error instanceof JournalError && error.code === "queue-full")).toBe(true);
    expect(journal.status.pendingBytes).toBeLessThanOrEqual(LIMITS.journal.pendingBytes);
    await vi.waitFor(() => expect(answers.length).toBe(80), 20_000);
    expect(answers.slice(refused).every((error) => error === null)).toBe(true);
    expect(await append(journal, "again")).toBe(80 - refused + 1);
  });

  test("receivedAt never decreases, whatever the clock does, over restarts and rolls too", async () => {
    await using rig = new JournalRig();
    for (const times of [[5_000, 3_000, 6_000], [1_000, 2_000], [], [6_001, 10]]) {
      const journal = await rig.open({ segmentBytes: 150 });
      for (rig.nowMs of times) await append(journal, "x".repeat(60));
      await journal.close();
    }
    const journal = await rig.open();
    expect((await readAll(journal)).map(({ receivedAt }) => receivedAt)).toEqual([5_000, 5_000, 6_000, 6_000, 6_000, 6_001, 6_001]);
  });
});

describe("closing", () => {
  test("everything appended before close is durable after it, and what comes later is refused", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    const done = range(1, 1_000).map((n) => append(journal, `${n}`));
    const closed = journal.close();
    await expect(append(journal, "late")).rejects.toMatchObject({ code: "closed" });
    await closed;
    expect(await Promise.all(done)).toEqual(range(1, 1_000));
    expect(journal.status.state).toBe("closed");
    const again = await rig.open();
    expect(again.lastSeq).toBe(1_000);
    expect(again.damage).toEqual([]);
    expect(again.id).toBe(journal.id);
    expect(await append(again, "on")).toBe(1_001);
  });

  test("a second opener is refused while the first is open, and not after", async () => {
    await using rig = new JournalRig();
    const first = await rig.open();
    await expect(rig.open()).rejects.toMatchObject({ code: "data-directory-in-use", message: expect.stringContaining(rig.directory) });
    expect(await append(first, "still works")).toBe(1);
    await first.close();
    await (await rig.open()).close();
    const lock = lockDirectory(rig.directory);
    expect(() => lockDirectory(rig.directory)).toThrow(rig.directory);
    lock.release();
    lock.release();
    lockDirectory(rig.directory).release();
  });
});

describe("segments", () => {
  test("a full segment is followed by one named after its first record, and reading crosses them", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open({ segmentBytes: 400 });
    await appendEach(
      journal,
      range(1, 30).map((n) => `${n}`),
    );
    const files = readdirSync(rig.directory).filter((name) => name.endsWith(".segment"));
    expect(files.length).toBeGreaterThan(4);
    expect(files[0]).toBe("0000000000000001.segment");
    for (const from of [0, 1, 2, 15, 29, 30]) expect(seqs(await readAll(journal, from))).toEqual(range(Math.max(1, from), 30));
    expect(await readAll(journal, 31)).toEqual([]);
    expect(seqs(await readAll(journal, 7, { to: 19 }))).toEqual(range(7, 19));
    expect(seqs(await readAll(journal, 7, { to: 7, chunkBytes: 1 }))).toEqual([7]);
    expect(journal.damage).toEqual([]);
  });

  test("a read from anywhere in a large segment begins there, in bounded chunks", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    const count = 20_000;
    await Promise.all(range(1, count).map((n) => append(journal, `${n}:${"x".repeat(n % 400)}`)));
    for (const from of [1, 2, 777, 9_999, 10_000, 15_001, count - 1, count]) {
      let chunks = 0;
      let next = from;
      for await (const chunk of journal.read(from, { to: Math.min(count, from + 2_000), chunkBytes: 10_000 })) {
        expect(chunk[0]?.seq).toBe(next);
        expect(texts(chunk)[0]).toBe(`${next}:${"x".repeat(next % 400)}`);
        expect(chunk.reduce((sum, record) => sum + record.payload.length, 0)).toBeLessThan(11_000);
        next += chunk.length;
        chunks += 1;
      }
      expect(next).toBe(Math.min(count, from + 2_000) + 1);
      expect(chunks).toBeLessThan(100);
    }
  });

  test("a read begun while appends go on ends at the newest record durable when it began", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open({ segmentBytes: 5_000 });
    await Promise.all(range(1, 100).map((n) => append(journal, `${n}`)));
    const appends: Promise<unknown>[] = [];
    const seen: number[] = [];
    for await (const chunk of journal.read(1, { chunkBytes: 200 })) {
      appends.push(append(journal, "more"));
      seen.push(...seqs(chunk));
    }
    await Promise.all(appends);
    expect(seen).toEqual(range(1, 100));
    expect(journal.lastSeq).toBeGreaterThan(100);
    expect(seqs(await readAll(journal))).toEqual(range(1, journal.lastSeq));
    expect(journal.damage).toEqual([]);
  });
});

describe("retention", () => {
  test("by size it deletes whole segments, oldest first, never one that is still needed and never the newest", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open({ segmentBytes: 400, maxBytes: 1_000 });
    await appendEach(
      journal,
      range(1, 40).map((n) => `${n}`),
    );
    expect(await journal.retain(1)).toBe(1);
    const upTo20 = await journal.retain(20);
    expect(upTo20).toBeGreaterThan(10);
    expect(upTo20).toBeLessThanOrEqual(20);
    const first = await journal.retain(Infinity);
    expect(journal.sizeBytes).toBeLessThanOrEqual(1_000);
    expect(journal.firstSeq).toBe(first);
    expect(seqs(await readAll(journal))).toEqual(range(first, 40));
    expect(readdirSync(rig.directory).find((name) => name.endsWith(".segment"))).toBe(segmentName(first));
    await journal.close();
    const again = await rig.open({ maxBytes: 1 });
    expect([again.firstSeq, again.lastSeq]).toEqual([first, 40]);
    const newest = await again.retain(Infinity);
    expect(newest).toBeGreaterThan(first);
    expect(again.lastSeq).toBe(40);
    expect(await append(again, "on")).toBe(41);
  });

  test("by age it deletes segments whose newest record is older than the limit, and no other", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open({ segmentBytes: 400, maxAgeMs: 10_000 });
    for (rig.nowMs of range(1, 30).map((n) => n * 1_000)) await append(journal, "x".repeat(50));
    const first = await journal.retain(Infinity);
    // Records 20 and later are 10 s old or younger; the segment of 20 may hold older ones.
    expect(first).toBeLessThanOrEqual(20);
    expect(first).toBeGreaterThan(15);
    rig.nowMs = 1_000_000;
    expect(await journal.retain(Infinity)).toBeGreaterThan(25);
    expect(journal.lastSeq).toBe(30);
  });

  test("a reader whose segments are deleted under it goes on from the oldest kept record", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open({ segmentBytes: 400, maxBytes: 1_000 });
    await appendEach(
      journal,
      range(1, 60).map((n) => `${n}`),
    );
    const seen: number[] = [];
    let first = 0;
    for await (const chunk of journal.read(1, { chunkBytes: 100 })) {
      seen.push(...seqs(chunk));
      if (first === 0 && seen.length > 2) first = await journal.retain(Infinity);
    }
    const before = seen.filter((seq) => seq < first);
    expect(before).toEqual(range(1, before.length));
    expect(seen.slice(before.length)).toEqual(range(first, 60));
    expect(first).toBeGreaterThan(before.length + 1);
    expect(journal.damage).toEqual([]);
  });
});

describe("a disk that refuses", () => {
  test.each(["ENOSPC", "EROFS", "EIO"])("%s stalls the journal, acknowledges nothing, and ends by itself", async (code) => {
    await using rig = new JournalRig();
    const { state, disk } = refusing(code);
    const journal = await rig.open({ retryMs: 5 }, engineOn(disk));
    const statuses: JournalStatus[] = [];
    journal.onStatus((status) => statuses.push(status));
    await append(journal, "before");
    state.refuse = true;
    let acknowledged = 0;
    const done = range(1, 50).map((n) => append(journal, `${n}`).then((seq) => ((acknowledged += 1), seq)));
    await vi.waitFor(() => expect(journal.status.state).toBe("stalled"));
    const attempts = state.attempts;
    await vi.waitFor(() => expect(state.attempts).toBeGreaterThan(attempts + 4));
    expect(acknowledged).toBe(0);
    expect(journal.status).toMatchObject({ reason: expect.stringContaining(code), pendingRecords: 50 });
    expect(seqs(await readAll(journal))).toEqual([1]);
    state.refuse = false;
    expect(await Promise.all(done)).toEqual(range(2, 51));
    expect(statuses.map((status) => status.state)).toEqual(["stalled", "ok"]);
    await journal.close();
    const again = await rig.open();
    expect(again.damage).toEqual([]);
    expect(seqs(await readAll(again))).toEqual(range(1, 51));
    expect(rig.fatal).toEqual([]);
  });

  test("closing on a full disk hands back what is pending and leaves a clean journal", async () => {
    await using rig = new JournalRig();
    const { state, disk } = refusing("ENOSPC");
    const journal = await rig.open({ retryMs: 60_000 }, engineOn(disk));
    await append(journal, "kept");
    state.refuse = true;
    const done = Promise.allSettled([append(journal, "a"), append(journal, "b")]);
    await vi.waitFor(() => expect(journal.status.state).toBe("stalled"));
    await journal.close();
    expect((await done).map((result) => result.status)).toEqual(["rejected", "rejected"]);
    const again = await rig.open();
    expect(again.damage).toEqual([]);
    expect(texts(await readAll(again))).toEqual(["kept"]);
  });

  test("a failed sync is never tried again: it is fatal, and nothing waiting is acknowledged", async () => {
    await using rig = new JournalRig();
    let syncs = 0;
    let fail = false;
    const disk = {
      ...fileDisk,
      sync(handle: number) {
        syncs += 1;
        if (fail) throw Object.assign(new Error("EIO: i/o error, fdatasync"), { code: "EIO" });
        fileDisk.sync(handle);
      },
    };
    const journal = await rig.open({ retryMs: 1 }, engineOn(disk));
    await append(journal, "good");
    fail = true;
    const before = syncs;
    const done = await Promise.allSettled([append(journal, "a"), append(journal, "b")]);
    expect(done.map((result) => result.status)).toEqual(["rejected", "rejected"]);
    expect(rig.fatal.map((error) => error.message)).toEqual([expect.stringContaining("EIO")]);
    expect(journal.status).toMatchObject({ state: "closed", reason: expect.stringContaining("EIO") });
    await expect(append(journal, "c")).rejects.toMatchObject({ code: "closed" });
    await journal.close();
    expect(syncs).toBe(before + 1);
  });

  test("a disk that refuses at opening is an operational error, and the directory is free again", async () => {
    await using rig = new JournalRig();
    const disk = {
      ...fileDisk,
      write(): number {
        throw Object.assign(new Error("EROFS: read-only file system"), { code: "EROFS" });
      },
    };
    await expect(rig.open({}, engineOn(disk))).rejects.toMatchObject({ code: "journal-failed", message: expect.stringContaining("EROFS") });
    const records: JournalRecord[] = await readAll(await rig.open());
    expect(records).toEqual([]);
  });
});
