/** Records of others: times in the forms that they have, durations in place of ends, and words for nothing. */
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { mappingSchema } from "../../src/history/mapping.ts";
import { readHistory } from "../../src/history/read.ts";
import { isTimeFormat, timeReader } from "../../src/history/times.ts";

const isoOf = (format: string, text: string, timezone = "UTC") => {
  const time = timeReader(format, timezone)(text);
  return time === null ? null : new Date(time).toISOString();
};

describe("a time", () => {
  it.each([
    ["iso", "2014-07-04 08:05", "2014-07-04T12:05:00.000Z"],
    ["iso", "2014-07-04T08:05:06Z", "2014-07-04T08:05:06.000Z"],
    ["MM/dd/yyyy hh:mm:ss a", "7/4/2014 12:05:06 AM", "2014-07-04T04:05:06.000Z"],
    ["MM/dd/yyyy hh:mm:ss a", "07/04/2014 01:05:06 p.m.", "2014-07-04T17:05:06.000Z"],
    ["dd-MMM-yy HH:mm", "04-Jul-14 08:05", "2014-07-04T12:05:00.000Z"],
    ["dd MMM yyyy", "1 February 1999", "1999-02-01T05:00:00.000Z"],
    ["dd.MM.yy", "31.12.98", "1998-12-31T05:00:00.000Z"],
    ["epoch-s", "1404475500", "2014-07-04T12:05:00.000Z"],
    ["iso", "2014/7/4 8:05", "2014-07-04T12:05:00.000Z"],
    ["iso", "2014年7月4日8时5分", "2014-07-04T12:05:00.000Z"],
    ["iso", "2014.7.4", "2014-07-04T04:00:00.000Z"],
    ["excel", "41824.3368055556", "2014-07-04T12:05:00.000Z"],
  ])("as %s is read: %s", (format, text, expected) => {
    expect(isTimeFormat(format)).toBe(true);
    expect(isoOf(format, text, "America/New_York")).toBe(expected);
  });

  it.each([
    ["iso", "04/07/2014"],
    ["MM/dd/yyyy", "31/12/2014"],
    ["dd-MMM-yy", "04-Jux-14"],
    ["yyyyMMdd", "20140231"],
    ["epoch-ms", "soon"],
    ["iso", "2014/13/4"],
    ["excel", "soon"],
    ["MM/dd/yyyy hh:mm a", "07/04/2014 13:05 AM"],
  ])("as %s is not made of %s", (format, text) => {
    expect(isoOf(format, text)).toBeNull();
  });

  it("needs a year, a month and a day in its form", () => {
    expect(isTimeFormat("HH:mm")).toBe(false);
    expect(isTimeFormat("dd/MM HH:mm")).toBe(false);
  });
});

describe("rows of another's records", () => {
  const mapping = mappingSchema.parse({
    columns: { liftId: "Equipment", at: ["Date", "Time"], until: "Minutes", note: "Reason" },
    events: [{ when: { Trapped: "Y" }, event: "entrapment" }, { event: "fault" }],
    timeFormat: "MM/dd/yyyy hh:mm a",
    untilAfter: "min",
    empty: ["NULL", "N/A"],
    replaceInIds: true,
  });

  it("have durations for ends, words for nothing, and each bad cell named", async () => {
    const directory = await mkdtemp(join(tmpdir(), "hoistway-history-"));
    try {
      const file = join(directory, "outages.csv");
      await writeFile(
        file,
        "Equipment,Date,Time,Minutes,Reason,Trapped\nEL 207,7/4/2014,8:05 AM,90,Door,N\nEL 207,7/5/2014,8:05 AM,NULL,N/A,Y\nEL 207,7/6/2014,8:05 AM,1:30,Door,N\n",
      );
      const { events, defects, rows } = await readHistory(file, mapping, "UTC");
      const at = Date.UTC(2014, 6, 4, 8, 5);
      expect(rows).toBe(3);
      expect(events).toMatchObject([
        { liftId: "EL_207", event: "fault", at, until: at + 90 * 60_000, note: "Door" },
        { liftId: "EL_207", event: "entrapment", at: at + 86_400_000, until: null, note: "" },
      ]);
      expect(defects).toEqual([
        { line: 4, column: "Minutes", severity: "error", expected: "how long it lasted, in min, 0 or more", found: "1:30" },
      ]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});

async function read(bytes: string | Buffer, mapping: object | null = null) {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-clerk-"));
  try {
    const file = join(dir, "events.csv");
    await writeFile(file, bytes);
    return await readHistory(file, mapping === null ? null : mappingSchema.parse(mapping), "Asia/Shanghai");
  } finally {
    await rm(dir, { recursive: true });
  }
}

describe("a clerk's file", () => {
  const header = "liftId,event,at,until,note";

  it("has a word that no rule takes named by its column, with the word, and an empty id as nothing", async () => {
    const rows = "L1,2024-05-03 08:05,Repair\nL2,2024-05-04 08:05,Vandalism\n,2024-05-05 08:05,Repair\n";
    const { defects } = await read(`unit,since,reason\n${rows}`, {
      columns: { liftId: "unit", at: "since", note: "reason" },
      events: [{ when: { reason: "Repair" }, event: "fault" }],
    });
    expect(defects).toMatchObject([
      { line: 3, column: "reason", found: "Vandalism" },
      { line: 4, column: "unit", found: "nothing" },
    ]);
  });

  it("may have rows that end early: what is missing is empty, and that is told", async () => {
    const { events, defects, short, shortRows } = await read(
      `${header}\nL1,fault,2024-05-03\nL1,fault,2024-05-04,,door\nL2,fault,2024-05-05,\n`,
    );
    expect(defects).toEqual([]);
    expect(events).toMatchObject([{ until: null, note: "" }, { note: "door" }, { liftId: "L2", until: null, note: "" }]);
    expect([short, shortRows]).toEqual([[2, 4], 2]);
  });

  it("tells of its lifts in columns that the mapping names, the last word of each, in our words", async () => {
    const mapping = {
      columns: { liftId: "unit", at: "start" },
      events: [{ event: "fault" }],
      lifts: { building: "station", kind: { column: "type", values: { elevator: "passenger" } } },
    };
    const rows = ["A,2024-05-03,Old,elevator", "A,2024-05-04,New,", "B,2024-05-05,,"];
    const { lifts, defects } = await read(`unit,start,station,type\n${rows.join("\n")}`, mapping);
    expect(defects).toEqual([]);
    expect([...lifts]).toEqual([
      ["A", { building: "New", kind: "passenger" }],
      ["B", {}],
    ]);
    const { defects: bad } = await read("unit,start,station,type\nA,2024-05-03,x,tram", mapping);
    expect(bad).toMatchObject([{ line: 2, column: "type", expected: "one of elevator", found: "tram" }]);
    expect((await read("unit,start,station\nA,2024-05-03,x", mapping)).defects).toMatchObject([{ line: 1, column: "type" }]);
  });

  it.each([
    ["a day and a month in an order that nobody said", `${header}\nL1,fault,03/05/2024 08:05,,`, 2, "day and month can be read two ways"],
    ["a spreadsheet's number for a time", `${header}\nL1,fault,45415.337,,`, 2, "timeFormat: excel"],
    ["several lifts in a cell", `${header}\n"L1,L2",fault,2024-05-03,,`, 2, 'liftIdSeparator: ","'],
    ["semicolons", `${header.replaceAll(",", ";")}\nL1;fault;2024-05-03;;`, 1, 'delimiter: ";"'],
    ["a comma in a note without quotes", `${header}\nL1,fault,2024-05-03,,door, left`, 2, "5 columns, as the header has"],
    ["two columns of one name", `${header},at\nL1,fault,2024-05-03,,,2024-05-04`, 1, "one column of this name"],
    ["a time to come", `${header}\nL1,fault,2199-05-03,,`, 2, "a time that is not in the future"],
    ["an end before its start", `${header}\nL1,fault,2024-05-03,2024-05-02,`, 2, "a time not before at"],
    ["another encoding", Buffer.from(`${header}\nL1,fault,2024-05-03,,\xc3\xc5\n`, "latin1"), 1, "encoding: gb18030"],
  ])("with %s is refused with the line, and what to say", async (_what, bytes, line, words) => {
    const { events, defects } = await read(bytes);
    expect(events).toEqual([]);
    expect(defects.map((defect) => defect.line)).toContain(line);
    expect(defects.map(({ expected }) => expected).join("\n")).toContain(words);
  });

  it("in GB 18030, with a mark, tabs, several lifts in a cell and notes of several lines is read as it is said to be", async () => {
    const rows = ["liftId\tevent\tat\tuntil\tnote", 'L1、L2\tfault\t2024/5/3 8:05\t1:30\t"\xc3\xc5\nL9"', "L1\tfault\t2024/5/1 8:05\t\t"];
    const separator = Buffer.from([0xa1, 0xa2]);
    const bytes = Buffer.concat(
      rows
        .join("\r\n")
        .split("、")
        .flatMap((part, index) => [...(index > 0 ? [separator] : []), Buffer.from(part, "latin1")]),
    );
    const mapping = { encoding: "gb18030", delimiter: "\t", untilAfter: "h:mm", liftIdSeparator: "、" };
    const { events, defects } = await read(bytes, mapping);
    expect(defects).toEqual([]);
    expect(
      events.map(({ liftId, at, until, note }) => [liftId, new Date(at).toISOString(), until === null ? null : until - at, note]),
    ).toEqual([
      ["L1", "2024-05-03T00:05:00.000Z", 5_400_000, "门\nL9"],
      ["L2", "2024-05-03T00:05:00.000Z", 5_400_000, "门\nL9"],
      ["L1", "2024-05-01T00:05:00.000Z", null, ""],
    ]);
  });

  it("says which rows tell of an event again, and which ids became one", async () => {
    const rows = [header, "A 1,fault,2024-05-03,2024-05-04,", "A/1,fault,2024-05-05,,", "A 1,fault,2024-05-03,2024-05-06,"];
    const { events, repeated, repeatedRows, merged } = await read(rows.join("\n"), { replaceInIds: true });
    expect(events).toHaveLength(3);
    expect([repeated, repeatedRows]).toEqual([[4], 1]);
    expect([...merged]).toEqual(['"A 1" and "A/1" are both A_1']);
  });

  it("that is a workbook is refused with what to do", async () => {
    await expect(readHistory("events.xlsx", null, "UTC")).rejects.toThrow('save its sheet as "CSV UTF-8"');
  });
});
