/** The lines of truth and alerts files (contract §§3 to 5), checked one by one. Pure. */
import { z } from "zod";
import { CHANGE_KINDS, HAZARDS, type Hazard } from "../core/effects.ts";
import { LIFT_ID } from "../core/lift.ts";
import type { ScoredAlert, TruthEvent } from "./matching.ts";
import type { Said } from "./unjudged.ts";

const liftId = z.string().regex(LIFT_ID, "expected a lift's id of 1 to 64 letters, digits, - and _");
const hazard = z.enum(HAZARDS, "expected the slug of a hazard, such as overspeed");
const at = z.int("expected an integer, ms since the epoch").min(0);

const truthSchema = z
  .object({ liftId: liftId.optional(), liftIds: z.array(liftId).min(1).optional(), hazard, from: at, to: at })
  .refine((event) => event.to >= event.from, { path: ["to"], message: "expected a time not before `from`" })
  .refine((event) => event.liftId !== undefined || event.liftIds !== undefined, {
    path: ["liftId"],
    message: "expected a lift's id, or `liftIds` of a mass event",
  });

/** Of a line of `replay --judging`. */
const saidSchema = z.object({ at, liftId, cannotJudge: z.array(z.object({ hazard }), "expected a list of hazards") });

/** Of a change frame, what scoring needs; the rest may be there. */
const changeSchema = z.object({
  type: z.literal("change", 'expected "change"'),
  change: z.enum(CHANGE_KINDS, "expected the name of a change, such as raised"),
  at: at.optional(),
  alert: z.object({
    id: z.string("expected text").min(1),
    liftId: z.string("expected text"),
    hazard,
    evidence: z.enum(["suspected", "confirmed"], "expected suspected or confirmed"),
    suppressedBy: z.string().nullable(),
    raisedAt: at,
    detectedAt: at,
    clearedAt: at.nullable(),
    groupId: z.string().nullable(),
    details: z.object({ liftIds: z.array(z.string()).optional() }).optional(),
  }),
});
/** Other frames of a feed (contract §5), which a recorded feed has between its changes. */
const OTHER_FRAMES: ReadonlySet<unknown> = new Set(["hello", "snapshot", "resync", "heartbeat"]);

/** What is wrong with a line: field, what was expected, and what was found. */
export interface LineProblem {
  readonly problem: string;
}

export function truthOf(line: string): TruthEvent | LineProblem {
  const value = json(line);
  if (isProblem(value)) return value;
  const parsed = truthSchema.safeParse(value.json);
  if (!parsed.success) return { problem: describe(parsed.error, value.json) };
  const { liftId: own, liftIds = [], ...event } = parsed.data;
  return { ...event, liftIds: [...new Set(own === undefined ? liftIds : [own, ...liftIds])].sort() };
}

export function saidOf(line: string): Said | LineProblem {
  const value = json(line);
  if (isProblem(value)) return value;
  const parsed = saidSchema.safeParse(value.json);
  if (!parsed.success) return { problem: describe(parsed.error, value.json) };
  const { cannotJudge, ...said } = parsed.data;
  return { ...said, hazards: cannotJudge.map((each) => each.hazard) };
}

export function isProblem(value: object): value is LineProblem {
  return "problem" in value;
}

interface Folded {
  readonly liftId: string;
  readonly hazard: Hazard;
  raisedAt: number;
  detectedAt: number;
  raisedPageAt: number | null;
  /** Seen without suppression, though the line that raised it is not in the file. */
  unsuppressed: boolean;
  confirmed: boolean;
  clearedAt: number | null;
  groupId: string | null;
  members: ReadonlySet<string>;
}

/** Alerts out of their changes. The order in which the lines are given does not matter. */
export class AlertFold {
  readonly #alerts = new Map<string, Folded>();
  /** Lines that are frames of a feed but no changes. */
  otherFrames = 0;
  changes = 0;
  /** Monitor's time of the first detection and of the last change; Infinity and -Infinity of none. */
  firstAt = Number.POSITIVE_INFINITY;
  lastAt = Number.NEGATIVE_INFINITY;

  get size(): number {
    return this.#alerts.size;
  }

  /** Takes a line in; the problem where it is none of an alerts file. */
  add(line: string): LineProblem | null {
    const value = json(line);
    if (isProblem(value)) return value;
    if (typeof value.json === "object" && value.json !== null && "type" in value.json && OTHER_FRAMES.has(value.json.type)) {
      this.otherFrames += 1;
      return null;
    }
    const parsed = changeSchema.safeParse(value.json);
    if (!parsed.success) return { problem: describe(parsed.error, value.json) };
    const { alert, change, at: toldAt = alert.detectedAt } = parsed.data;
    const known = this.#alerts.get(alert.id);
    if (known !== undefined && (known.liftId !== alert.liftId || known.hazard !== alert.hazard)) {
      const found = `${alert.hazard} of ${alert.liftId}`;
      return { problem: `alert.id: found ${alert.id} for ${found}; expected ${known.hazard} of ${known.liftId}, as in another line` };
    }
    this.changes += 1;
    this.firstAt = Math.min(this.firstAt, alert.detectedAt);
    this.lastAt = Math.max(this.lastAt, toldAt);
    const folded: Folded = known ?? {
      liftId: alert.liftId,
      hazard: alert.hazard,
      raisedAt: alert.raisedAt,
      detectedAt: alert.detectedAt,
      raisedPageAt: null,
      unsuppressed: false,
      confirmed: false,
      clearedAt: null,
      groupId: null,
      members: new Set<string>(),
    };
    if (known === undefined) this.#alerts.set(alert.id, folded);
    folded.raisedAt = Math.min(folded.raisedAt, alert.raisedAt);
    folded.detectedAt = Math.min(folded.detectedAt, alert.detectedAt);
    if (alert.suppressedBy === null) {
      folded.unsuppressed = true;
      if (change === "raised") folded.raisedPageAt = Math.min(folded.raisedPageAt ?? toldAt, toldAt);
    }
    folded.confirmed ||= alert.evidence === "confirmed";
    if (alert.clearedAt !== null) folded.clearedAt = Math.max(folded.clearedAt ?? 0, alert.clearedAt);
    folded.groupId ??= alert.groupId;
    const members = alert.details?.liftIds;
    if (members !== undefined) folded.members = new Set([...folded.members, ...members]);
    return null;
  }

  /** All alerts so far, in no particular order. */
  alerts(): ScoredAlert[] {
    const owned = new Map<string, string[]>();
    for (const { groupId, liftId: member } of this.#alerts.values()) {
      if (groupId === null) continue;
      const members = owned.get(groupId);
      if (members === undefined) owned.set(groupId, [member]);
      else members.push(member);
    }
    return Array.from(this.#alerts, ([id, { liftId: own, members, groupId, unsuppressed, raisedPageAt, ...alert }]) => ({
      ...alert,
      id,
      liftIds: [...new Set([own, ...members, ...(owned.get(id) ?? [])])].sort(),
      // What a mass event owns is suppressed because the mass event tells of it: that page is its page too.
      pagedAt: raisedPageAt ?? (unsuppressed || this.#paged(groupId) ? alert.detectedAt : null),
      owned: groupId !== null && groupId !== id,
    }));
  }

  #paged(groupId: string | null): boolean {
    return groupId !== null && this.#alerts.get(groupId)?.unsuppressed === true;
  }
}

function json(line: string): { readonly json: unknown } | LineProblem {
  try {
    return { json: JSON.parse(line) as unknown };
  } catch (error) {
    return { problem: `found ${excerpt(line)}; expected JSON (${(error as Error).message})` };
  }
}

/** The first mistake of a line; where one field is wrong, the others are often wrong for the same reason. */
function describe(error: z.ZodError, value: unknown): string {
  const [issue] = error.issues;
  if (issue === undefined) return error.message;
  const found = issue.path.reduce<unknown>((inside, key) => (inside as Record<PropertyKey, unknown> | null | undefined)?.[key], value);
  const where = issue.path.length === 0 ? "" : `${issue.path.join(".")}: `;
  return `${where}${issue.message}; found ${found === undefined ? "nothing" : excerpt(JSON.stringify(found))}`;
}

function excerpt(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
