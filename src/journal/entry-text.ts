/** What is no message, as text in the journal and in recordings: acts, the register, limits. Pure, so that a browser reads it, too. */
import { z } from "zod";
import { ACTS, WORKS, type Entry, type EntryKind } from "../core/entry.ts";
import { liftRecordSchema } from "../core/lift.ts";
import { rulesSchema } from "../core/rules.ts";

/** A record that is whole on the disk and yet no entry: another program wrote it, or a broken one. It is to be reported. */
export interface CorruptEntry {
  readonly kind: "corrupt";
  readonly seq: number;
  readonly receivedAt: number;
  readonly reason: string;
}

/** Acts of journals before 0.2 had neither reason nor time. */
const actSchema = z.object({
  act: z.enum(ACTS),
  alertId: z.string(),
  by: z.string(),
  note: z.string().nullable(),
  reason: z.string().nullable().default(null),
  until: z.int().nullable().default(null),
  minutes: z.int().nullable().default(null),
});
const registerSchema = z
  .object({ part: z.int().min(0), parts: z.int().min(1), lifts: z.array(liftRecordSchema) })
  .refine((value) => value.part < value.parts, "expected part < parts");

const workSchema = z.object({ liftId: z.string(), work: z.enum(WORKS), by: z.string(), note: z.string().nullable() });

/** Entries that carry JSON. */
export type CarriedKind = Exclude<EntryKind, "message" | "tick">;
type Reader = (text: string, seq: number, receivedAt: number) => Entry | CorruptEntry;

const READERS: Readonly<Record<CarriedKind, Reader>> = {
  act: reader("act", actSchema, (act, seq, receivedAt) => ({ kind: "act", seq, receivedAt, ...act })),
  register: reader("register", registerSchema, (part, seq, receivedAt) => ({ kind: "register", seq, receivedAt, ...part })),
  rules: reader("rules", rulesSchema, (rules, seq, receivedAt) => ({ kind: "rules", seq, receivedAt, rules })),
  "work-order": reader("work-order", workSchema, (order, seq, receivedAt) => ({ kind: "work-order", seq, receivedAt, ...order })),
};
export const CARRIED_KINDS = Object.keys(READERS) as readonly CarriedKind[];

/** The entry that a text is. Never throws: what is no entry is answered as `corrupt`. */
export function carriedEntry(kind: CarriedKind, text: string, seq: number, receivedAt: number): Entry | CorruptEntry {
  return READERS[kind](text, seq, receivedAt);
}

function reader<T>(kind: CarriedKind, schema: z.ZodType<T>, entry: (value: T, seq: number, receivedAt: number) => Entry): Reader {
  return (text, seq, receivedAt) => {
    const corrupt = (reason: string): CorruptEntry => ({ kind: "corrupt", seq, receivedAt, reason: `${kind} ${seq}: ${reason}` });
    let json: unknown;
    try {
      json = JSON.parse(text);
    } catch (error) {
      return corrupt(`${(error as Error).message}; expected JSON`);
    }
    const parsed = schema.safeParse(json);
    if (parsed.success) return entry(parsed.data, seq, receivedAt);
    const issue = parsed.error.issues[0];
    return corrupt(`${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}`);
  };
}
