/** The limits that the engineer edits: what is in force, what differs, and what the program's own check says of it. */
import { computed, signal } from "@preact/signals";
import type { Comparison } from "../../../../src/backtest/compare.ts";
import type { Rules } from "../../../../src/core/rules.ts";
import { Refused } from "../rest.ts";
import { BOUNDS } from "./replay/bounds.ts";
import { troubleOf, worker, type Trouble } from "./replay-state.ts";
import { checkRules, getRules, type CheckedRules, type LimitSchema, type RulesAnswer } from "./rest.ts";

/** A keystroke is waited for so long before the program is asked. */
const SETTLE_MS = 300;

export type LimitValue = number | boolean | string;
type Sections = Readonly<Record<string, Readonly<Record<string, LimitValue>>>>;

export const known = signal<RulesAnswer | null>(null);
/** What was typed, by section and name, where it differs from what is in force; numbers that are none as they were typed. */
export const edited = signal<Readonly<Record<string, LimitValue>>>({});
export const checked = signal<CheckedRules | null>(null);
export const failure = signal<Trouble | null>(null);
export const against = signal<"own" | "default">("own");
export const comparing = signal<number | null>(null);
export const result = signal<{ readonly comparison: Comparison; readonly version: string; readonly against: "own" | "default" } | null>(
  null,
);
/** What one reads in a list is bounded; the counts are not. */
export const SHOWN = BOUNDS.shown;

/** Sections that are limits, in the order of the file; the version and the site's zone are not the form's. */
export const sections = computed(() =>
  Object.keys(known.value?.schema.properties ?? {}).filter((name) => name !== "version" && name !== "site"),
);
export const changedCount = computed(() => Object.keys(edited.value).length);

let timer: ReturnType<typeof setTimeout> | undefined;
let asking = 0;

export function limitsOf(section: string): readonly { readonly name: string; readonly schema: LimitSchema }[] {
  const properties = known.value?.schema.properties?.[section]?.properties ?? {};
  return Object.entries(properties).map(([name, schema]) => ({ name, schema }));
}

export function inForce(section: string, name: string): LimitValue | undefined {
  return (known.value?.inForce as unknown as Sections | undefined)?.[section]?.[name];
}

export function valueOf(section: string, name: string): LimitValue | undefined {
  return edited.value[`${section}.${name}`] ?? inForce(section, name);
}

export function mistakeOf(section: string, name: string): string | null {
  return checked.value?.mistakes.find(({ path }) => path === `${section}.${name}`)?.message ?? null;
}

/** Fetches the limits once. */
export async function loadLimits(): Promise<void> {
  if (known.peek() !== null) return;
  try {
    known.value = await getRules();
    failure.value = null;
    check(0);
  } catch (error) {
    failure.value = failed(error);
  }
}

export function setLimit(section: string, name: string, value: LimitValue): void {
  const key = `${section}.${name}`;
  const { [key]: _before, ...others } = edited.value;
  edited.value = value === inForce(section, name) ? others : { ...others, [key]: value };
  check(SETTLE_MS);
}

export function resetLimits(to: "in-force" | "built-in"): void {
  edited.value = to === "in-force" ? {} : differences(known.value?.builtIn);
  check(0);
}

/** Takes a rules file in: what it says becomes the form, if it has no mistakes; else they are told. */
export async function takeYaml(text: string): Promise<void> {
  clearTimeout(timer);
  asking += 1;
  const answer = await ask(text, asking);
  if (answer !== null && answer.rules !== null) edited.value = differences(answer.rules);
}

/** Runs the backtest over the recording that is open. */
export async function runBacktest(): Promise<void> {
  const [rules, mine] = [checked.value?.rules ?? null, worker()];
  if (rules === null || mine === null) return;
  const other = against.value;
  comparing.value = 0;
  result.value = null;
  try {
    const sides = { rules, against: other === "own" ? null : (known.value?.builtIn ?? null) };
    const comparison = await mine.call("backtest", sides, ({ done }) => (comparing.value = done));
    result.value = { comparison, version: rules.version, against: other };
    failure.value = null;
  } catch (error) {
    failure.value = troubleOf(error);
  } finally {
    comparing.value = null;
  }
}

function check(afterMs: number): void {
  clearTimeout(timer);
  asking += 1;
  const mine = asking;
  checked.value = null;
  timer = setTimeout(() => void ask(JSON.stringify(asFile()), mine), afterMs);
}

/** What comes after a newer question is of no use any more. */
async function ask(text: string, mine: number): Promise<CheckedRules | null> {
  try {
    const answer = await checkRules(text);
    if (mine !== asking) return null;
    checked.value = answer;
    failure.value = null;
    return answer;
  } catch (error) {
    if (mine === asking) failure.value = failed(error);
    return null;
  }
}

/** All limits as the form has them; the version follows from them. */
function asFile(): Record<string, unknown> {
  const file: Record<string, Record<string, LimitValue>> = {};
  for (const section of sections.value)
    for (const { name } of limitsOf(section)) {
      const value = valueOf(section, name);
      if (value !== undefined) (file[section] ??= {})[name] = value;
    }
  return file;
}

/** Where a set departs from the limits in force. */
function differences(rules: Rules | undefined): Record<string, LimitValue> {
  const found: Record<string, LimitValue> = {};
  if (rules === undefined) return found;
  for (const section of sections.value)
    for (const { name } of limitsOf(section)) {
      const value = (rules as unknown as Sections)[section]?.[name];
      if (value !== undefined && value !== inForce(section, name)) found[`${section}.${name}`] = value;
    }
  return found;
}

function failed(error: unknown): Trouble {
  return error instanceof Refused ? { code: error.code, message: error.message } : { code: "network", message: String(error) };
}
