/** Rationalisation records by hazard: a hazard without one does not compile. */
import type { z } from "zod";
import type { Hazard } from "../effects.ts";
import { rulesSchema } from "../rules.ts";
import { DANGER } from "./danger.ts";
import { OWNERS, type RationaleRecord, type Words } from "./record.ts";
import { WEAR } from "./wear.ts";

const RECORDS: Readonly<Record<Hazard, RationaleRecord>> = { ...DANGER, ...WEAR };

/** A limit of a hazard's rule: its name, the built-in value, and where that comes from (marks as in rules.ts). */
export interface LimitSource {
  readonly name: string;
  readonly default: unknown;
  readonly source: string;
}

export interface Rationale extends Omit<RationaleRecord, "owner"> {
  readonly hazard: Hazard;
  readonly owner: Words;
  readonly limits: readonly LimitSource[];
}

/** Why this hazard is an alarm, what to do about it, within what time, by whom; and the source of each of its limits. Pure. */
export function rationaleOf(hazard: Hazard): Rationale {
  const record = RECORDS[hazard];
  return { hazard, ...record, owner: OWNERS[record.owner], limits: limitsOf(hazard) };
}

function limitsOf(hazard: Hazard): LimitSource[] {
  const rules: Readonly<Record<string, z.core.$ZodType>> = rulesSchema.shape;
  const rule = rules[hazard] as z.ZodPrefault<z.ZodObject> | undefined;
  if (rule === undefined) return [];
  const defaults = rule.parse(undefined) as Readonly<Record<string, unknown>>;
  return Object.entries(rule.unwrap().shape).map(([name, limit]) => ({
    name,
    default: defaults[name],
    source: (limit as z.ZodType).description ?? "",
  }));
}
