/** The operator load report for people, in both languages. */
import { HAZARD_NAMES } from "../hazard-names.ts";
import { localTime } from "./local-time.ts";
import { FIGURES, type OperatorLoadReport, type Verdict } from "./load-figures.ts";

export type Language = keyof typeof HAZARD_NAMES;

interface Words {
  title(from: string, to: string, timezone: string, positions: number): string;
  readonly perPosition: string;
  readonly average: string;
  readonly peak: string;
  readonly day: string;
  readonly tenMinutes: string;
  readonly verdict: string;
  readonly verdicts: Readonly<Record<Verdict, string>>;
  days(acceptable: number, most: number): string;
  floods(floods: OperatorLoadReport["floods"]): string;
  chattering(count: number): string;
  stale(count: number): string;
  readonly mix: string;
  readonly priorities: Readonly<Record<"critical" | "high" | "medium", string>>;
  readonly target: string;
  rest(report: OperatorLoadReport): string;
  top(share: string): string;
  readonly columns: { readonly pages: string; readonly share: string; readonly hours: string };
}

const { acceptablePerDay, mostPerDay, floodAbove, floodEndsBelow, chatterClears } = FIGURES;

const WORDS: Readonly<Record<Language, Words>> = {
  en: {
    title: (from, to, timezone, positions) =>
      `Operator load, ${from} to ${to} (${timezone}), ${positions} ${positions === 1 ? "position" : "positions"}`,
    perPosition: "pages, a position",
    average: "average",
    peak: "peak",
    day: "a day",
    tenMinutes: "in 10 minutes",
    verdict: "verdict",
    verdicts: {
      acceptable: `acceptable: no more than ${acceptablePerDay} a day`,
      manageable: `manageable: more than ${acceptablePerDay} a day, no more than ${mostPerDay}`,
      "too-many": `too many: more than ${mostPerDay} a day`,
      "too-short": "none: the period is shorter than a day",
    },
    days: (acceptable, most) => `${acceptable} days above ${acceptablePerDay}, ${most} of them above ${mostPerDay}`,
    floods: ({ count, windowsInFlood, windows, share }) =>
      `floods (begin above ${floodAbove} in 10 minutes, end below ${floodEndsBelow}): ${count}, ${windowsInFlood} of ${windows} windows, ${percent(share)}`,
    chattering: (count) => `chattering (ends ${chatterClears} times in a minute): ${count}`,
    stale: (count) => `stale (active for a day or longer): ${count}`,
    mix: "priorities of pages",
    priorities: { critical: "critical", high: "high", medium: "medium" },
    target: "aim",
    rest: ({ low, suppressed, shelved, owned }) =>
      `not paged: ${low} low (work lists), ${suppressed} suppressed by design, ${shelved} shelved, ${owned} within a mass event`,
    top: (share) => `most frequent, ${share} of all pages`,
    columns: { pages: "pages", share: "share", hours: "hours" },
  },
  zh: {
    title: (from, to, timezone, positions) => `操作员报警负荷 ${from} 至 ${to}（${timezone}），${positions} 个值班席位`,
    perPosition: "每席位报警",
    average: "平均",
    peak: "最高",
    day: "每日",
    tenMinutes: "每10分钟",
    verdict: "评定",
    verdicts: {
      acceptable: `可接受：每日不超过 ${acceptablePerDay} 条`,
      manageable: `尚可应付：每日超过 ${acceptablePerDay} 条，不超过 ${mostPerDay} 条`,
      "too-many": `过多：每日超过 ${mostPerDay} 条`,
      "too-short": "不评定：时段不足一日",
    },
    days: (acceptable, most) => `超过 ${acceptablePerDay} 条的有 ${acceptable} 日，其中超过 ${mostPerDay} 条的有 ${most} 日`,
    floods: ({ count, windowsInFlood, windows, share }) =>
      `报警泛滥（10分钟内超过 ${floodAbove} 条为始，少于 ${floodEndsBelow} 条为止）：${count} 次，占 ${windows} 个时窗中的 ${windowsInFlood} 个，${percent(share)}`,
    chattering: (count) => `抖动报警（一分钟内恢复 ${chatterClears} 次）：${count} 个`,
    stale: (count) => `陈旧报警（持续一日以上）：${count} 条`,
    mix: "报警优先级",
    priorities: { critical: "紧急", high: "高", medium: "中" },
    target: "目标",
    rest: ({ low, suppressed, shelved, owned }) =>
      `未呼叫操作员：低优先级 ${low} 条（进入工作清单），按设计抑制 ${suppressed} 条，搁置 ${shelved} 条，归入群体事件 ${owned} 条`,
    top: (share) => `最频繁的报警，占全部 ${share}`,
    columns: { pages: "条数", share: "占比", hours: "小时" },
  },
};

/** @param timezone in which days and times are shown. */
export function loadText(report: OperatorLoadReport, lang: Language, timezone: string): string {
  const words = WORDS[lang];
  const name = (hazard: keyof (typeof HAZARD_NAMES)[Language]) => HAZARD_NAMES[lang][hazard];
  const at = (time: number) => localTime(time, timezone);
  const { perDay, per10Min, floods, mix } = report;
  const { columns } = words;
  const sections: string[][] = [
    [words.title(at(report.from), at(report.to), timezone, report.positions)],
    table([
      [words.perPosition, words.average, words.peak, ""],
      [words.day, rounded(perDay.average), rounded(perDay.peak), perDay.peakDay ?? ""],
      [words.tenMinutes, rounded(per10Min.average), rounded(per10Min.peak), per10Min.peakAt === null ? "" : at(per10Min.peakAt)],
    ]),
    [
      `${words.verdict}: ${words.verdicts[report.verdict]}`,
      words.days(report.daysAboveAcceptable, report.daysAboveMost),
      words.floods(floods),
      ...floods.largest.slice(0, 3).map(({ from, to, pages }) => `  ${at(from)} – ${at(to)}  ${pages}`),
    ],
    table([
      [words.mix, columns.pages, columns.share, words.target],
      ...(["critical", "high", "medium"] as const).map((priority) => [
        words.priorities[priority],
        String(mix[priority].pages),
        percent(mix[priority].share),
        percent(mix[priority].target),
      ]),
    ]),
    [words.rest(report)],
    [
      words.top(percent(report.topTenShare)),
      ...table(report.topTen.map(({ liftId, hazard, pages, share }) => [`  ${liftId}`, name(hazard), String(pages), percent(share)])),
    ],
    [
      words.chattering(report.chattering.count),
      ...table(report.chattering.alerts.slice(0, 10).map(({ liftId, hazard, times }) => [`  ${liftId}`, name(hazard), String(times)])),
    ],
    [
      words.stale(report.stale.count),
      ...table(
        report.stale.longest
          .slice(0, 10)
          .map(({ liftId, hazard, activeMs }) => [`  ${liftId}`, name(hazard), `${Math.floor(activeMs / 3_600_000)} ${columns.hours}`]),
      ),
    ],
  ];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

/** First two columns to the left where they are words, figures to the right; Chinese characters take two places. */
function table(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? "")))) ?? [];
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const space = " ".repeat((widths[column] ?? 0) - widthOf(cell));
        return /^[\d.]+( |$)/.test(cell) ? space + cell : cell + space;
      })
      .join("  ")
      .trimEnd(),
  );
}

function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += /[\u2E80-\u9FFF\uFF00-\uFF60]/.test(character) ? 2 : 1;
  return width;
}

function rounded(value: number): string {
  return value === 0 ? "0" : value >= 100 ? String(Math.round(value)) : String(Number(value.toPrecision(3)));
}

function percent(share: number): string {
  return `${Number((share * 100).toPrecision(3))} %`;
}
