/** An alert's explanation and the operators' load as people get them: the compiled program, its REST and its verbs. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it, vi } from "vitest";
import type { z } from "zod";
import * as schemas from "../../src/api/schemas.ts";
import { linesOf } from "../program/replay.ts";
import { alertsOf, fetchJson } from "../program/rest.ts";
import { openSite, PATIENCE, runVerb, serve } from "../program/run.ts";

type Explained = z.output<typeof schemas.alertWithHistoryAnswer>;
type Load = z.output<typeof schemas.operatorLoadAnswer>;

const LIFTS = [
  { liftId: "L1", ratedSpeedMps: 1.75 },
  { liftId: "L2", ratedSpeedMps: 1 },
];

describe("an overspeed of a running program", () => {
  it("is explained by its readings and limits, replays from the recording that it links to, and is the operators' load, live and from the store", async () => {
    await using site = await openSite(LIFTS);
    await using program = await serve(site);
    const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { reconnectPeriod: 0 });
    const at = Date.now() - 10_000;
    const say = (liftId: string, channel: string, reading: object) =>
      client.publishAsync(`lifts/${liftId}/${channel}`, JSON.stringify(reading), { qos: 1 });
    await say("L1", "status", { at, seq: 0, mode: "normal" });
    for (let seq = 1; seq <= 4; seq++) {
      await say("L1", "speed", { at: at + seq * 500, seq, speedMps: 2.2, floor: 3 });
      await say("L2", "speed", { at: at + seq * 500, seq, speedMps: 0.5, floor: 3 });
    }
    await client.endAsync();

    const [raised] = await vi.waitFor(async () => {
      const alerts = (await alertsOf(program.rest)).filter(({ hazard }) => hazard === "overspeed");
      expect(alerts).toHaveLength(1);
      return alerts;
    }, PATIENCE);
    const id = raised?.id ?? "";
    const alert = await vi.waitFor(async () => {
      const found = schemas.alertWithHistoryAnswer.parse(await fetchJson<Explained>(program.rest, `/api/alerts/${id}`));
      expect(found.readings).toHaveLength(5);
      return found;
    }, PATIENCE);
    expect(alert.readings.map(({ channel, seq }) => `${channel} ${seq}`)).toEqual(["status 0", "speed 1", "speed 2", "speed 3", "speed 4"]);
    expect(alert.around.truncated).toBe(false);
    expect(alert.judged).toContainEqual({ name: "factor", value: 2.2 / 1.75, limit: 1.15, comparison: ">=", unit: null, met: true });
    expect(alert.rationale).toMatchObject({ hazard: "overspeed", respondWithinMs: expect.any(Number) as number });

    const response = await fetch(`${program.rest.origin}${alert.journal.recording}`);
    expect(response.status).toBe(200);
    const recording = await response.text();
    expect(recording).not.toContain("lifts/L2/");
    const file = join(site.directory, "minutes.ndjson");
    await writeFile(file, recording);
    const replayed = await runVerb(["replay", file]);
    expect(replayed, replayed.stderr).toMatchObject({ code: 0 });
    const again = linesOf(replayed.stdout).map((line) => JSON.parse(line) as { change: string; alert: { id: string } });
    expect(again[0]).toMatchObject({ change: "raised", alert: { id, raisedAt: alert.raisedAt, entries: alert.entries } });

    const to = Date.now() + 1_000;
    const query = `from=${at}&to=${to}`;
    const live = await vi.waitFor(async () => {
      const report = schemas.operatorLoadAnswer.parse(await fetchJson<Load>(program.rest, `/api/reports/operator-load?${query}`));
      expect(report.pages).toBe(1);
      return report;
    }, PATIENCE);
    expect(live).toMatchObject({ verdict: "too-short", mix: { critical: { pages: 1 } }, topTen: [{ liftId: "L1", hazard: "overspeed" }] });

    const flags = ["operator-load", "--data", site.data, "--from", String(at), "--to", String(to), "--json"];
    const busy = await runVerb(flags);
    expect(busy).toMatchObject({ code: 1, stdout: "" });
    expect(busy.stderr).toContain("ask the running program: GET /api/reports/operator-load");
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    const stored = await runVerb(flags);
    expect(stored, stored.stderr).toMatchObject({ code: 0 });
    expect(JSON.parse(stored.stdout)).toMatchObject({ pages: 1, mix: live.mix, topTen: live.topTen });
  });
});
