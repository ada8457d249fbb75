/** What people read: plain, short, in English or Chinese. */
import type { Alert, Change, ChangeKind, Priority } from "../core/effects.ts";
import { HAZARDS } from "../core/effects.ts";
import { HAZARD_NAMES } from "../hazard-names.ts";
import type { Delivery, LiftFacts, Summary } from "./delivery.ts";

export type Language = "en" | "zh";

export interface Wording {
  readonly lang: Language;
  /** IANA zone of the site. */
  readonly timezone: string;
  /** Address at which people open the page, or undefined for no links. */
  readonly link: string | undefined;
}

const PRIORITY: Readonly<Record<Language, Readonly<Record<Priority, string>>>> = {
  en: { critical: "CRITICAL", high: "High", medium: "Medium", low: "Low" },
  zh: { critical: "危急", high: "高", medium: "中", low: "低" },
};

const CHANGE: Readonly<Record<Language, Readonly<Record<ChangeKind, string>>>> = {
  en: {
    raised: "raised",
    confirmed: "confirmed",
    updated: "updated",
    cleared: "cleared",
    acknowledged: "acknowledged",
    shelved: "shelved",
    unshelved: "back from the shelf",
    suppressed: "suppressed",
    dispatched: "help dispatched",
    arrived: "help arrived",
    rescued: "people freed",
    closed: "closed",
  },
  zh: {
    raised: "发生",
    confirmed: "已确认",
    updated: "更新",
    cleared: "已恢复",
    acknowledged: "已受理",
    shelved: "已搁置",
    unshelved: "取消搁置",
    suppressed: "已抑制",
    dispatched: "已派人",
    arrived: "已到场",
    rescued: "已救出",
    closed: "已关闭",
  },
};

const SUSPECTED = { en: "suspected", zh: "疑似" };

export interface Words {
  readonly subject: string;
  readonly text: string;
  readonly link: string | null;
}

export function wordsOf({ content, alertId }: Pick<Delivery, "content" | "alertId">, wording: Wording): Words {
  const link = wording.link === undefined ? null : `${wording.link.replace(/\/$/, "")}/${alertId === null ? "" : `#alert-${alertId}`}`;
  const { subject, lines } =
    content.kind === "summary"
      ? aboutSummary(content.summary, wording)
      : aboutAlert(content.change, content.lift, wording, content.kind === "escalation" ? content.afterMinutes : null);
  return { subject: subject.replaceAll(/\s+/g, " "), text: [...lines, ...(link === null ? [] : [link])].join("\n"), link };
}

function aboutAlert(told: Change, lift: LiftFacts | null, wording: Wording, afterMinutes: number | null) {
  const { lang } = wording;
  const { alert, change } = told;
  const zh = lang === "zh";
  const hazard = HAZARD_NAMES[lang][alert.hazard];
  const suspected = alert.evidence === "suspected" ? (zh ? `（${SUSPECTED.zh}）` : ` (${SUSPECTED.en})`) : "";
  const place = [alert.lift.district, alert.lift.building].filter((part) => part !== null);
  const state = CHANGE[lang][change];
  const prefix = zh ? `【${PRIORITY.zh[alert.priority]}】` : `[${PRIORITY.en[alert.priority]}] `;
  const unanswered = afterMinutes === null ? "" : zh ? `${afterMinutes}分钟无人受理：` : `not acknowledged after ${afterMinutes} min: `;
  const what = zh ? `${hazard}${suspected}${state}` : `${hazard}${suspected} ${state}`;
  const where = [alert.liftId, ...place].join(zh ? "，" : ", ");
  const floor = numberOf(alert, "floor") ?? lift?.floor ?? null;
  const persons = numberOf(alert, "persons") ?? lift?.persons ?? null;
  const labels = zh
    ? {
        lift: "电梯",
        place: "地点",
        unit: "使用单位",
        firm: "维保单位",
        floor: "楼层",
        persons: "人数",
        since: "发生时间",
        until: "恢复时间",
        by: "操作人",
        note: "备注",
        late: "数据迟到：补传记录",
      }
    : {
        lift: "Lift",
        place: "Place",
        unit: "User unit",
        firm: "Maintenance firm",
        floor: "Floor",
        persons: "Persons",
        since: "Since",
        until: "Until",
        by: "By",
        note: "Note",
        late: "Late data: sent after an outage",
      };
  const colon = zh ? "：" : ": ";
  const line = (label: string, value: string | number | null | undefined) =>
    value === null || value === undefined || value === "" ? [] : [`${label}${colon}${value}`];
  const lines = [
    `${unanswered}${what}`,
    ...line(labels.lift, alert.liftId),
    ...line(labels.place, [...place, ...(lift?.address == null ? [] : [lift.address])].join(zh ? "，" : ", ")),
    ...line(labels.unit, lift?.userUnit),
    ...line(labels.firm, alert.lift.firm),
    ...line(labels.floor, floor),
    ...line(labels.persons, persons),
    ...line(labels.since, timeText(alert.raisedAt, wording)),
    ...(alert.clearedAt === null ? [] : line(labels.until, timeText(alert.clearedAt, wording))),
    ...line(labels.by, told.by),
    ...line(labels.note, told.note),
    ...(alert.details["backlog"] === true ? [labels.late] : []),
  ];
  return { subject: `${prefix}${unanswered}${what}${zh ? "：" : ": "}${where}`, lines };
}

function aboutSummary(summary: Summary, wording: Wording) {
  const { lang } = wording;
  const zh = lang === "zh";
  const { changes } = summary;
  const span = `${timeText(summary.from, wording)} – ${timeText(summary.to, wording)}`;
  const title = zh
    ? `另有${changes}条告警变更未逐条发送`
    : `${changes} more alert ${changes === 1 ? "change" : "changes"}, not sent one by one`;
  const colon = zh ? "：" : ": ";
  const list = (label: string, counts: Readonly<Record<string, number>>, nameOf: (name: string) => string) => {
    const most = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
    const shown = most.slice(0, 10).map(([name, count]) => `${nameOf(name)} ${count}`);
    return `${label}${colon}${shown.join(zh ? "，" : ", ")}${most.length > shown.length ? " …" : ""}`;
  };
  const lines = [
    title,
    span,
    list(zh ? "优先级" : "Priority", summary.byPriority, (name) => PRIORITY[lang][name as Priority]),
    list(
      zh ? "类型" : "Hazard",
      summary.byHazard,
      (name) => HAZARD_NAMES[lang][HAZARDS.find((hazard) => hazard === name) ?? "reported-fault"],
    ),
    list(zh ? "区域" : "District", summary.byDistrict, (name) => (name === "" ? (zh ? "未知" : "unknown") : name)),
  ];
  return { subject: zh ? `【汇总】${title}` : `[Summary] ${title}`, lines };
}

function numberOf(alert: Alert, name: string): number | null {
  const value = alert.details[name];
  return typeof value === "number" ? value : null;
}

/** `2026-11-22 18:30:05`, in the site's zone. */
export function timeText(ms: number, { timezone }: Pick<Wording, "timezone">): string {
  return formatOf(timezone).format(ms);
}

const formats = new Map<string, Intl.DateTimeFormat>();
function formatOf(timezone: string): Intl.DateTimeFormat {
  let format = formats.get(timezone);
  if (format === undefined) {
    // Swedish writes dates as ISO does.
    format = new Intl.DateTimeFormat("sv-SE", { timeZone: timezone, dateStyle: "short", timeStyle: "medium" });
    formats.set(timezone, format);
  }
  return format;
}
