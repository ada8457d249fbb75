/** The words of the page of trends, and figures as its reader writes them. They come with this chunk. */
import { computed } from "@preact/signals";
import type { Dimension } from "../../../../src/trends/questions/grouping.ts";
import { districtName } from "../messages/messages.ts";
import { inLanguage, language, messages } from "../preferences.ts";
import { en } from "./messages-en.ts";
import { zh } from "./messages-zh.ts";
import { zone } from "../site.ts";
import type { Period } from "./choice.ts";

export const say = inLanguage(en, zh);

const formats = computed(() => {
  const { tag } = messages.value;
  const month = new Intl.DateTimeFormat(tag, { year: "numeric", month: "short", timeZone: "UTC" });
  return {
    whole: new Intl.NumberFormat(tag, { maximumFractionDigits: 0 }),
    rate: new Intl.NumberFormat(tag, { minimumSignificantDigits: 2, maximumSignificantDigits: 2 }),
    fine: new Intl.NumberFormat(tag, { minimumSignificantDigits: 3, maximumSignificantDigits: 3 }),
    ratio: new Intl.NumberFormat(tag, { minimumFractionDigits: 2, maximumFractionDigits: 2 }),
    tenth: new Intl.NumberFormat(tag, { minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    share: new Intl.NumberFormat(tag, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 }),
    percent: new Intl.NumberFormat(tag, { style: "percent", maximumFractionDigits: 0 }),
    tick: new Intl.NumberFormat(tag, { maximumSignificantDigits: 3 }),
    month,
  };
});

export const whole = (value: number): string => formats.value.whole.format(value);
/** A rate: as many digits as its size allows to be read. */
export const rate = (value: number): string =>
  value === 0 ? "0" : value < 1 ? formats.value.rate.format(value) : formats.value.fine.format(value);
export const ratio = (value: number): string => formats.value.ratio.format(value);
export const tenth = (value: number): string => formats.value.tenth.format(value);
export const share = (value: number): string => formats.value.share.format(value);
export const percent = (value: number): string => formats.value.percent.format(value);
export const tick = (value: number): string => formats.value.tick.format(value);

/** A probability; what is nearly sure is not said to be sure. */
export function chance(value: number): string {
  return value > 0 && value < 0.01 ? `< ${percent(0.01)}` : value > 0.99 ? `> ${percent(0.99)}` : percent(value);
}

export function interval(low: number, high: number | null, write: (value: number) => string): string {
  return high === null ? say.value.orMore(write(low)) : say.value.interval(write(low), write(high));
}

/** The day of an instant, in the site's zone. */
export function dayName(at: string): string {
  return new Intl.DateTimeFormat(messages.value.tag, { dateStyle: "medium", timeZone: zone.value }).format(Date.parse(at));
}

/** A month YYYY-MM as people say it. */
export function monthName(month: string): string {
  return formats.value.month.format(Date.parse(`${month}-01`));
}

export function periodName({ from, to }: Period): string {
  return say.value.months(monthName(from), monthName(to));
}

/** What people call a group. */
export function groupName(by: Dimension, key: string | null): string {
  const words = say.value;
  if (key === null) return words.notInRegister;
  if (by === "kind") return (words.kinds as Readonly<Record<string, string>>)[key] ?? key;
  if (by === "use") return (words.uses as Readonly<Record<string, string>>)[key] ?? key;
  if (by === "ageBand") return words.years(key);
  if (by === "district") return districtName(key, language.value);
  return by === "all" ? words.ofAll : key;
}

/** The name of a dimension as a label or at the head of a column. */
export function heading(by: Dimension): string {
  const name = say.value.dimensions[by];
  return name.charAt(0).toLocaleUpperCase() + name.slice(1);
}

/** What a group stands in: a building its district. */
export function withinName(by: Dimension, within: string | null): string | null {
  return within === null ? null : by === "building" ? districtName(within, language.value) : within;
}
