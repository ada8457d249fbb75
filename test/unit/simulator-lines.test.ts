import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { Bytes, ascii } from "../../simulators/device/bytes.ts";
import { Random } from "../../simulators/random.ts";
import { openRunFile } from "../../simulators/run/file.ts";
import { Lines } from "../../simulators/run/lines.ts";

const SEED = 20_261_122;

function written(write: (bytes: Bytes) => void): string {
  const bytes = new Bytes(64);
  write(bytes);
  return bytes.toString();
}

test("integers are written as JSON writes them", () => {
  const random = Random.seeded(SEED);
  const numbers = [0, 1, 9, 10, 99, 1e6 - 1, 1e6, 1e9 - 1, 1e9, 1e9 + 1, 1_767_571_200_000, 1_000_000_000_000, 999_999_999_999_999];
  for (let round = 0; round < 2_000; round++) numbers.push(Math.floor(10 ** random.between(0, 15)));
  for (const number of numbers) {
    for (const signed of number === 0 ? [0] : [number, -number]) {
      expect(written((bytes) => bytes.integer(signed))).toBe(JSON.stringify(signed));
    }
  }
});

test("decimals are written as JSON writes them, to three places", () => {
  const random = Random.seeded(SEED);
  for (const digits of [1, 2, 3]) {
    const numbers = [0, 1, -1, 10, 100, 1_000, -1_000, 1_001, 10_010, 2_147_483_647, -2_147_483_647];
    for (let round = 0; round < 2_000; round++) numbers.push(Math.round(random.between(-3e5, 3e5)));
    for (const scaled of numbers) {
      expect(
        written((bytes) => bytes.decimal(scaled, digits)),
        `${scaled} ${digits}`,
      ).toBe(JSON.stringify(scaled / 10 ** digits));
    }
  }
  expect(written((bytes) => bytes.decimal(-0, 3))).toBe("0");
});

test("a composer keeps what it has when it makes room", () => {
  const bytes = new Bytes(4);
  let expected = "";
  for (let round = 0; round < 100; round++) {
    const piece = `,${round}`;
    bytes.reserve(piece.length);
    bytes.bytes(ascii(piece));
    expected += piece;
  }
  expect(bytes.toString()).toBe(expected);
});

test("lines come out by time, in the order in which they came where that is the same, and none is lost between windows", () => {
  for (const span of [50, 70_000, 5_000_000_000]) {
    const random = Random.seeded(SEED).split(span);
    const lines = new Lines(16);
    const from = 1_767_571_200_000;
    const made: { at: number; text: string }[] = [];
    let taken = "";
    let upTo = from;
    for (let window = 0; window < 6; window++) {
      for (let line = 0; line < 400; line++) {
        const at = upTo + 1 + Math.floor(random.uniform() * span * (random.chance(0.1) ? 3 : 1));
        const text = `${at} ${made.length}\n`;
        made.push({ at, text });
        lines.line.reserve(text.length);
        lines.line.text(text);
        lines.end(at);
      }
      upTo += span;
      taken += lines.take(upTo).toString("latin1");
    }
    expect(lines.size).toBeGreaterThan(0);
    taken += lines.take(Number.POSITIVE_INFINITY).toString("latin1");
    expect([lines.size, lines.take(Number.POSITIVE_INFINITY).length]).toEqual([0, 0]);
    const expected = made.toSorted((a, b) => a.at - b.at).map(({ text }) => text);
    expect(taken, `span ${span}`).toBe(expected.join(""));
  }
});

test("a file has the same bytes however they were cut into writes, and a compressed one unpacks to them", async () => {
  const directory = await mkdtemp(join(tmpdir(), "simulator-file-"));
  try {
    const random = Random.seeded(SEED);
    const bytes = Buffer.from(Uint8Array.from({ length: 3_500_000 }, () => random.integer(97, 104)));
    const files: Buffer[] = [];
    for (const name of ["a", "b", "a.gz", "b.gz"]) {
      const file = await openRunFile(join(directory, name));
      for (let start = 0; start < bytes.length;) {
        const end = Math.min(bytes.length, start + (name.startsWith("a") ? 600_000 : 2_700_001));
        await file.write(bytes.subarray(start, end));
        start = end;
      }
      await file.close();
      files.push(await readFile(join(directory, name)));
    }
    const [a, b, za = Buffer.alloc(0), zb] = files;
    expect(a?.equals(bytes)).toBe(true);
    expect(b?.equals(bytes)).toBe(true);
    expect(zb?.equals(za)).toBe(true);
    expect(gunzipSync(za).equals(bytes)).toBe(true);
    const empty = await openRunFile(join(directory, "empty.gz"));
    await empty.close();
    expect(gunzipSync(await readFile(join(directory, "empty.gz"))).length).toBe(0);
  } finally {
    await rm(directory, { recursive: true });
  }
});
