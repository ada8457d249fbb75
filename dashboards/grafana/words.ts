/** What values are called and how they are coloured, as on the page. */
import { en } from "../web/src/messages/en.ts";
import type { Messages } from "../web/src/messages/messages.ts";
import { zh } from "../web/src/messages/zh.ts";
import type { Language } from "./panels.ts";

/** Says a text in the language of the dashboard that is made, and what the page calls things in it. */
export interface Tongue {
  readonly language: Language;
  readonly say: (english: string, chinese: string) => string;
  readonly page: Messages;
}

export const TONGUES: readonly Tongue[] = [
  { language: "en", say: (english) => english, page: en },
  { language: "zh-CN", say: (_english, chinese) => chinese, page: zh },
];

/** A series for each of these, by the field's name, with its title and colour. */
export interface Kind {
  readonly field: string;
  readonly title: string;
  readonly colour: string;
}

export function priorities({ page }: Tongue): Kind[] {
  const colours = { critical: "#e5484d", high: "#f5883e", medium: "#e3b341", low: "#5b8def" };
  return (["critical", "high", "medium", "low"] as const).map((field) => ({
    field,
    title: page.priorities[field],
    colour: colours[field],
  }));
}

/** Conditions of lifts; fields have `_` for `-`. */
export function conditions({ page }: Tongue): Kind[] {
  const colours = { "in-service": "#46a758", faulted: "#e5484d", silent: "#8b8d98", "out-of-service": "#5b8def", unseen: "#c9cbd3" };
  return (["in-service", "faulted", "silent", "out-of-service", "unseen"] as const).map((condition) => ({
    field: condition.replaceAll("-", "_"),
    title: page.conditions[condition],
    colour: colours[condition],
  }));
}

export function coloursOf(kinds: readonly Kind[]): Record<string, string> {
  return Object.fromEntries(kinds.map(({ title, colour }) => [title, colour]));
}

/** `last("prefixfield") AS "title"` of each. */
export function newestOf(kinds: readonly Kind[], prefix: string): string {
  return kinds.map(({ field, title }) => `last("${prefix}${field}") AS "${title}"`).join(", ");
}

export const DOOR_COLOURS = { closed: "#46a758", opening: "#e3b341", open: "#f5883e", closing: "#e3b341", unknown: "#8b8d98" };

export function doors({ say }: Tongue): Record<string, string> {
  return {
    closed: say("closed", "关闭"),
    opening: say("opening", "正在开门"),
    open: say("open", "开启"),
    closing: say("closing", "正在关门"),
    unknown: say("unknown", "未知"),
  };
}

/** What happens to alerts, as `change` says it; and every other word in the tables of alerts. */
export function alertWords({ say, page }: Tongue): Record<string, string> {
  return {
    raised: say("raised", "发生"),
    confirmed: page.evidence.confirmed,
    suspected: page.evidence.suspected,
    updated: say("updated", "有更新"),
    cleared: say("cleared", "解除"),
    acknowledged: say("acknowledged", "已确认"),
    shelved: say("shelved", "搁置"),
    unshelved: say("unshelved", "取消搁置"),
    suppressed: say("suppressed", "抑制"),
    dispatched: say("dispatched", "已派员"),
    arrived: say("arrived", "人员已到场"),
    rescued: say("rescued", "被困人员已救出"),
    closed: say("closed", "关闭"),
    ...page.priorities,
    ...page.hazards,
  };
}

/** Columns of the tables of alerts: of `alert_change`, each under a name that people read. */
export function alertColumns(
  { say }: Tongue,
  columns: readonly ("change" | "priority" | "hazard" | "evidence" | "liftId" | "district" | "by")[],
): string {
  const titles = {
    change: say("Change", "变化"),
    priority: say("Priority", "优先级"),
    hazard: say("Hazard", "隐患"),
    evidence: say("Evidence", "依据"),
    liftId: say("Lift", "电梯"),
    district: say("District", "区县"),
    by: say("By", "操作人"),
  };
  return columns.map((field) => `"${field}" AS "${titles[field]}"`).join(", ");
}
