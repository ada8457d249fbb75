import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FrameReader, OVERSIZED_PREFIX_BYTES } from "../../src/ingress/frames.ts";

const LIMIT_BYTES = 2_000;

/** A packet of `size` body bytes that tell its place. */
function packet(type: number, size: number): Buffer {
  const length: number[] = [];
  let rest = size;
  do {
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([type << 4, ...length]), Buffer.alloc(size, type)]);
}

/** Reads `chunks`, stopping after every `stopEvery`th packet until the chunk has gone in; gives the packets and how it ended. */
function read(chunks: readonly Buffer[], stopEvery = 0): string[] {
  const seen: string[] = [];
  const views: { view: Buffer; hex: string }[] = [];
  const reader = new FrameReader(
    {
      onFrame(bytes, start, body, end) {
        const view = bytes.subarray(start, end);
        views.push({ view, hex: view.toString("hex") });
        seen.push(`${body - start}:${view.toString("hex")}`);
        if (stopEvery > 0 && seen.length % stopEvery === 0) reader.stop();
      },
      onOversized(bytes, start, _body, end) {
        seen.push(`oversized ${bytes.subarray(start, end).toString("hex")}`);
      },
      onMalformed() {
        seen.push("malformed");
      },
    },
    LIMIT_BYTES,
  );
  for (const chunk of chunks) {
    reader.push(Buffer.from(chunk));
    reader.resume();
    // A stop within the resume holds the next packet back again.
    for (let before = -1; before !== seen.length;) {
      before = seen.length;
      reader.resume();
    }
  }
  for (const { view, hex } of views) expect(view.toString("hex")).toBe(hex);
  return seen;
}

const packets = fc
  .array(
    fc.tuple(fc.integer({ min: 1, max: 14 }), fc.oneof(fc.integer({ min: 0, max: 300 }), fc.constantFrom(127, 128, LIMIT_BYTES - 3))),
    {
      minLength: 1,
      maxLength: 12,
    },
  )
  .map((shapes) => shapes.map(([type, size]) => packet(type, size)));
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 30 });

function cut(bytes: Buffer, at: readonly number[]): Buffer[] {
  const offsets = [0, ...at.map((share) => Math.floor(share * bytes.length)).sort((a, b) => a - b), bytes.length];
  return offsets.slice(1).map((end, index) => bytes.subarray(offsets[index], end));
}

describe("packets out of a byte stream", () => {
  it("are the same however the network cuts the stream, and however often reading stops", () => {
    fc.assert(
      fc.property(packets, cuts, fc.integer({ min: 0, max: 3 }), (all, at, stopEvery) => {
        const expected = all.map((one) => `${one.length < 130 ? 2 : 3}:${one.toString("hex")}`);
        expect(read(cut(Buffer.concat(all), at), stopEvery)).toEqual(expected);
      }),
      { numRuns: 300 },
    );
  });

  it("are the same when cut at every byte boundary, and one byte at a time", () => {
    const bytes = Buffer.concat([packet(1, 12), packet(3, 200), packet(12, 0), packet(3, 130), packet(14, 0)]);
    const whole = read([bytes]);
    expect(whole).toHaveLength(5);
    for (let at = 0; at <= bytes.length; at++) expect(read([bytes.subarray(0, at), bytes.subarray(at)])).toEqual(whole);
    expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(whole);
  });

  it("end at one above the limit, whose beginning is given, and at a remaining length of five bytes", () => {
    const oversized = packet(3, LIMIT_BYTES);
    const shown = `oversized ${oversized.subarray(0, OVERSIZED_PREFIX_BYTES).toString("hex")}`;
    const malformed = Buffer.from("30ffffffff01", "hex");
    fc.assert(
      fc.property(packets, cuts, fc.boolean(), (before, at, tooLarge) => {
        const bytes = Buffer.concat([...before, tooLarge ? oversized : malformed, packet(12, 0)]);
        const seen = read(cut(bytes, at));
        expect(seen).toHaveLength(before.length + 1);
        expect(seen.at(-1)).toBe(tooLarge ? shown : "malformed");
      }),
      { numRuns: 200 },
    );
  });

  it("take no memory on the word of a header", () => {
    const beginning = packet(3, 65_000).subarray(0, 10);
    const before = process.memoryUsage().arrayBuffers;
    const readers = Array.from({ length: 2_000 }, () => new FrameReader({ onFrame() {}, onOversized() {}, onMalformed() {} }, 70_000));
    for (const reader of readers) reader.push(beginning);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(2_000 * 1_024);
  });
});
