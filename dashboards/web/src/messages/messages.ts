/**
 * The message tables are typed: a key, an argument or a hazard that one language lacks does not compile. Messages with
 * values in them are functions, so there is no template syntax to get wrong; plurals and numbers are the platform's (Intl).
 */
import type { en } from "./en.ts";

/** The shape that a message table must have in every other language. */
export type Table<T> = T extends string
  ? string
  : T extends (...values: infer V) => string
    ? (...values: V) => string
    : { readonly [K in keyof T]: Table<T[K]> };

export type Messages = Table<typeof en>;
export type Language = "en" | "zh";

/** Chinese for any Chinese browser, else English. */
export function languageOf(tags: readonly string[]): Language {
  for (const tag of tags) {
    if (/^zh\b/i.test(tag)) return "zh";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

/** The built-in city's districts as English readers say them (domain.md §1). */
const DISTRICTS: ReadonlyMap<string, string> = new Map([
  ["浈江", "Zhenjiang"],
  ["武江", "Wujiang"],
  ["曲江", "Qujiang"],
  ["乐昌", "Lechang"],
  ["南雄", "Nanxiong"],
  ["仁化", "Renhua"],
  ["始兴", "Shixing"],
  ["乳源", "Ruyuan"],
  ["翁源", "Wengyuan"],
  ["新丰", "Xinfeng"],
]);

/** A district in the reader's language; as it is written where no reading is known. */
export function districtName(district: string, language: Language): string {
  return language === "en" ? (DISTRICTS.get(district) ?? district) : district;
}
