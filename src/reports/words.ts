/** The words of reports. The English table is the shape; a key that Chinese lacks does not compile. */
import type { EN } from "./words-en.ts";
import { EN as en } from "./words-en.ts";
import { ZH as zh } from "./words-zh.ts";
import { DISTRICT_NAMES } from "../district-names.ts";
import type { Language } from "./load-text.ts";

export type Words = Shape<typeof EN>;
export type Shape<T> = T extends string
  ? string
  : T extends (...values: infer V) => string
    ? (...values: V) => string
    : { readonly [K in keyof T]: Shape<T[K]> };

const WORDS: Readonly<Record<Language, Words>> = { en, zh };

export function wordsOf(lang: Language): Words {
  return WORDS[lang];
}

/** A group as readers call it; a name of which nobody knows a reading stays as it is. */
export function nameOf(words: Words, by: string, key: string | null): string {
  if (key === null) return words.unknown;
  if (by === "district" && words.lang === "en") return DISTRICT_NAMES.get(key) ?? key;
  if (by === "kind") return words.kinds[key as keyof Words["kinds"]];
  if (by === "ageBand") return words.years(key);
  return key;
}
