import { describe, expect, test } from "vitest";
import { facts } from "../../dashboards/web/src/facts.ts";
import { clockTime, dateTime, span, zoneOffset } from "../../dashboards/web/src/format.ts";
import { en } from "../../dashboards/web/src/messages/en.ts";
import { districtName, languageOf } from "../../dashboards/web/src/messages/messages.ts";
import { zh } from "../../dashboards/web/src/messages/zh.ts";
import { HAZARDS, type Alert } from "../../src/core/effects.ts";

const of = (details: Alert["details"]) => facts({ details } as Alert, en, "en");
const fault = (code: string, canonical: string | null, dialect = "gb24476") => ({ code, canonical, dialect, since: 0 });

/** 2026-11-22 16:05:09 UTC: the next day in Shanghai. */
const AT = Date.UTC(2026, 10, 22, 16, 5, 9);

describe("what the page says", () => {
  test("every hazard has a name of its own in both languages", () => {
    for (const table of [en, zh]) {
      const names = HAZARDS.map((hazard) => table.hazards[hazard]);
      expect(new Set(names).size).toBe(HAZARDS.length);
    }
    expect(Object.keys(en.hazards).toSorted()).toEqual([...HAZARDS].toSorted());
  });

  test("the Chinese table has Chinese in it wherever the English one has words", () => {
    const same: string[] = [];
    const walk = (a: object, b: object, path: string): void => {
      for (const [key, value] of Object.entries(a)) {
        const other = (b as Readonly<Record<string, unknown>>)[key];
        if (typeof value === "string" && value === other) same.push(`${path}${key}`);
        else if (typeof value === "object" && typeof other === "object" && other !== null) walk(value as object, other, `${path}${key}.`);
      }
    };
    walk(en, zh, "");
    expect(same).toEqual([]);
  });

  test("acknowledged and confirmed evidence are different words in Chinese", () => {
    expect(zh.alerts.acknowledged).not.toBe(zh.evidence.confirmed);
  });

  test("English counts one lift and many lifts", () => {
    expect(en.alerts.quiet(1, 1)).toContain("1 registered lift is watched");
    expect(en.alerts.quiet(16_409, 15_483)).toContain("16,409 registered lifts are watched, 15,483");
  });

  test("a Chinese browser gets Chinese, others English", () => {
    expect(languageOf(["zh-TW", "en"])).toBe("zh");
    expect(languageOf(["de", "zh-CN"])).toBe("zh");
    expect(languageOf(["en-US", "zh"])).toBe("en");
    expect(languageOf(["fr"])).toBe("en");
  });

  test("districts are read out for English readers and stay as written for Chinese ones", () => {
    expect(districtName("武江", "en")).toBe("Wujiang");
    expect(districtName("武江", "zh")).toBe("武江");
    expect(districtName("Soho", "en")).toBe("Soho");
  });

  test("details become phrases, and values of another type say nothing", () => {
    expect(of({ floor: 7, persons: 2, speedMps: 0 })).toEqual(["Floor 7", "2 persons"]);
    expect(of({ floor: "7", persons: null, loadKg: 81.6, alarmButton: true })).toEqual(["82 kg", "alarm button pressed"]);
    expect(of({ speedMps: -1.936 })).toEqual(["1.94 m/s"]);
    expect(of({ faults: [fault("06", "06"), fault("E41", null, "vendor-x"), fault("02", "02")] })).toEqual([
      "06 motor run-time limiter operated",
      "Code vendor-x E41",
      "+1",
    ]);
    expect(facts({ details: { faults: [fault("06", "06")] } } as unknown as Alert, zh, "zh")).toEqual(["06 电动机运转时间限制器动作"]);
  });
});

describe("times", () => {
  test("clocks go by the site's zone, and another day is named", () => {
    expect(clockTime(AT, AT + 1_000, "Asia/Shanghai", "en-GB")).toBe("00:05:09");
    expect(clockTime(AT, AT + 1_000, "UTC", "en-GB")).toBe("16:05:09");
    expect(clockTime(AT - 3_600_000, AT, "Asia/Shanghai", "en-GB")).toBe("22 Nov 23:05:09");
    expect(dateTime(AT, "Asia/Shanghai", "zh-CN")).toContain("2026年11月23日");
    expect(zoneOffset(AT, "Asia/Shanghai")).toBe("GMT+8");
  });

  test("spans grow from seconds to days and are never negative", () => {
    const units = { days: "d", hours: "h" };
    expect([-5, 42_000, 725_000, 8_045_000, 51 * 3_600_000].map((ms) => span(ms, units))).toEqual([
      "0:00",
      "0:42",
      "12:05",
      "2:14:05",
      "2 d 03 h",
    ]);
  });
});
