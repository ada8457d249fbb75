/** Notifications of the whole program: from a signal to a webhook and a topic, escalated until somebody acknowledges. */
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { expect, it, vi } from "vitest";
import type { NotificationRow } from "../../src/notify/notifications.ts";
import { notificationFlags, openHook, speed } from "../program/hook.ts";
import { alertsOf, fetchJson } from "../program/rest.ts";
import { openSite, PATIENCE, runVerb, serve, serveArguments } from "../program/run.ts";

const LIFTS = ["L1", "L2"].map((liftId) => ({ liftId, ratedSpeedMps: 1.75 }));

it("reaches targets, escalates, ends with the acknowledgement, and is on record; what happened before it was set up is not told", async () => {
  await using hook = await openHook();
  await using site = await openSite(LIFTS);
  {
    await using program = await serve(site);
    await speed(program.mqttPort, "L1", 1);
    await vi.waitFor(async () => expect(await alertsOf(program.rest)).not.toEqual([]), PATIENCE);
    expect(await program.rest.get("/api/notifications")).toEqual({ status: 200, body: { notifications: [] } });
    await program.kill("SIGTERM");
  }
  await writeFile(join(site.directory, "key"), "s3cret\n");
  const flags = await notificationFlags(
    site,
    `
link: https://lifts.example
targets:
  desk: { kind: webhook, url: "${hook.url}/desk", secretFile: key, lang: zh }
  chief: { kind: webhook, url: "${hook.url}/chief" }
  boss: { kind: webhook, url: "${hook.url}/boss" }
  dead: { kind: webhook, url: "http://127.0.0.1:1/" }
  board: { kind: mqtt }
routes:
  - name: speed
    when: { hazard: [overspeed], firm: [Firm A], change: [raised, acknowledged] }
    to: [desk, board, dead]
    escalate: [{ afterMinutes: 0.03, to: [chief] }, { afterMinutes: 60, to: [boss] }]
`,
  );
  await using program = await serve(site, { flags });
  const person = await connectAsync(`mqtt://127.0.0.1:${program.mqttPort}`);
  const heard: string[] = [];
  person.on("message", (topic, payload) => heard.push(`${topic} ${(JSON.parse(payload.toString()) as { key: string }).key}`));
  await person.subscribeAsync("hoistway/alerts/#");
  await speed(program.mqttPort, "L2", 1);
  await vi.waitFor(() => expect(hook.calls.map(({ path }) => path)).toEqual(["/desk", "/chief"]), PATIENCE);
  const [first, second] = hook.calls.map(({ told }) => told);
  expect(first).toMatchObject({ kind: "change", change: "raised", alert: { liftId: "L2", hazard: "overspeed" } });
  expect(first?.subject).toContain("【危急】超速发生：L2，武江，B-L2");
  expect(second).toMatchObject({ kind: "escalation", key: `${first?.key}:e0.03` });
  await vi.waitFor(() => expect(heard).toEqual([`hoistway/alerts/critical ${first?.key}`]), PATIENCE);

  const id = first?.alert?.id ?? "";
  expect(await program.rest.post(`/api/alerts/${id}/acknowledge`)).toMatchObject({ status: 200 });
  await vi.waitFor(() => expect(hook.calls.at(-1)?.told).toMatchObject({ change: "acknowledged", alert: { id } }), PATIENCE);
  await vi.waitFor(async () => {
    const { notifications } = await fetchJson<{ notifications: NotificationRow[] }>(program.rest, `/api/notifications?alertId=${id}`);
    const rows = notifications.toReversed().map(({ target, change, kind, outcome }) => `${target} ${kind} ${change} ${outcome}`);
    expect(rows.toSorted()).toEqual([
      "board change acknowledged sent",
      "board change raised sent",
      "chief escalation raised sent",
      "dead change acknowledged pending",
      "dead change raised pending",
      "desk change acknowledged sent",
      "desk change raised sent",
    ]);
  }, PATIENCE);
  expect(hook.calls.filter(({ path, told }) => path === "/boss" || told.alert?.liftId === "L1")).toEqual([]);
  // A receiver that is away is told of, and no reason to call the program ill.
  const health = await program.rest.get("/api/health");
  expect(health).toMatchObject({ status: 200, body: { status: "ok" } });
  expect(JSON.stringify(health.body)).toMatch(/dead: ECONNREFUSED/);
  expect(String((await program.rest.get("/metrics")).body)).toMatch(/^hoistway_notifications_sent_total 5$/m);
  await person.endAsync(true);
  expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  expect(program.process.stderr + program.process.stdout).not.toContain("s3cret");
});

it("is refused with every mistake of its file, and nothing is started or written", async () => {
  await using site = await openSite(LIFTS);
  const flags = await notificationFlags(
    site,
    "targets:\n  desk: { kind: webhook, url: 'http://far.example/', secretFile: nowhere }\nroutes:\n  - to: [dsk]\n",
  );
  const { code, stdout, stderr } = await runVerb(serveArguments(site, { flags }));
  expect({ code, stdout }).toEqual({ code: 2, stdout: "" });
  for (const problem of [
    /line 2, targets\.desk\.url: is without TLS/,
    /targets\.desk\.secretFile: nowhere cannot be read/,
    /routes\.0\.to: found "dsk"/,
  ])
    expect(stderr).toMatch(problem);
});
