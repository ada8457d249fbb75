/**
 * G1, G4, G5 and L6 on the whole program: it is killed without warning again and again, also while it starts, under QoS 1
 * load from a process of its own that remembers what was acknowledged.
 */
import { describe, expect, it } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { randomFrom } from "../property/journal-disk.ts";
import { killRun } from "../program/kill-run.ts";
import { CYCLE, CYCLES_TO_REPEAT, HAZARDS_OF_CYCLE, liftIds, publication } from "../program/lift-script.ts";
import { replayLines, storedChanges } from "../program/replay.ts";
import { alertsOf, fetchJson, readingsOf } from "../program/rest.ts";
import { openSite, serve, stored } from "../program/run.ts";

const KILLS = process.env["CI"] === undefined ? 5 : 20;
const SEED = 20_261_122;
const LIFTS = 24;
/** About 60 s alone with 20 kills, most of it starts; with room for a machine that does other things too. */
const WITHIN_MS = 400_000;

describe("the program under load", () => {
  it(
    `loses no acknowledged reading and no alert, and doubles none, over ${KILLS} SIGKILLs`,
    async () => {
      await using site = await openSite(liftIds(LIFTS).map((liftId) => ({ liftId, ratedSpeedMps: 1.75 })));
      const run = await killRun(site, { kills: KILLS, lifts: LIFTS, random: randomFrom(SEED) });
      const where = `seed ${SEED}, ${run.summary}`;
      await using program = await serve(site, run.ports);
      const ledger = await stored(program.rest);
      const total = Object.values(run.sent).reduce((sum, count) => sum + count, 0);
      expect(run.acknowledged, where).toEqual(run.sent);
      // The test has seen something.
      expect(total, where).toBeGreaterThan(KILLS * 100);
      expect(ledger, where).toMatchObject({ accepted: total, stored: total, pending: 0, quarantined: 0, late: 0 });

      let alertsExpected = 0;
      const repeating: string[] = [];
      for (const [liftId, count] of Object.entries(run.sent)) {
        const rows = await readingsOf(program.rest, liftId);
        const numbers = rows.map(({ seq }) => seq);
        expect(new Set(numbers).size, `${where}: ${liftId} stored twice`).toBe(numbers.length);
        expect(numbers.length, `${where}: ${liftId} lost`).toBe(count);
        for (const { receivedAt: _receivedAt, late: _late, channel, ...fields } of rows) {
          const sent = publication(liftId, fields.seq, run.startAt);
          expect({ topic: `lifts/${liftId}/${channel}`, fields }).toEqual({
            topic: sent.topic,
            fields: JSON.parse(sent.payload) as unknown,
          });
        }
        alertsExpected += Math.floor(count / CYCLE);
        if (count >= CYCLES_TO_REPEAT * CYCLE) repeating.push(liftId);
      }

      // Each whole cycle has one alert of each hazard, raised and cleared by the device's own clock: none missed, none doubled.
      const ends = new Map(
        Object.entries(run.sent).map(([liftId, count]) => [liftId, run.startAt + Math.floor(count / CYCLE) * CYCLE * 1_000]),
      );
      const alerts = (await alertsOf(program.rest)).filter(({ liftId, raisedAt }) => raisedAt < (ends.get(liftId) ?? 0));
      expect(new Set(alerts.map(({ id }) => id)).size).toBe(alerts.length);
      for (const hazard of HAZARDS_OF_CYCLE) {
        const whole = alerts.filter((alert) => alert.hazard === hazard);
        expect(whole.length, `${where}: ${hazard}`).toBe(alertsExpected);
        expect(whole.filter(({ state, occurrences }) => state !== "cleared" || occurrences !== 1)).toEqual([]);
      }
      // And each lift one for the code that comes back with every cycle.
      const repeated = alerts.filter(({ hazard }) => hazard === "repeated-faults");
      expect(repeated.map(({ liftId }) => liftId).toSorted(), where).toEqual(repeating.toSorted());
      const told: ReadonlySet<string> = new Set([...HAZARDS_OF_CYCLE, "repeated-faults"]);
      expect(
        alerts.filter(({ hazard }) => !told.has(hazard)),
        where,
      ).toEqual([]);

      // What an operator was told is done is done, once.
      for (const id of run.acts) {
        const { history, ...alert } = await fetchJson<Alert & { history: { change: string }[] }>(program.rest, `/api/alerts/${id}`);
        expect(alert.acknowledged, `${where}: ${id}`).toBe(true);
        expect(
          history.filter(({ change }) => change === "acknowledged"),
          `${where}: ${id}`,
        ).toHaveLength(1);
      }
      expect(run.acts.length, where).toBeGreaterThan(0);
      expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });

      // The journal's fold, what the store has, and what the feed client heard over all connections are the same changes.
      const replayed = await replayLines(site);
      expect(await storedChanges(site, run.journalId), where).toEqual(replayed);
      expect(run.resyncs, where).toEqual([]);
      expect(run.heard, where).toEqual(replayed.slice(0, run.heard.length));
      expect(run.heard.length, where).toBeGreaterThan(alertsExpected * HAZARDS_OF_CYCLE.length);
      console.info(`${where}, ${replayed.length} changes, ${run.heard.length} heard on ${run.feedConnects} connections`);
    },
    WITHIN_MS,
  );
});
