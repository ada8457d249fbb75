/** What REST takes and gives (contract §6). OpenAPI is generated from these, and the tests hold the answers against them. */
import { z } from "zod";
import { ROLES } from "../access/access.ts";
import { LIMITS } from "../config.ts";
import { CHANGE_KINDS, HAZARDS, PRIORITIES, alertSchema } from "../core/effects.ts";
import { WORKS, type ActName } from "../core/entry.ts";
import { fleetCountsSchema } from "../core/fleet.ts";
import { judgementSchema } from "../core/judged.ts";
import { liftLearningSchema, unusualLiftSchema } from "../core/learning/learnt-view.ts";
import { CHANNELS } from "../core/reading.ts";
import { LIFT_CONDITIONS, liftViewSchema } from "../core/view.ts";
import { REPORT_KINDS, reportSchema } from "../reports/document.ts";
import { RENDERED } from "../reports/render.ts";
import { operatorLoadSchema } from "../reports/load-schema.ts";

const timeMs = z.coerce.number().int().describe("ms since the epoch, UTC");
const limit = (most: number, fallback: number) => z.coerce.number().int().min(1).max(most).default(fallback);
const after = z.string().max(200).optional().describe("`next` of the page before");
const text = z.string().min(1).max(200);
const next = z.string().nullable().describe("cursor of the next page, or null at the end");
const count = z.int().min(0);

export const idParams = z.object({ id: z.string().max(200) });
export const noQuery = z.strictObject({});

export const alertsQuery = z.strictObject({
  state: z.enum(["active", "cleared"]).optional(),
  hazard: z.enum(HAZARDS).optional(),
  liftId: text.optional(),
  stale: z.stringbool().optional().describe("only those that have been active for longer than the rules allow, or only the others"),
  from: timeMs.optional().describe("raisedAt at or after, ms since the epoch, UTC"),
  to: timeMs.optional().describe("raisedAt before, ms since the epoch, UTC"),
  limit: limit(LIMITS.store.alertsPage, 1_000),
  after,
});

export const liftsQuery = z.strictObject({
  district: text.optional(),
  firm: text.optional(),
  building: text.optional(),
  state: z.enum(LIFT_CONDITIONS).optional(),
  limit: limit(LIMITS.http.liftsPage, 1_000),
  after,
});

export const readingsQuery = z.strictObject({
  channel: z.enum(CHANNELS).optional(),
  from: timeMs.optional().describe("at or after, device time, ms since the epoch, UTC"),
  to: timeMs.optional().describe("before, device time, ms since the epoch, UTC"),
  limit: limit(LIMITS.store.readingsPage, 1_000),
  after,
});

const day = z.iso.date().describe("YYYY-MM-DD of the site's zone");

export const minutesQuery = z.strictObject({
  from: timeMs.optional().describe("minutes that begin at or after, device time, ms since the epoch, UTC"),
  to: timeMs.optional().describe("and before"),
  limit: limit(LIMITS.store.minutesPage, 1_440),
  after,
});
export const daysQuery = z.strictObject({ from: day.optional(), to: day.optional().describe("inclusive") });
export const searchQuery = z.strictObject({ q: text, limit: limit(LIMITS.http.searchPage, 12) });
export const buildingsQuery = z.strictObject({ district: z.string().max(200).describe("as in the register; empty: lifts without one") });

export const operatorLoadQuery = z.strictObject({
  from: timeMs.optional().describe("the monitor's time, ms since the epoch, UTC; default a week before `to`"),
  to: timeMs.optional().describe("before this time; default now"),
  positions: z.coerce.number().int().min(1).max(LIMITS.report.positions).optional().describe("operator positions; default the setting"),
});
export const operatorLoadAnswer = operatorLoadSchema;

export const reportParams = z.strictObject({ kind: z.enum(REPORT_KINDS) });
export const reportQuery = z.strictObject({
  date: z.string().max(10).optional().describe("a day YYYY-MM-DD, a week 2026-W44, a month 2026-10; default the last that is over"),
  district: text.optional(),
  firm: text.optional(),
  userUnit: text.optional(),
  format: z.enum(RENDERED).default("json"),
  lang: z.enum(["en", "zh"]).default("zh").describe("of names and texts; json has none"),
});
export const reportAnswer = reportSchema;

export const notificationsQuery = z.strictObject({ alertId: text.optional(), limit: limit(LIMITS.notify.page, 100) });

export const quarantineQuery = z.strictObject({ limit: limit(LIMITS.store.quarantinePage, 100) });

/** Words with an operator's act, shown in the alert's history: any text that every store and file gives back as it was. */
const words = z
  .string()
  .max(2_000)
  .regex(/^(?!\uFEFF)\P{Cs}*$/u, "expected well-formed Unicode that does not begin with a byte order mark");
const note = words.nullish();
const reason = words.regex(/\S/, "expected a reason");
const noteBody = z.strictObject({ note }).nullish();

/** What each act takes. */
export const actBodies = {
  acknowledge: noteBody,
  shelve: z
    .strictObject({
      reason,
      until: z.int().min(0).nullish().describe("end of the shelving, ms since the epoch, UTC"),
      minutes: z.int().min(1).max(1_440).nullish().describe("or its length from now; 60 where neither is given"),
      note,
    })
    .refine(({ until, minutes }) => until == null || minutes == null, {
      path: ["minutes"],
      message: "expected `until` or `minutes`, not both",
    }),
  unshelve: noteBody,
  dispatch: noteBody,
  arrive: noteBody,
  rescue: noteBody,
  close: z.strictObject({ reason: reason.nullish().describe("needed while the alert is not over"), note }).nullish(),
} satisfies Record<ActName, z.ZodType>;
/** What was done on a lift: `modernisation` makes a new machine of it, the others mend the one there is. */
export const workOrderBody = z.strictObject({ kind: z.enum(WORKS), note: note.nullish() });
export const unusualQuery = z.strictObject({ limit: limit(LIMITS.http.unusualPage, 20) });
export const signInBody = z.strictObject({ token: z.string().max(200).optional() }).nullish();

export const errorAnswer = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    path: z.string().describe("JSON path or parameter that it is about; empty for the whole request"),
  }),
});

export const alertAnswer = alertSchema;
export const alertsAnswer = z.object({ alerts: z.array(alertSchema), next });

const reading = z.looseObject({
  channel: z.enum(CHANNELS),
  receivedAt: z.int().describe("the monitor's time, ms since the epoch"),
  late: z.boolean().describe("it came after its lift had been judged past it"),
  at: z.int().describe("device time, ms since the epoch"),
  seq: z.int(),
});

const bothLanguages = z.object({ en: z.string(), zh: z.string() });
const rationale = z.object({
  hazard: z.enum(HAZARDS),
  cause: bothLanguages,
  consequence: bothLanguages,
  action: bothLanguages,
  owner: bothLanguages.describe("who is to act"),
  respondWithinMs: z.int().describe("from the alert until acting no longer helps as it should"),
  respondSource: z.string(),
  revision: z.int(),
  limits: z.array(
    z.object({ name: z.string(), default: z.unknown().describe("the built-in value; the alert's own is in `rule`"), source: z.string() }),
  ),
});

export const alertWithHistoryAnswer = alertSchema.extend({
  history: z
    .array(
      z.object({
        cursor: z.string(),
        change: z.enum(CHANGE_KINDS),
        by: z.string().nullable().describe("who did it, for an operator's act"),
        note: z.string().nullable(),
        at: z.int().describe("the monitor's time"),
        alert: alertSchema,
      }),
    )
    .describe("all changes, oldest first; the same objects as the feed's"),
  readings: z.array(reading).describe("what the lift said from two minutes before the evidence to one minute after the raise, by `at`"),
  around: z
    .object({
      from: z.int().describe("device time, ms since the epoch"),
      to: z.int().describe("exclusive"),
      truncated: z.boolean().describe(`there are more than ${LIMITS.http.aroundReadings}; ask for the rest with the lift's readings`),
    })
    .describe("the stretch that `readings` is of"),
  judged: z.array(judgementSchema).describe("the values against the limits"),
  rationale: rationale.describe("why this hazard is an alarm, and what somebody is to do about it, in both languages"),
  journal: z
    .object({
      first: z.int(),
      last: z.int(),
      recording: z.string().describe("where the lift's part of these entries can be had as a recording, to replay it (role engineer)"),
    })
    .describe("journal entries of the alert and of its readings"),
});

export const liftAnswer = liftViewSchema;
export const liftsAnswer = z.object({ lifts: z.array(liftViewSchema), next });

export const learningAnswer = liftLearningSchema;
export const unusualAnswer = z.object({ lifts: z.array(unusualLiftSchema).describe("most unusual first") });

export const readingsAnswer = z.object({
  readings: z.array(reading),
  next,
});

const amount = z.number().nullable();
export const minutesAnswer = z.object({
  minutes: z.array(
    z.object({
      liftId: z.string(),
      at: z.int().describe("the minute's beginning, device time, ms since the epoch"),
      readings: count,
      faults: count.describe("readings of the fault channel"),
      speedMinMps: amount,
      speedMaxMps: amount,
      personsMax: amount,
      loadMaxKg: amount,
      motorTemperatureMaxC: amount,
    }),
  ),
  next,
});
export const daysAnswer = z.object({
  days: z.array(
    z.object({
      day: z.string().describe("YYYY-MM-DD of the site's zone"),
      liftId: z.string(),
      inServiceMs: count.describe("exposure: listened to, in service, not silent"),
      readings: count,
      faults: count,
      stoppingFaults: count,
      entrapments: count,
      trips: count,
    }),
  ),
});

export const searchAnswer = z.object({
  lifts: z.array(
    z.object({ liftId: z.string(), district: z.string().nullable(), building: z.string().nullable(), address: z.string().nullable() }),
  ),
});
export const buildingsAnswer = z.object({
  buildings: z.array(z.object({ building: z.string().nullable(), counts: fleetCountsSchema })),
  more: count.describe("buildings that are not in the answer"),
});

export const notificationsAnswer = z.object({
  notifications: z.array(
    z.object({
      id: z.string(),
      key: z.string().describe("deduplication key: a repeated attempt has the same one"),
      target: z.string(),
      route: z.string(),
      kind: z.enum(["change", "escalation", "summary"]),
      change: z.enum(CHANGE_KINDS).nullable(),
      alertId: z.string().nullable(),
      priority: z.enum(PRIORITIES),
      at: z.int().describe("the monitor's time at which it became due, ms since the epoch"),
      outcome: z.enum(["pending", "sent", "failed", "expired", "dropped"]),
      finishedAt: z.int().nullable(),
      attempts: z.int(),
      lastError: z.string().nullable(),
    }),
  ),
});

export const quarantineAnswer = z.object({
  quarantine: z.array(
    z.object({
      entry: z.int().describe("journal entry, which keeps all of the payload"),
      index: z.int().describe("place in the payload's array"),
      receivedAt: z.int(),
      topic: z.string(),
      source: z.string(),
      reason: z.string(),
      path: z.string(),
      message: z.string(),
      excerpt: z.string(),
    }),
  ),
});

export const ledgerAnswer = z.object({
  received: count,
  accepted: count,
  duplicate: count,
  late: count.describe("within accepted"),
  quarantined: count,
  stored: count,
  pending: count.describe("accepted and not yet stored"),
});

export const healthAnswer = z.object({
  status: z.enum(["ok", "down"]),
  version: z.string().optional().describe("for those signed in"),
  down: z.array(z.string()).describe("parts that are down"),
  parts: z.array(
    z.object({ part: z.string(), ok: z.boolean(), message: z.string().nullish().describe("what is wrong, for those signed in") }),
  ),
});
export const unhealthyAnswer = healthAnswer.extend(errorAnswer.shape);

export const sessionAnswer = z.object({
  name: z.string(),
  role: z.enum(ROLES),
  auth: z.enum(["bearer", "cookie", "off", "local"]),
  expiresAt: z.int().nullable().describe("end of the session, ms since the epoch"),
});
