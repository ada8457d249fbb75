/** The reader's language and theme: the browser's until they choose, then theirs on this machine. */
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import { keep, read } from "./kept.ts";
import { en } from "./messages/en.ts";
import { zh } from "./messages/zh.ts";
import { type Language, languageOf, type Messages, type Table } from "./messages/messages.ts";

export const THEMES = ["auto", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const LANGUAGE_KEY = "hoistway.language";
const THEME_KEY = "hoistway.theme";

export const language = signal<Language>(readLanguage());
export const theme = signal<Theme>(readTheme());
export const messages = computed<Messages>(() => (language.value === "zh" ? zh : en));

/** The messages of one view, which come with its chunk: `inLanguage(en, zh)`, where `zh` has the shape of `en`. */
export function inLanguage<T>(english: T, chinese: Table<T>): ReadonlySignal<Table<T>> {
  return computed(() => (language.value === "zh" ? chinese : (english as Table<T>)));
}

/** Keeps the document's language and theme in step with the choice. */
export function applyPreferences(): void {
  effect(() => {
    document.documentElement.lang = messages.value.tag;
  });
  effect(() => {
    document.documentElement.dataset["theme"] = theme.value;
  });
}

export function toggleLanguage(): void {
  language.value = language.value === "zh" ? "en" : "zh";
  keep(LANGUAGE_KEY, language.value);
}

export function nextTheme(): void {
  theme.value = THEMES[(THEMES.indexOf(theme.value) + 1) % THEMES.length] ?? "auto";
  keep(THEME_KEY, theme.value);
}

function readLanguage(): Language {
  const kept = read(LANGUAGE_KEY);
  return kept === "en" || kept === "zh" ? kept : languageOf(navigator.languages);
}

function readTheme(): Theme {
  const kept = read(THEME_KEY);
  return THEMES.find((theme) => theme === kept) ?? "auto";
}
