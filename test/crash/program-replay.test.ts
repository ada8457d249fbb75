/** L2, L3 and L8 on the whole program: the journal alone gives the same changes and the same rows. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { describe, expect, it } from "vitest";
import { contents, type Contents, livedThrough, openLiftSite } from "../program/contents.ts";
import { FeedClient } from "../program/feed.ts";
import { replayLines, storedChanges } from "../program/replay.ts";
import { serve, stored } from "../program/run.ts";

describe("the journal of a run with kills, restarts and operators' acts", () => {
  it("replayed from a copy by another process gives byte for byte what the live run told, and so does a replay after a further restart", async () => {
    await using site = await openLiftSite();
    const run = await livedThrough(site, 3);
    const replayed = await replayLines(site);
    expect(replayed.slice(0, run.heard.length), run.summary).toEqual(run.heard);
    expect(run.acts.length, run.summary).toBeGreaterThan(0);
    expect(
      replayed.filter((line) => line.includes('"change":"acknowledged"')),
      run.summary,
    ).toHaveLength(run.acts.length);
    expect(await storedChanges(site, run.journalId)).toEqual(replayed);

    // Another start folds from its snapshot, and goes on; the whole journal still gives the same and more.
    await using program = await serve(site, run.ports);
    using feed = new FeedClient(program.rest, { after: `${run.journalId}:0` });
    const client = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`, { reconnectPeriod: 0 });
    await client.publishAsync("lifts/K00/fault", JSON.stringify({ at: Date.now(), seq: 1_000_000, code: "05" }), { qos: 1 });
    await client.endAsync();
    await feed.until("the new fault", ({ alert }) => alert.liftId === "K00" && JSON.stringify(alert.details).includes('"05"'));
    expect(feed.resyncs).toEqual([]);
    await stored(program.rest);
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    const again = await replayLines(site);
    expect(again.slice(0, replayed.length)).toEqual(replayed);
    expect(feed.lines.length).toBeGreaterThan(replayed.length);
    expect(again.slice(0, feed.lines.length)).toEqual(feed.lines);
    expect(await storedChanges(site, run.journalId)).toEqual(again);

    // Without its snapshots it folds everything again, to the same end.
    await rm(join(site.data, "snapshots"), { recursive: true });
    await using bare = await serve(site, run.ports);
    expect(await bare.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect((await storedChanges(site, run.journalId)).slice(0, again.length)).toEqual(again);
  });

  it("makes a deleted store again, row for row", async () => {
    await using site = await openLiftSite();
    const run = await livedThrough(site, 3);
    let before: Contents;
    {
      await using program = await serve(site, run.ports);
      before = await contents(program);
      expect(before.ledger.stored).toBeGreaterThan(100);
      expect(before.alerts.length).toBeGreaterThan(0);
      await program.kill("SIGKILL");
    }
    await rm(join(site.data, "store"), { recursive: true });
    await using program = await serve(site, run.ports);
    // Ticks go on meanwhile: they may end an alert or miss a duty, but none is lost; the changes themselves are compared below.
    const { alerts, ...rows } = await contents(program);
    const { alerts: alertsBefore, ...rowsBefore } = before;
    expect(rows).toEqual(rowsBefore);
    const told = ({ id, liftId, hazard, raisedAt, detectedAt }: (typeof alerts)[number]) =>
      [id, liftId, hazard, raisedAt, detectedAt].join(" ");
    expect(alerts.map(told)).toEqual(expect.arrayContaining(alertsBefore.map(told)));
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(await storedChanges(site, run.journalId)).toEqual(await replayLines(site));
  });
});
