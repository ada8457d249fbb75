/**
 * The message tables are typed: a key, an argument or a hazard that one language lacks does not compile. Messages with
 * values in them are functions, so there is no template syntax to get wrong; plurals and numbers are the platform's (Intl).
 */
import { DISTRICT_NAMES } from "../../../../src/district-names.ts";
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

/** A district in the reader's language; as it is written where no reading is known. */
export function districtName(district: string, language: Language): string {
  return language === "en" ? (DISTRICT_NAMES.get(district) ?? district) : district;
}
