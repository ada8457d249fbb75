/** What crosses to the store's worker and back, and the words that DuckDB's errors are known by. */
import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { StoredReading } from "../../src/core/effects.ts";
import { CHANNELS, DOOR_STATES, MODES, readingSchemas } from "../../src/core/reading.ts";
import { CHANNEL_FIELDS, FIELD_COLUMNS, READING_COLUMNS } from "../../src/store/columns.ts";
import { readCursor, writeCursor } from "../../src/store/cursor.ts";
import { failureOf, needsReopening } from "../../src/store/failures.ts";
import { Packing, packReadings, unpackReadings } from "../../src/store/packing.ts";
import { dayEnd, dayOf } from "../../src/store/slices.ts";
import { everyReading } from "../contract/store-rows.ts";

const SEED = 20_261_122;
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (Object.is(value, -0) ? 0 : value));
const whole = fc.maxSafeNat();
const text = fc.string({ maxLength: 32 });
const values: Readonly<Record<string, fc.Arbitrary<unknown>>> = {
  state: fc.constantFrom(...DOOR_STATES),
  door: fc.constantFrom("front", "rear"),
  mode: fc.constantFrom(...MODES),
  persons: fc.option(fc.nat(500)),
};

/** Any reading of any channel, with any of its fields. */
const anyReading: fc.Arbitrary<StoredReading> = fc.constantFrom(...CHANNELS).chain((channel) => {
  const fields = Object.fromEntries(
    CHANNEL_FIELDS[CHANNELS.indexOf(channel)]!.map(({ name, type }) => [
      name,
      values[name] ?? (type === "VARCHAR" ? text : type === "BOOLEAN" ? fc.boolean() : type === "DOUBLE" ? number : whole),
    ]),
  );
  return fc.record({
    liftId: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
    channel: fc.constant(channel),
    entry: whole,
    index: fc.nat(499),
    receivedAt: whole,
    late: fc.boolean(),
    reading: fc
      .tuple(fc.record({ at: whole, seq: whole }), fc.record(fields, { requiredKeys: [] }))
      .map(([head, rest]) => ({ ...head, ...rest })),
  });
});

test(`readings come out of packing exactly as they went in (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.array(anyReading, { maxLength: 30 }), fc.integer({ min: 1, max: 40 }), (readings, rows) => {
      const pieces = packReadings(readings, rows);
      const back: StoredReading[] = [];
      for (const packed of pieces) unpackReadings(structuredClone(packed), back);
      expect(back).toEqual(readings);
      expect(pieces.map(({ count }) => count)).toEqual(pieces.map((_, piece) => Math.min(rows, readings.length - piece * rows)));
    }),
    { seed: SEED },
  );
});

test("readings that are packed as they come are there whenever somebody looks, each once and in order", () => {
  const readings = everyReading();
  const packing = new Packing(3);
  for (const [index, stored] of readings.entries()) {
    packing.add(stored);
    if (index % 5 !== 0) continue;
    const back: StoredReading[] = [];
    for (const piece of packing.pieces()) unpackReadings(piece, back);
    expect(back).toStrictEqual(readings.slice(0, index + 1));
    expect(packing.count).toBe(index + 1);
  }
});

test("every field of every channel's schema has a column, and a mask has room for all", () => {
  for (const [code, channel] of CHANNELS.entries()) {
    const fields = Object.keys(readingSchemas[channel].shape).filter((name) => name !== "at" && name !== "seq");
    expect(CHANNEL_FIELDS[code]!.map(({ name }) => name).sort()).toEqual(fields.sort());
  }
  expect(FIELD_COLUMNS.length).toBeLessThan(32);
  expect(new Set(READING_COLUMNS.map(({ name }) => name.toLowerCase())).size).toBe(READING_COLUMNS.length);
});

test("cursors give back what they were made of and refuse everything else", () => {
  expect(readCursor(writeCursor([1, "a"]), ["number", "string"])).toEqual([1, "a"]);
  for (const bad of ["", "?", writeCursor([1]), writeCursor(["a", 1]), writeCursor([1.5, "a"]), Buffer.from("{}").toString("base64url")]) {
    expect(() => readCursor(bad, ["number", "string"])).toThrowError(expect.objectContaining({ code: "cursor-invalid" }));
  }
});

test("days are UTC days", () => {
  const midnight = Date.UTC(2026, 10, 22);
  expect(dayOf(midnight - 1)).toBe("20261121");
  expect(dayOf(midnight)).toBe("20261122");
  expect(dayEnd(midnight)).toBe(midnight + 86_400_000);
  expect(dayEnd(midnight - 1)).toBe(midnight);
});

test.each([
  [`IO Error: Could not set lock on file "/d/store.duckdb": Conflicting lock is held in node (PID 7)`, "data-directory-in-use"],
  ["IO Error: Corrupt database file: computed checksum 1 does not match stored checksum 2 in block at location 3", "store-corrupt"],
  [`IO Error: The file "x" exists, but it is not a valid DuckDB database file!`, "store-corrupt"],
  [`IO Error: Could not write file "x": No space left on device`, "store-full"],
  [`IO Error: Cannot open file "x": Permission denied`, "store-unavailable"],
  ["INTERRUPT Error: Interrupted!", "query-timeout"],
  ["Binder Error: something else", "store-failed"],
])("%s is called %s", (message, code) => {
  const failure = failureOf(new Error(message), "/d/store.duckdb");
  expect(failure.code).toBe(code);
  expect(failure.message.length).toBeGreaterThan(20);
});

test("only fatal errors ask for the file to be opened again", () => {
  expect(needsReopening(new Error("FATAL Error: database has been invalidated because of a previous fatal error"))).toBe(true);
  expect(needsReopening(new Error("INTERNAL Error: assertion"))).toBe(true);
  expect(needsReopening(new Error("Binder Error: x"))).toBe(false);
});
