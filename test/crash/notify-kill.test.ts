/** Notifications at least once: the program is killed while a message is under way, before and after it was taken. */
import { expect, it, vi } from "vitest";
import { notificationFlags, openHook, speed } from "../program/hook.ts";
import { alertsOf, fetchJson } from "../program/rest.ts";
import { openSite, PATIENCE, serve, type Program } from "../program/run.ts";

const ROUNDS = ["before", "after", "before", "after"] as const;
const LIFTS = [...ROUNDS.keys(), ROUNDS.length].map((index) => ({ liftId: `L${index}`, ratedSpeedMps: 1.75 }));

it(`survive ${ROUNDS.length} SIGKILLs between sending and recording: each arrives, repeated ones with the same key, and a start tells nothing old`, async () => {
  await using hook = await openHook();
  await using site = await openSite(LIFTS);
  const flags = await notificationFlags(
    site,
    `targets: { desk: { kind: webhook, url: "${hook.url}/desk" } }\nroutes: [{ when: { change: [raised] }, to: [desk] }]\n`,
  );
  for (const [index, moment] of ROUNDS.entries()) {
    // What the last round left is sent as soon as the program is up, and taken.
    hook.answer = null;
    await using program = await serve(site, { flags });
    hook.answer = (told, response) => {
      if (told.alert?.liftId !== `L${index}`) response.end();
      else if (moment === "before") void program.kill("SIGKILL");
      // What was answered may have been recorded, or not.
      else response.end(() => void program.kill("SIGKILL"));
    };
    await speed(program.mqttPort, `L${index}`, 1);
    expect(await program.process.exited, moment).toEqual({ code: null, signal: "SIGKILL" });
  }
  hook.answer = null;
  let expected: readonly string[] = [];
  {
    await using program = await serve(site, { flags });
    await nothingPending(program);
    const alerts = (await alertsOf(program.rest)).filter(({ hazard }) => hazard === "overspeed");
    expect(alerts).toHaveLength(ROUNDS.length);
    expected = alerts.map(({ id }) => id);
    const told = hook.calls.filter(({ told: { alert } }) => alert?.hazard === "overspeed");
    expect(new Set(told.map(({ told: { alert } }) => alert?.id))).toEqual(new Set(expected));
    // One key an alert; once, and once more for each kill at most.
    expect(new Set(told.map(({ told: { key } }) => key)).size).toBe(ROUNDS.length);
    expect(told.length).toBeLessThanOrEqual(2 * ROUNDS.length);
    // Those that were killed before the answer have come twice: the test has seen what it is about.
    expect(told.length).toBeGreaterThanOrEqual(ROUNDS.length + ROUNDS.filter((moment) => moment === "before").length);
    expect(new Set(told.map(({ body }) => body)).size).toBe(ROUNDS.length);
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  }
  const before = hook.calls.length;
  await using last = await serve(site, { flags });
  await speed(last.mqttPort, `L${ROUNDS.length}`, 1);
  await vi.waitFor(() => expect(hook.calls.at(-1)?.told.alert?.liftId).toBe(`L${ROUNDS.length}`), PATIENCE);
  await nothingPending(last);
  expect(hook.calls.slice(before).filter(({ told }) => expected.includes(told.alert?.id ?? ""))).toEqual([]);
});

async function nothingPending(program: Program): Promise<void> {
  await vi.waitFor(async () => {
    const { notifications } = await fetchJson<{ notifications: { outcome: string }[] }>(program.rest, "/api/notifications?limit=1000");
    expect(notifications.filter(({ outcome }) => outcome === "pending")).toEqual([]);
    // Everything journalled has been looked at.
    const metrics = String((await program.rest.get("/metrics")).body);
    const value = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, "m").exec(metrics)?.[1]);
    expect(value("hoistway_notifications_seq")).toBeGreaterThanOrEqual(value("hoistway_monitor_seq") - 3);
  }, PATIENCE);
}
