/** G1 and G4 with the InfluxDB store behind the whole program: what was acknowledged before any of the kills is in InfluxDB, once. */
import { expect, it } from "vitest";
import { influxdMissing, influxql, startInfluxd } from "../program/databases.ts";
import { countOfChanges, countsByLift, influxFlags } from "../program/influx.ts";
import { killRun } from "../program/kill-run.ts";
import { liftIds } from "../program/lift-script.ts";
import { replayLines } from "../program/replay.ts";
import { readingsOf } from "../program/rest.ts";
import { openSite, serve, stored } from "../program/run.ts";
import { randomFrom } from "../property/journal-disk.ts";

const KILLS = process.env["CI"] === undefined ? 4 : 10;
const SEED = 20_261_123;
const LIFTS = 12;

it.skipIf(influxdMissing())(
  `the program loses no acknowledged reading, and doubles none, in InfluxDB over ${KILLS} SIGKILLs`,
  async () => {
    await using influxd = await startInfluxd();
    const flags = influxFlags(influxd.url);
    const ids = liftIds(LIFTS);
    await using site = await openSite(ids.map((liftId) => ({ liftId, ratedSpeedMps: 1.75 })));
    const run = await killRun(site, { kills: KILLS, lifts: LIFTS, random: randomFrom(SEED), flags });
    const where = `seed ${SEED}, ${run.summary}`;
    await using program = await serve(site, { ...run.ports, flags });
    const ledger = await stored(program.rest);
    const total = Object.values(run.sent).reduce((sum, count) => sum + count, 0);
    expect(run.acknowledged, where).toEqual(run.sent);
    expect(total, where).toBeGreaterThan(KILLS * 100);
    expect(ledger, where).toMatchObject({ accepted: total, stored: total, pending: 0, quarantined: 0 });
    for (const [liftId, count] of Object.entries(run.sent)) {
      const numbers = (await readingsOf(program.rest, liftId)).map(({ seq }) => seq);
      expect(numbers, `${where}: ${liftId}`).toEqual(Array.from({ length: count }, (_, seq) => seq));
    }
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(await countsByLift(influxd.url, ids), where).toEqual(run.sent);
    expect(await countOfChanges(influxd.url), where).toBe((await replayLines(site)).length);
    const strays = await influxql(influxd.url, `SELECT count("entry") FROM lift_stray`, "hoistway", "readings");
    expect(strays.values).toEqual([]);
    console.info(where);
  },
  400_000,
);
