import { beforeAll, expect, test } from "vitest";
import { openDirector } from "../../simulators/faults/director.ts";
import type { ChanceEvent } from "../../simulators/faults/chance-event.ts";
import { drawDays } from "../../simulators/faults/history.ts";
import { cityFleet } from "../../simulators/fleet/city.ts";
import { simulated } from "../../simulators/fleet/fleet.ts";
import { escalatorSpec } from "../../simulators/lift/escalator.ts";
import { liftSpec } from "../../simulators/lift/spec.ts";
import { Random } from "../../simulators/random.ts";
import { compare } from "../simulator-compare.ts";
import { runFleet } from "../simulator-signal.ts";
import type { Run, Signal } from "../simulator-signal.ts";

const SEED = 1;
const FROM = Date.parse("2026-01-01T00:00:00+08:00");
const MINUTE_MS = 60_000;
const city = simulated(cityFleet(SEED));

/** A neighbourhood, and its first mains failure within 20 years that takes 20 lifts or more, traps at least two people, and is over soon. */
const lifts = city.filter(({ district }) => district === "仁化").slice(0, 150);
const failure = firstFailure();
let run: Run;

function firstFailure(): { at: number; endAt: number; members: ChanceEvent[]; trapped: ChanceEvent[] } {
  for (const day of drawDays(lifts, SEED, { from: FROM, years: 20, faultsOnly: true })) {
    const groups = new Set(day.events.filter(({ kind }) => kind === "mains-failure").map(({ group }) => group));
    for (const group of groups) {
      const own = day.events.filter((event) => event.group === group);
      const members = own.filter(({ kind }) => kind === "mains-failure");
      const trapped = own.filter(({ kind }) => kind === "entrapment");
      const at = members[0]?.at ?? 0;
      const endAt = Math.max(...members.map(({ until }) => until ?? 0));
      if (members.length >= 20 && trapped.length >= 2 && endAt - at < 90 * MINUTE_MS) return { at, endAt, members, trapped };
    }
  }
  throw new Error(`no such mains failure with seed ${SEED}`);
}

const idOf = ({ lift }: ChanceEvent): string => lifts[lift]?.liftId ?? "";
/** Readings of a lift's status that tell of its power. */
const powerOf = (liftId: string): (Signal & { readonly powered?: boolean })[] =>
  (run.signals.get(liftId) ?? []).filter(({ channel }) => channel === "status");

beforeAll(() => {
  const from = failure.at - 5 * MINUTE_MS;
  run = runFleet(lifts, "city", Math.ceil((failure.endAt - from) / 1_000) + 120, SEED, from);
});

test("a mains failure of the random process is one mass event in the truth: from the failure until the last lift has its power", () => {
  const windows = run.truth.filter(({ hazard }) => hazard === "mass-event");
  expect(windows).toHaveLength(1);
  expect(windows[0]?.from).toBe(failure.at);
  // The lifts that the failure takes, but those that were busy with something else at that moment.
  const members = new Set(failure.members.map(idOf));
  expect(windows[0]?.liftIds?.every((liftId) => members.has(liftId))).toBe(true);
  expect(windows[0]?.liftIds?.length).toBeGreaterThanOrEqual(0.9 * members.size);
  expect(Math.abs((windows[0]?.to ?? 0) - failure.endAt)).toBeLessThan(MINUTE_MS);
  expect(windows[0]?.cause).toBe("mains-failure");
});

test("every hazard that the failure brings is in the signal and in the truth alike, but what a dead device cannot tell", () => {
  const dead = new Set(failure.members.filter(({ member }) => member?.batteryMs === 0).map(idOf));
  const { matched, problems } = compare(
    { ...run, truth: run.truth.filter(({ liftId, hazard }) => hazard === "silent" || !dead.has(liftId)) },
    lifts,
  );
  // A silence is heard to begin up to a keep-alive before it does, so one just too short to be a hazard looks like one.
  const odd = problems.filter((problem) => {
    const { from = 0, to = 0 } = JSON.parse(problem.slice(problem.indexOf("{"))) as { from?: number; to?: number };
    return !problem.includes('"silent"') || !problem.startsWith("not in the truth") || to - from > 240_000;
  });
  expect(odd).toEqual([]);
  expect(matched.length).toBeGreaterThan(10);
});

test("those whom the failure traps stand between floors at once, and are out when the model says", () => {
  const windows = run.truth.filter(({ hazard, from }) => hazard === "entrapment" && Math.abs(from - failure.at) < 2 * MINUTE_MS);
  expect(new Set(windows.map(({ liftId }) => liftId))).toEqual(new Set(failure.trapped.map(idOf)));
  for (const window of windows) {
    // From 10 s before, where the run is over too soon, to a minute after.
    expect(window.from - failure.at).toBeGreaterThan(-10_000);
    expect(window.from - failure.at).toBeLessThan(MINUTE_MS);
    const freedAt = failure.trapped.find((event) => idOf(event) === window.liftId)?.until ?? 0;
    expect(Math.abs(window.to - freedAt)).toBeLessThan(MINUTE_MS + 1);
    expect(window.cause).toBe("mains-failure");
  }
});

test("devices with a battery tell of the failure and fall silent when it is empty, others at once, and who fell silent has a new boot", () => {
  const told = run.truth.find(({ hazard }) => hazard === "mass-event")?.liftIds ?? [];
  const problems: string[] = [];
  let [atOnce, later, never] = [0, 0, 0];
  for (const liftId of told) {
    const must = (holds: boolean, what: string): void => {
      if (!holds) problems.push(`${liftId} ${what}`);
    };
    const { batteryMs = 0, backAt = 0 } = failure.members.find((event) => idOf(event) === liftId)?.member ?? {};
    const status = powerOf(liftId);
    // A lift that traps people fails within a minute of the others, and its battery with it.
    const during = status.filter(({ at }) => at > failure.at + MINUTE_MS && at < backAt);
    const after = status.find(({ at, powered }) => at >= backAt && powered === true);
    const anew = after?.boot !== status[0]?.boot;
    must(
      during.every(({ powered }) => powered === false),
      "says that it has power",
    );
    must(after !== undefined, "does not come back");
    if (batteryMs === 0) {
      atOnce++;
      must(during.length === 0 && anew, "lives on without a battery");
    } else if (failure.at + batteryMs + MINUTE_MS < backAt) {
      later++;
      must(during.length > 3 && anew, "does not tell of the failure, or not begin anew");
      must((during.at(-1)?.at ?? 0) < failure.at + batteryMs + MINUTE_MS, "outlives its battery");
    } else if (failure.at + batteryMs > backAt) {
      never++;
      must(!anew, "begins anew though its battery held");
    }
  }
  expect(problems).toEqual([]);
  expect(Math.min(atOnce, later + never)).toBeGreaterThan(3);
});

test("power comes back over minutes, building by building", () => {
  const back = failure.members.map(({ until }) => until ?? 0);
  expect(new Set(back).size).toBeGreaterThan(3);
  const byBuilding = new Map<string, Set<number>>();
  for (const event of failure.members) {
    const building = lifts[event.lift]?.building ?? "";
    byBuilding.set(building, (byBuilding.get(building) ?? new Set()).add(event.until ?? 0));
  }
  expect([...byBuilding.values()].every((times) => times.size === 1)).toBe(true);
});

test("no car that has lost its power moves, but slowly, to let people out", () => {
  for (const event of failure.members) {
    const { backAt = 0 } = event.member ?? {};
    const moving = (run.signals.get(idOf(event)) ?? []).filter(
      ({ channel, at, speedMps }) => channel === "speed" && at > failure.at + MINUTE_MS && at < backAt && Math.abs(speedMps ?? 0) > 0.32,
    );
    expect(moving, idOf(event)).toEqual([]);
  }
});

test("one model, two uses: what the city's director cues on 16,409 lifts is what the history of those days says", () => {
  const from = FROM;
  const seeded = Random.seeded(SEED);
  const specs = city.map((record) =>
    record.kind === "escalator"
      ? escalatorSpec(record, seeded.split("lift", record.liftId, "spec"))
      : liftSpec(record, seeded.split("lift", record.liftId, "spec"), from),
  );
  const director = openDirector("city", { lifts: city, specs }, seeded, from);
  const cued: { lift: number; at: number }[] = [];
  for (let at = director.nextAt; at < from + 3 * 86_400_000; at = director.nextAt) {
    const cue = director.next(() => true);
    if (cue !== null) cued.push({ lift: cue.lift, at });
    expect(director.nextAt).toBeGreaterThanOrEqual(at);
  }
  const events = [...drawDays(city, SEED, { from, years: 3 / 365 })].flatMap((day) => day.events);
  const times = new Set(events.map(({ lift, at }) => `${lift} ${at}`));
  // People who are to be trapped by a mains failure are invited before it.
  const ahead = new Set(events.filter(({ kind }) => kind === "mains-failure").map(({ lift, at }) => `${lift} ${at - 20_000}`));
  const unknown = cued.filter(({ lift, at }) => !times.has(`${lift} ${at}`) && !ahead.has(`${lift} ${at}`));
  expect(unknown).toEqual([]);
  // All but the few for which a machine is not built.
  expect(cued.length).toBeGreaterThan(0.9 * times.size);
  expect(cued.length).toBeLessThanOrEqual(events.length);
  expect(events.length).toBeGreaterThan(1_000);
});
