/** Rows of answers as CSV: whichever way the cells are written, each is what it is by itself. */
import { expect, test } from "vitest";
import { csvOf } from "../../src/trends/questions/table.ts";

const COLUMNS = ["key", "first", "second", "whole", "inner.number", "inner.word", "last"];
const row = (last: unknown, key: string | null, inner: object | null = { number: 0.1, word: "a" }) => ({
  key,
  first: 1 / 3,
  second: -0,
  whole: 1e21,
  inner,
  last,
});

test("numbers beside each other are written with all their digits, and 0 without a sign", () => {
  expect(csvOf(COLUMNS, [row(5, "a"), row(-1.5e-9, "b")])).toBe(
    `${COLUMNS.join(",")}\na,${1 / 3},0,1e+21,0.1,a,5\nb,${1 / 3},0,1e+21,0.1,a,-1.5e-9\n`,
  );
});

test("a column with a cell that is no number has each cell as it is: empty, a truth, a word with quotes, or a formula made a text", () => {
  const cells = [null, undefined, true, 'a "b", c', "=SUM(1)", "[],[", Number.POSITIVE_INFINITY, 2].map((last) => row(last, null));
  const lines = csvOf(COLUMNS, cells).trimEnd().split("\n").slice(1);
  const tails = ["", "", "true", '"a ""b"", c"', "'=SUM(1)", '"[],["', "null", "2"];
  expect(lines).toEqual(tails.map((tail) => `,${1 / 3},0,1e+21,0.1,a,${tail}`));
});

test("what many rows share is written alike, beside what one row has for itself and what is not there", () => {
  const shared = { number: 7, word: "x,y" };
  const inner = [shared, shared, shared, { number: 8.25, word: null }, null, shared];
  const lines = csvOf(
    COLUMNS,
    inner.map((own) => row(1, "k", own)),
  )
    .trimEnd()
    .split("\n")
    .slice(1);
  expect(lines.map((line) => line.slice(`k,${1 / 3},0,1e+21,`.length))).toEqual([
    '7,"x,y",1',
    '7,"x,y",1',
    '7,"x,y",1',
    "8.25,,1",
    ",,1",
    '7,"x,y",1',
  ]);
});

test("of no rows there is the header alone", () => {
  expect(csvOf(["a", "b.c"], [])).toBe("a,b.c\n");
});
