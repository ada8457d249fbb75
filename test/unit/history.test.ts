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
      expect(defects).toEqual([{ line: 4, column: "Minutes", severity: "error", expected: "how long it lasted, in min", found: "1:30" }]);
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  });
});
