import { expect, test } from "vitest";
import { CHANGE_KINDS, HAZARDS } from "../../src/core/effects.ts";
import type { Content, LiftFacts } from "../../src/notify/delivery.ts";
import { wordsOf, type Wording } from "../../src/notify/words.ts";
import { alertOf, changeMaker, START } from "./notify-rows.ts";

const EN: Wording = { lang: "en", timezone: "Asia/Shanghai", link: "https://lifts.example/" };
const ZH: Wording = { ...EN, lang: "zh" };
const LIFT: LiftFacts = { address: "惠民路1号", userUnit: "惠民小区", floor: 9, persons: null };

function about(content: Content, wording: Wording) {
  return wordsOf({ content, alertId: content.kind === "summary" ? null : content.change.alert.id }, wording);
}

const raised = (): Content => ({ kind: "change", change: changeMaker()("raised", alertOf("A")), lift: LIFT });

test("an entrapment in English: what, where, floor, persons, the site's time, a link", () => {
  const { subject, text } = about(raised(), EN);
  expect(subject).toBe("[CRITICAL] Entrapment (suspected) raised: L-A, 武江, B1");
  expect(text.split("\n")).toEqual([
    "Entrapment (suspected) raised",
    "Lift: L-A",
    "Place: 武江, B1, 惠民路1号",
    "User unit: 惠民小区",
    "Maintenance firm: F1",
    "Floor: 5",
    "Persons: 2",
    "Since: 2026-11-22 17:59:59",
    "https://lifts.example/#alert-A",
  ]);
});

test("the same in Chinese", () => {
  const { subject, text } = about(raised(), ZH);
  expect(subject).toBe("【危急】困人（疑似）发生：L-A，武江，B1");
  expect(text.split("\n")).toEqual([
    "困人（疑似）发生",
    "电梯：L-A",
    "地点：武江，B1，惠民路1号",
    "使用单位：惠民小区",
    "维保单位：F1",
    "楼层：5",
    "人数：2",
    "发生时间：2026-11-22 17:59:59",
    "https://lifts.example/#alert-A",
  ]);
});

test("an escalation says how long nobody has acknowledged it", () => {
  const escalation: Content = { kind: "escalation", change: changeMaker()("raised", alertOf("A")), lift: null, afterMinutes: 5 };
  expect(about(escalation, EN).subject).toBe("[CRITICAL] not acknowledged after 5 min: Entrapment (suspected) raised: L-A, 武江, B1");
  expect(about(escalation, ZH).subject).toBe("【危急】5分钟无人受理：困人（疑似）发生：L-A，武江，B1");
});

test("a summary counts, and names the most frequent first", () => {
  const summary: Content = {
    kind: "summary",
    summary: {
      from: START,
      to: START + 1,
      changes: 3,
      byPriority: { low: 3 },
      byHazard: { silent: 1, "door-held-open": 2 },
      byDistrict: { "": 3 },
    },
  };
  expect(about(summary, EN).text).toContain("Hazard: Door held open 2, No signal 1\nDistrict: unknown 3");
  expect(about(summary, ZH).subject).toBe("【汇总】另有3条告警变更未逐条发送");
});

test("every hazard and every kind of change has its words in both languages", () => {
  for (const wording of [EN, ZH]) {
    for (const hazard of HAZARDS)
      expect(about({ kind: "change", change: changeMaker()("raised", alertOf("A", { hazard })), lift: null }, wording).subject).not.toMatch(
        /undefined/,
      );
    for (const kind of CHANGE_KINDS)
      expect(about({ kind: "change", change: changeMaker()(kind, alertOf("A")), lift: null }, wording).text).not.toMatch(/undefined|null/);
  }
});

test("no line break of a register gets into a subject", () => {
  const alert = alertOf("A", { lift: { district: "a\r\nBcc: x@y.z", building: null, firm: null } });
  expect(about({ kind: "change", change: changeMaker()("raised", alert), lift: null }, EN).subject).not.toMatch(/[\r\n]/);
});
