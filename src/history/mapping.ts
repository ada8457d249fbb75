/** How the columns of another's records are read as ours: a YAML file for `import-events --map` (docs/trends.md). */
import { z } from "zod";
import { isTimeZone } from "../core/rules.ts";
import { UsageError } from "../errors.ts";
import { describeIssue, describeMistake, valueAt } from "../files/mistakes.ts";
import { readYaml } from "../files/yaml-file.ts";
import { FLEET_COLUMNS, type FleetColumn } from "../register/fields.ts";
import { HISTORY_COLUMNS, HISTORY_EVENTS } from "./event.ts";
import { isTimeFormat } from "./times.ts";

const words = z.union([z.string(), z.number(), z.boolean()]).transform(String);
const oneOrMore = z.union([words.transform((word) => [word]), z.array(words).min(1)]);
const outcome = z.enum([...HISTORY_EVENTS, "skip"]);

/** What the rows say of the lift itself: a column, and where its words are not ours, what each of them means. */
const liftField = z.union([
  z.string().transform((column) => ({ column, values: null })),
  z.strictObject({ column: z.string(), values: z.record(z.string(), words).nullable().default(null) }),
]);
export const LIFT_COLUMNS = FLEET_COLUMNS.filter((column) => column !== "liftId") as readonly Exclude<FleetColumn, "liftId">[];

export const mappingSchema = z.strictObject({
  columns: z
    .partialRecord(z.enum(HISTORY_COLUMNS), oneOrMore)
    .default({})
    .describe("column of ours: theirs, or several that are read as one, with a space between"),
  events: z
    .array(z.strictObject({ when: z.record(z.string(), oneOrMore).default({}), event: outcome }))
    .default([])
    .describe("what a row tells of: the first whose columns all have one of the values; without any, the column `event`"),
  lifts: z
    .partialRecord(z.enum(LIFT_COLUMNS), liftField)
    .default({})
    .describe("columns of the register by theirs, for lifts that the register lacks (--add-lifts)"),
  timezone: z.string().refine(isTimeZone, "expected an IANA time zone such as America/New_York").optional(),
  timeFormat: z
    .string()
    .refine(isTimeFormat, "expected iso, excel, epoch-s, epoch-ms or a pattern such as MM/dd/yyyy hh:mm:ss a")
    .default("iso"),
  /** The column read as `until` says how long it lasted, in this unit, not when it ended. */
  untilAfter: z.enum(["s", "min", "h", "d", "h:mm"]).optional(),
  /** Words for nothing, such as NULL or N/A. */
  empty: z.array(words).default([]),
  delimiter: z.string().length(1).default(","),
  encoding: z.string().refine(isEncoding, "expected an encoding such as utf-8, gb18030, utf-16le or windows-1252").default("utf-8"),
  /** Records of states as they change: a row lasts until the lift's next one. */
  untilNext: z.boolean().default(false),
  /** What stands between the ids of several lifts that one row tells of. */
  liftIdSeparator: z.string().min(1).max(8).optional(),
  /** Ids may have any character: what ours cannot have becomes `_`. */
  replaceInIds: z.boolean().default(false),
});
export type Mapping = z.infer<typeof mappingSchema>;

export const OUR_COLUMNS: Mapping = mappingSchema.parse({});

/** What `hoistway simulate history` writes: who is told of a lift that stops for what is not its own fault counts none. */
export const SIMULATED: Mapping = mappingSchema.parse({
  columns: { until: "repairedAt" },
  events: [
    { when: { kind: "entrapment" }, event: "entrapment" },
    { when: { kind: ["stopping-fault", "repeat"] }, event: "fault" },
    { when: { kind: ["dangerous", "mains-failure", "network-outage", "silence", "nuisance", "near-miss"] }, event: "skip" },
  ],
});

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label).encoding !== "";
  } catch {
    return false;
  }
}

/** @throws UsageError with a line for every mistake. */
export function readMapping(file: string): Mapping {
  const { value, lineOf, mistakes } = readYaml("--map", file);
  if (mistakes.length > 0) throw new UsageError(mistakes.map(describeMistake));
  const parsed = mappingSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new UsageError(
    parsed.error.issues.map((issue) =>
      describeMistake({
        file,
        line: lineOf(issue.path),
        path: issue.path.join("."),
        message: describeIssue(issue, valueAt(value, issue.path)),
      }),
    ),
  );
}
