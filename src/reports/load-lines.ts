/** Lines of an alerts file (contract §3) as the operator load takes them, checked one by one. */
import { z } from "zod";
import { CHANGE_KINDS, HAZARDS, PRIORITIES } from "../core/effects.ts";
import type { LoadChange } from "./load-figures.ts";

const time = z.int().min(0);
const changeSchema = z.object({
  type: z.literal("change"),
  change: z.enum(CHANGE_KINDS),
  at: time.optional(),
  alert: z.object({
    id: z.string().min(1),
    liftId: z.string(),
    hazard: z.enum(HAZARDS),
    priority: z.enum(PRIORITIES),
    state: z.enum(["active", "cleared"]),
    suppressedBy: z.string().nullable(),
    shelvedUntil: time.nullable().default(null),
    detectedAt: time,
    clearedAt: time.nullable(),
    occurrences: z.int().min(1).default(1),
    groupId: z.string().nullable().default(null),
    chattering: z.boolean().optional(),
  }),
});
const frameSchema = z.object({ type: z.enum(["hello", "snapshot", "resync", "heartbeat"]) });

/** A change; null for another frame of a feed; or what is wrong with the line. Without `at` it happened when the alert was detected or cleared. */
export function changeOf(text: string): LoadChange | null | { readonly problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { problem: `expected JSON (${(error as Error).message})` };
  }
  if (frameSchema.safeParse(value).success) return null;
  const parsed = changeSchema.safeParse(value);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return { problem: `${issue?.path.join(".") ?? ""}: ${issue?.message ?? "expected a change of an alert"}` };
  }
  const { change, alert, at } = parsed.data;
  return { change, alert, at: at ?? (alert.state === "cleared" ? (alert.clearedAt ?? alert.detectedAt) : alert.detectedAt) };
}
