/** What the picture says, in both languages. */
import { HAZARD_NAMES } from "../hazard-names.ts";
import type { EventOutcome, ScoredAlert, Verdict } from "./matching.ts";
import type { Rest } from "./rows.ts";

export type Language = "en" | "zh";

export interface Words {
  readonly title: string;
  readonly nothing: string;
  readonly found: string;
  readonly missed: string;
  readonly cutOff: string;
  readonly verdicts: Readonly<Record<Verdict, string>>;
  summary(counts: { events: number; missed: number; alerts: number; wrong: number }, timezone: string): string;
  rest(rest: Rest): string;
  event(outcome: EventOutcome): string;
  alert(alert: ScoredAlert, verdict: Verdict): string;
}

/** With its zone, so that nobody need guess: UTC. */
function instant(at: number): string {
  return new Date(at).toISOString().replace(".000Z", "Z");
}

function delayS({ event, found }: EventOutcome): string | null {
  return found?.pagedAt == null ? null : ((found.pagedAt - event.from) / 1_000).toFixed(1);
}

const en: Words = {
  title: "Truth and alerts, by lift",
  nothing: "Nothing happened and nothing was told.",
  found: "there, and found",
  missed: "there, and missed",
  cutOff: "cut off by the period",
  verdicts: {
    right: "alert",
    repeat: "once more",
    confused: "called by another name",
    false: "false alert",
    suppressed: "suppressed by design",
    owned: "part of a mass event",
  },
  summary: ({ events, missed, alerts, wrong }, timezone) =>
    `${events} events (upper bars), ${missed} missed · ${alerts} alerts (marks below), ${wrong} false · lifts in trouble first · times of ${timezone}`,
  rest: ({ lifts, events, missed, alerts, wrong }) =>
    `and ${lifts} more lifts: ${events} events, ${missed} missed; ${alerts} alerts, ${wrong} false`,
  event(outcome) {
    const { hazard, from, to } = outcome.event;
    const delay = delayS(outcome);
    const what = delay === null ? "missed" : outcome.carried ? "found by an alert still active" : `told after ${delay} s`;
    return `${HAZARD_NAMES.en[hazard]}: ${instant(from)} to ${instant(to)}, ${what}`;
  },
  alert: ({ hazard, id, pagedAt, detectedAt }, verdict) =>
    `${HAZARD_NAMES.en[hazard]}: ${en.verdicts[verdict]}, ${instant(pagedAt ?? detectedAt)}, ${id}`,
};

const zh: Words = {
  title: "各电梯的真实险情与报警",
  nothing: "没有险情，也没有报警。",
  found: "真实险情，已发现",
  missed: "真实险情，漏报",
  cutOff: "被时段截断",
  verdicts: {
    right: "正确报警",
    repeat: "重复报警",
    confused: "险情类别有误",
    false: "误报",
    suppressed: "按设计抑制",
    owned: "属于群体事件",
  },
  summary: ({ events, missed, alerts, wrong }, timezone) =>
    `险情 ${events} 起（上方横条），漏报 ${missed} 起 · 报警 ${alerts} 条（下方符号），误报 ${wrong} 条 · 有问题的电梯在前 · 时区 ${timezone}`,
  rest: ({ lifts, events, missed, alerts, wrong }) =>
    `另有 ${lifts} 台电梯：险情 ${events} 起，漏报 ${missed} 起；报警 ${alerts} 条，误报 ${wrong} 条`,
  event(outcome) {
    const { hazard, from, to } = outcome.event;
    const delay = delayS(outcome);
    const what = delay === null ? "漏报" : outcome.carried ? "由仍在持续的报警发现" : `${delay} 秒后报警`;
    return `${HAZARD_NAMES.zh[hazard]}：${instant(from)} 至 ${instant(to)}，${what}`;
  },
  alert: ({ hazard, id, pagedAt, detectedAt }, verdict) =>
    `${HAZARD_NAMES.zh[hazard]}：${zh.verdicts[verdict]}，${instant(pagedAt ?? detectedAt)}，${id}`,
};

export const WORDS: Readonly<Record<Language, Words>> = { en, zh };
