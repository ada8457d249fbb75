/** Every kind of defect that a register can have, in the words in which people are told. */
import { expect, test } from "vitest";
import { cityFleet } from "../../simulators/fleet/city.ts";
import { demoFleet } from "../../simulators/fleet/fleet.ts";
import { UsageError } from "../../src/errors.ts";
import { FLEET_COLUMNS } from "../../src/register/fields.ts";
import { describeDefect, examineRegister, fleetCsv, readRegister } from "../../src/register/register.ts";
import type { ReadOptions } from "../../src/register/register.ts";

const HEADER = FLEET_COLUMNS.join(",");
const GOOD: Record<string, string> = {
  liftId: "L1",
  kind: "passenger",
  district: "武江",
  building: "芙蓉花园1栋",
  ratedSpeedMps: "1.75",
  floors: "18",
  travelM: "49.3",
  installedOn: "2015-06-01",
  firm: "甲",
  station: "甲一站",
  nextInspectionOn: "2026-06-01",
  insuredUntil: "2026-06-01",
  inService: "true",
  longitude: "113.58",
  latitude: "24.79",
};
const row = (changes: Record<string, string> = {}): string => {
  const fields: Record<string, string> = { ...GOOD, ...changes };
  return FLEET_COLUMNS.map((column) => fields[column] ?? "").join(",");
};
const told = (source: string | Uint8Array, options?: ReadOptions): string[] =>
  examineRegister(source, options).defects.map((defect) => describeDefect("f.csv", defect));
const file = (...rows: string[]): string => [HEADER, ...rows, ""].join("\n");

test("a good register has nothing to be said about it, nor have the built-in ones", () => {
  expect(told(file(row()))).toEqual([]);
  expect(told(fleetCsv(demoFleet()))).toEqual([]);
  expect(told(fleetCsv(cityFleet(7)), { today: "2026-01-05" })).toEqual([]);
});

test.each<[column: string, value: string, expected: string]>([
  ["liftId", "L 1", "expected 1 to 64 of A-Z a-z 0-9 _ -"],
  ["liftId", "3.1104E+19", "expected 1 to 64 of A-Z a-z 0-9 _ -"],
  ["liftId", "x".repeat(65), "expected 1 to 64 of A-Z a-z 0-9 _ -"],
  ["kind", "elevator", "expected one of passenger, freight, dumbwaiter, escalator"],
  ["building", "x".repeat(201), "expected at most 200 characters"],
  ["ratedSpeedMps", "fast", "expected a number above 0 and up to 20"],
  ["ratedSpeedMps", "1.75 m/s", "expected a number above 0 and up to 20"],
  ["ratedSpeedMps", "0", "expected a number above 0 and up to 20"],
  ["ratedSpeedMps", "-1", "expected a number above 0 and up to 20"],
  ["ratedSpeedMps", "175", "expected a number above 0 and up to 20"],
  ["floors", "0x10", "expected an integer from 1 to 200"],
  ["ratedLoadKg", "1e999", "expected a number above 0 and up to 100000"],
  ["ratedLoadKg", "Infinity", "expected a number above 0 and up to 100000"],
  ["floors", "18.5", "expected an integer from 1 to 200"],
  ["floors", "0", "expected an integer from 1 to 200"],
  ["travelM", "-3", "expected a number from 0 to 1000"],
  ["installedOn", "2015/6/1", "expected a day that exists, as YYYY-MM-DD"],
  ["installedOn", "2015-02-29", "expected a day that exists, as YYYY-MM-DD"],
  ["nextInspectionOn", "2026-13-01", "expected a day that exists, as YYYY-MM-DD"],
  ["insuredUntil", "soon", "expected a day that exists, as YYYY-MM-DD"],
  ["inService", "maybe", "expected a boolean, true or false"],
  ["inService", "1", "expected a boolean, true or false"],
  ["longitude", "1135.8", "expected a number from -180 to 180"],
  ["latitude", "113.58", "expected a number from -90 to 90"],
])("an error in %s: %j", (column, value, expected) => {
  const shown = value.length > 80 ? `${value.slice(0, 80)}…` : value;
  expect(told(file(row(), row({ liftId: "L2", [column]: value })))).toEqual([
    `f.csv: line 3, ${column}: ${expected}; found ${JSON.stringify(shown)}`,
  ]);
});

test.each<[what: string, text: string, defects: string[]]>([
  ["an empty file", "", ["f.csv: line 1: expected a header and a row for each lift; found an empty file"]],
  ["no rows", `${HEADER}\n`, ["f.csv: line 2: expected a header and a row for each lift; found no rows"]],
  ["no header", `${row()}\n${row()}\n`, [`f.csv: line 1: expected a header with the columns ${HEADER}; found ${row()}`]],
  [
    "semicolons",
    "liftId;kind\nL1;passenger\n",
    [`f.csv: line 1: expected a header with the columns ${HEADER}, separated by commas; found liftId;kind`],
  ],
  ["no id", file(row({ liftId: "" })), ["f.csv: line 2, liftId: expected 1 to 64 of A-Z a-z 0-9 _ -; found nothing"]],
  [
    "an id twice",
    file(row(), row({ liftId: "L2" }), row()),
    ['f.csv: line 4, liftId: expected an id that no other row has; found "L1", as in line 2'],
  ],
  ["a field too few", file(row().slice(0, -6)), ["f.csv: line 2: expected 20 fields; found 19"]],
  ["a field too many", file(`${row()},x`), ["f.csv: line 2: expected 20 fields; found 21"]],
  ["an empty row", file(row(), ",".repeat(19)), ["f.csv: line 3: warning: expected a lift; found an empty row, which is left out"]],
  [
    "a quote that never closes",
    file(row(), `"L2${row().slice(2)}`, row({ liftId: "L3", floors: "x" })),
    [
      "f.csv: line 3: expected a closing quote; found none up to the end of the file",
      'f.csv: line 4, floors: expected an integer from 1 to 200; found "x"',
    ],
  ],
  [
    "lines after a field with line breaks and after empty lines",
    file(row({ address: '"one\ntwo"' }), "", row({ liftId: "L2", floors: "x" })),
    ['f.csv: line 5, floors: expected an integer from 1 to 200; found "x"'],
  ],
])("a file with %s", (_what, text, defects) => {
  expect(told(text)).toEqual(defects);
});

test.each<[what: string, header: string, defects: RegExp[]]>([
  ["an unknown column", `${HEADER},owner`, [/^f\.csv: line 1, owner: warning: expected a known column; found owner, which is not read$/]],
  ["a column twice", `${HEADER},kind`, [/^f\.csv: line 1, kind: expected each column once; found kind again$/]],
])("a header with %s", (_what, header, defects) => {
  const found = told(`${header}\n${row()},\n`);
  expect(found).toHaveLength(defects.length);
  for (const [index, pattern] of defects.entries()) expect(found[index]).toMatch(pattern);
});

test.each([
  ["ratedSpeed", "ratedSpeedMps"],
  ["rated_speed_mps", "ratedSpeedMps"],
  ["Lift ID", "liftId"],
  ["TRAVELM", "travelM"],
])("a column called %s is told to be called %s, for else its values would be unknown without a word", (theirs, ours) => {
  const found = told([HEADER.replace(ours, theirs), row(), ""].join("\n"));
  expect(found).toContain(`f.csv: line 1, ${theirs}: expected the column to be called ${ours}; found ${theirs}`);
});

test("columns that are not there are told once, and the rest is judged", () => {
  expect(told("kind,floors\npassenger,x\n")).toEqual([
    "f.csv: line 1, liftId: expected a column of this name; found kind,floors",
    expect.stringMatching(/^f\.csv: line 1: warning: expected all columns; found no district, .*latitude; they count as unknown$/),
    'f.csv: line 2, floors: expected an integer from 1 to 200; found "x"',
  ]);
});

test.each<[what: string, rows: string[], warning: string]>([
  ["a speed that is not built", [row({ ratedSpeedMps: "15" })], "ratedSpeedMps: warning: expected 0.2 to 10 m/s for passenger; found 15"],
  [
    "an escalator as fast as a lift",
    [row({ kind: "escalator", ratedSpeedMps: "1.75" })],
    "ratedSpeedMps: warning: expected 0.2 to 0.9 m/s for escalator; found 1.75",
  ],
  [
    "travel in centimetres",
    [row({ travelM: "493" })],
    "travelM: warning: expected 1.5 to 15 m from each of 18 floors to the next; found 493",
  ],
  [
    "an installation to come",
    [row({ installedOn: "2026-02-01" })],
    "installedOn: warning: expected no day after 2026-01-05; found 2026-02-01",
  ],
  [
    "an inspection before the installation",
    [row({ nextInspectionOn: "2014-01-01" })],
    "nextInspectionOn: warning: expected no day before the installation on 2015-06-01; found 2014-01-01",
  ],
  [
    "an insurance before the installation",
    [row({ insuredUntil: "2014-01-01" })],
    "insuredUntil: warning: expected no day before the installation on 2015-06-01; found 2014-01-01",
  ],
  ["half a place", [row({ latitude: "" })], "latitude: warning: expected both coordinates or none; found nothing"],
  [
    "a building at two places",
    [row({ liftId: "L0" }), row({ longitude: "113.61" })],
    "longitude: warning: expected a place within 2000 m of 芙蓉花园1栋 in line 2; found 113.61, 24.79",
  ],
  [
    "a station of two firms",
    [row({ liftId: "L0" }), row({ firm: "乙" })],
    "station: warning: expected one firm for 甲一站: 甲, as in line 2; found 乙",
  ],
  [
    "a damaged character",
    [row({ firm: "\uFFFD\uFFFD" })],
    'firm: warning: expected text; found "\uFFFD\uFFFD", damaged when it was converted',
  ],
])("odd, and taken all the same: %s", (_what, rows, warning) => {
  const examined = examineRegister(file(...rows), { today: "2026-01-05" });
  expect(examined.defects.map((defect) => describeDefect("f.csv", defect))).toEqual([`f.csv: line ${rows.length + 1}, ${warning}`]);
  expect(examined.lifts).toHaveLength(rows.length);
  expect(readRegister(file(...rows), "f.csv")).toHaveLength(rows.length);
});

test("a mark of byte order, CRLF, old line ends, quotes, spaces and a spreadsheet's TRUE are read as they are meant", () => {
  const meant = examineRegister(file(row({ building: "南塔", inService: "true" }))).lifts;
  const text = file(row({ building: '" 南塔"', inService: "TRUE" }));
  for (const variant of [
    `\uFEFF${text}`,
    text.replaceAll("\n", "\r\n"),
    text.replaceAll("\n", "\r"),
    text.replaceAll(",true", " , true"),
  ]) {
    const examined = examineRegister(new TextEncoder().encode(variant));
    expect(examined.defects, JSON.stringify(variant)).toEqual([]);
    expect(examined.lifts.map((lift) => ({ ...lift, building: lift.building?.trim() }))).toEqual(meant);
  }
  expect(examineRegister(file(row({ building: '"a, ""b"""' }))).lifts[0]?.building).toBe('a, "b"');
});

/** 韶 关 in GBK. */
const SHAOGUAN_GBK = [0xc9, 0xd8, 0xb9, 0xd8];

test("a file in GBK is named line by line and read with its encoding", () => {
  const bytes = Buffer.concat([
    Buffer.from("liftId,district\nL1,"),
    Buffer.from(SHAOGUAN_GBK),
    Buffer.from("\nL2,x\nL3,"),
    Buffer.from(SHAOGUAN_GBK),
    Buffer.from("\n"),
  ]);
  expect(told(bytes).filter((line) => !line.includes("warning"))).toEqual([
    expect.stringMatching(/^f\.csv: line 2: expected text in utf-8; found L1,.* \(--encoding gbk reads the file\)$/),
    expect.stringMatching(/^f\.csv: line 4: expected text in utf-8; found L3,/),
  ]);
  const read = examineRegister(bytes, { encoding: "gbk" });
  expect(read.lifts.map((lift) => lift.district)).toEqual(["韶关", "x", "韶关"]);
  expect(told(Buffer.from("\uFEFFliftId\nL1\n", "utf16le"))[0]).toContain("--encoding utf-16le reads it");
  expect(examineRegister(Buffer.from("\uFEFFliftId\nL1\n", "utf16le"), { encoding: "utf-16le" }).lifts).toEqual([{ liftId: "L1" }]);
  expect(() => examineRegister(bytes, { encoding: "klingon" })).toThrow(RangeError);
});

test("columns are taken by the names that they have in the file, and called by both", () => {
  const columns = new Map([
    ["设备代码", "liftId"],
    ["额定速度", "ratedSpeedMps"],
  ] as const);
  const examined = examineRegister("设备代码,额定速度,备注\nL1,1.5,\nL2,快,\n", { columns });
  expect(examined.lifts).toEqual([{ liftId: "L1", ratedSpeedMps: 1.5 }]);
  const lines = examined.defects.map((defect) => describeDefect("f.csv", defect));
  expect(lines).toContain('f.csv: line 3, 额定速度 (ratedSpeedMps): expected a number above 0 and up to 20; found "快"');
  expect(lines).toContain("f.csv: line 1, 备注: warning: expected a known column; found 备注, which is not read");
  expect(told("设备代码\nL1\n", { columns })).toContain("f.csv: line 1: expected the column 额定速度 that --map names; found 设备代码");
});

test("every bad row is named, however many there are; who only wants to read is told of the first twenty", () => {
  const rows = Array.from({ length: 3_000 }, (_, index) => row({ liftId: `L${index}`, floors: "x", kind: "y" }));
  expect(told(file(...rows))).toHaveLength(6_000);
  expect(() => readRegister(file(...rows), "f.csv")).toThrow(/and 5980 more mistakes; hoistway fleet check names them$/);
  expect(() => readRegister(file(row({ floors: "x" })), "f.csv")).toThrow(UsageError);
});

test("a whole register of oddities is named", () => {
  const rows = Array.from({ length: 60_000 }, (_, index) => `L${index},15,,2`);
  const examined = examineRegister(["liftId,ratedSpeedMps,longitude,latitude", ...rows, ""].join("\n"));
  expect(examined.lifts).toHaveLength(60_000);
  expect(examined.defects).toHaveLength(1 + 120_000);
});

test("more rows than the monitor takes are refused without being read", () => {
  const rows = Array.from({ length: 100_002 }, (_, index) => `L${index}`);
  const examined = examineRegister(["liftId", ...rows, ""].join("\n"));
  expect(examined.rows).toBe(100_002);
  expect(examined.defects.filter(({ severity }) => severity === "error")).toEqual([
    { line: 1, column: null, severity: "error", expected: "at most 100000 rows below", found: "100002; the rest was not looked at" },
  ]);
});
