/** Days of the site's zone, where the stores count by them: also where the clocks change, and where they do so at midnight. */
import { expect, test } from "vitest";
import { loadSettings } from "../../src/settings/settings.ts";
import { Calendar } from "../../src/core/calendar.ts";
import { dayBegins } from "../../src/store/day-begins.ts";
import { keptFrom } from "../../src/stores.ts";

const HOUR_MS = 3_600_000;

test.each([
  ["2026-11-22", "Asia/Shanghai", "2026-11-21T16:00:00.000Z"],
  ["2026-03-08", "America/New_York", "2026-03-08T05:00:00.000Z"],
  ["2026-03-09", "America/New_York", "2026-03-09T04:00:00.000Z"],
  ["2026-11-01", "America/New_York", "2026-11-01T04:00:00.000Z"],
  ["2026-11-02", "America/New_York", "2026-11-02T05:00:00.000Z"],
  ["2026-09-06", "America/Santiago", "2026-09-06T04:00:00.000Z"],
  ["2026-11-22", "Asia/Kathmandu", "2026-11-21T18:15:00.000Z"],
  ["2026-11-22", "Pacific/Kiritimati", "2026-11-21T10:00:00.000Z"],
  ["2026-11-22", "Pacific/Niue", "2026-11-22T11:00:00.000Z"],
])("%s begins in %s at %s", (day, zone, begin) => {
  expect(new Date(dayBegins(day, zone)).toISOString()).toBe(begin);
});

test("every day of two years begins where the one before it ends, in zones with and without summer time", () => {
  let days = 0;
  for (const zone of ["Asia/Shanghai", "America/New_York", "America/Santiago", "Australia/Lord_Howe", "Europe/Berlin"]) {
    const calendar = new Calendar(zone);
    const lengths = new Set<number>();
    let before = dayBegins("2025-12-31", zone);
    for (let at = Date.UTC(2026, 0, 1); at < Date.UTC(2028, 0, 1); at += 24 * HOUR_MS) {
      const day = new Date(at).toISOString().slice(0, 10);
      const begin = dayBegins(day, zone);
      expect(calendar.dayOf(begin)).toBe(day);
      expect(calendar.dayOf(begin - 1) < day).toBe(true);
      lengths.add((begin - before) / HOUR_MS);
      before = begin;
      days++;
    }
    const changes = zone === "Asia/Shanghai" ? [24] : zone === "Australia/Lord_Howe" ? [23.5, 24, 24.5] : [23, 24, 25];
    expect([...lengths].toSorted((a, b) => a - b)).toEqual(changes);
  }
  expect(days).toBe(5 * 730);
});

test("what is kept begins at a midnight of the site, over a change of the clocks too; 0 days are for ever", () => {
  const now = Date.parse("2026-11-22T01:30:00Z");
  const kept = keptFrom({ readingsDays: 30, minutesDays: 730 }, "America/New_York", now);
  expect(new Date(kept.readings!).toISOString()).toBe("2026-10-22T04:00:00.000Z");
  expect(new Date(kept.minutes!).toISOString()).toBe("2024-11-21T05:00:00.000Z");
  expect(keptFrom({ readingsDays: 0, minutesDays: 0 }, "Asia/Shanghai", now)).toEqual({ readings: null, minutes: null });
});

test("settings of the store come from flags, environment and file, and every mistake in them is told at once, without its secret", () => {
  const environment = { HOISTWAY_INFLUX_TOKEN: "very-secret", HOISTWAY_READINGS_DAYS: "14" };
  const flags = { store: "influx", influxUrl: "http://db:8086", influxOrg: "site", minutesDays: "0" };
  expect(loadSettings(flags, environment, undefined)).toMatchObject({
    store: "influx",
    influxVersion: 2,
    influxBucket: "hoistway",
    influxToken: "very-secret",
    readingsDays: 14,
    minutesDays: 0,
  });
  const told = (more: Record<string, string>) => {
    try {
      loadSettings({ ...flags, ...more }, environment, undefined);
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(told({ influxVersion: "4" })).toMatch(/--influx-version: expected 1, 2 or 3; found 4/);
  expect(told({ influxBucket: "a/b" })).toMatch(/--influx-bucket: expected at most 64 letters/);
  expect(told({ influxOrg: "", influxUsername: "u" })).toMatch(
    /--influx-username: is for version 1.*\n.*--influx-org: version 2 needs an organisation/,
  );
  const inUrl = told({ influxUrl: "http://u:very-secret@db:8086" });
  expect(inUrl).toMatch(/--influx-url: holds a user or a password/);
  expect(inUrl).not.toContain("very-secret");
  expect(told({ readingsDays: "1.5" })).toMatch(/--readings-days/);
  expect(told({ influxVersion: "1" })).toBe("");
});
