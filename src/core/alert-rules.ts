/** Limits of the life of alerts and of mass events, as part of the rules (rules.ts). Marks of sources as there. */
import { z } from "zod";

const ms = (fallback: number, min: number, max: number) => z.int().min(min).max(max).default(fallback);
const lifts = (fallback: number) => z.int().min(2).max(10_000).default(fallback);

export const alertRules = z
  .strictObject({
    chatterTimes: z.int().min(2).max(100).default(3).describe("domain.md §4: chattering at 3 raise and clear in a minute"),
    chatterWithinMs: ms(60_000, 1_000, 3_600_000).describe("domain.md §4"),
    quietMs: ms(60_000, 0, 3_600_000).describe("A: a chattering alert ends when its condition has been away for so long"),
    staleAfterMs: ms(86_400_000, 60_000, 604_800_000).describe("domain.md §4: stale after 24 h active"),
    shelveMostMs: ms(28_800_000, 60_000, 86_400_000).describe("A: a shift; nobody shelves for the one who comes after"),
    dispatchWithinMs: ms(180_000, 1_000, 3_600_000).describe("domain.md §5: target of 3 min, here from the first page to the dispatch"),
    arriveWithinMs: ms(1_800_000, 1_000, 86_400_000).describe("domain.md §5: duty of 30 min from dispatch to arrival"),
    reopenAfterMs: ms(1_800_000, 60_000, 86_400_000).describe(
      "A: a critical condition that still stands so long after a person closed its alert is told anew",
    ),
  })
  .prefault({});

export const massEventRules = z
  .strictObject({
    minLifts: lifts(5).describe("A: `many` lifts of one building, gateway or firm (domain.md §3)"),
    minShare: z
      .number()
      .min(0.05)
      .max(1)
      .default(0.5)
      .describe("A: share of a building's, gateway's or firm's lifts that were heard before"),
    wideLifts: lifts(10).describe("A: lifts of a district, or of the whole site, where the share is smaller"),
    wideBuildings: lifts(3).describe("A: buildings of a district, or districts of the site, that are struck at once"),
    withinMs: ms(60_000, 1_000, 600_000).describe("domain.md §3: within a minute"),
    gatherMs: ms(5_000, 0, 60_000).describe("A: reports of lost power come within so long of each other; told then, with its whole extent"),
    overdueKeepAlives: z
      .number()
      .min(1)
      .max(100)
      .default(1.5)
      .describe("MQTT 3.1.1 §3.1.2.10: a client is gone after one and a half keep-alives; such lifts count with the first that is silent"),
    clearAfterMs: ms(60_000, 0, 3_600_000).describe("A: all but a few members are back for so long"),
  })
  .prefault({});
