import { mean } from "simple-statistics";
import { describe, expect, test } from "vitest";
import { DIALECTS, meaningOfCode, rawCode } from "../../src/core/dialects.ts";
import { readingSchemas } from "../../src/core/reading.ts";
import { Clock, EXACT } from "../../simulators/device/clock.ts";
import { FULL_DEVICES, TRAITS, deviceKind } from "../../simulators/device/kind.ts";
import type { Trait } from "../../simulators/device/kind.ts";
import { LinkOutages } from "../../simulators/device/link-outages.ts";
import { tinyFleet } from "../../simulators/fleet/fleet.ts";
import { Random } from "../../simulators/random.ts";
import { FROM, identity, play } from "../simulator-messages.ts";
import type { Message, Play } from "../simulator-messages.ts";

const SEED = 20_261_122;
const DAY_MS = 86_400_000;

const tiny = (options: Play): readonly Message[] => play(tinyFleet(), options).messages;
/** Readings of one channel with their arrival, wills left out. */
function of(messages: readonly Message[], channel: string): Readonly<Record<string, unknown>>[] {
  return messages
    .filter((message) => message.channel === channel)
    .flatMap(({ liftId, receivedAt, readings }) => readings.map((reading) => ({ liftId, receivedAt, ...reading })));
}

describe("kinds of device", () => {
  const full = tiny({ seconds: 1_800 });
  const traits = (...list: Trait[]): readonly Message[] => tiny({ seconds: 1_800, devices: { traits: list } });

  test("a binary door says closed and open at the moments at which a full one leaves and reaches closed", () => {
    const changes = (messages: readonly Message[]): unknown[] => {
      const last = new Map<unknown, unknown>();
      return of(messages, "door").flatMap(({ liftId, receivedAt, state }) => {
        const word = state === "closed" ? "closed" : "open";
        if (last.get(liftId) === word) return [];
        last.set(liftId, word);
        return [[liftId, receivedAt, word]];
      });
    };
    const binary = of(traits("binary-door"), "door");
    expect(new Set(binary.map(({ state }) => state))).toEqual(new Set(["closed", "open"]));
    expect(binary.map(({ liftId, receivedAt, state }) => [liftId, receivedAt, state])).toEqual(changes(full));
    expect(binary.length).toBeGreaterThan(50);
  });

  test.each([
    ["no-position", "speed", ["positionM", "levelOffsetMm"]],
    ["no-door-zone", "speed", ["doorZone"]],
    ["no-door-zone", "status", ["doorZone"]],
    ["no-persons", "status", ["persons", "loadKg"]],
  ] as const)("a device with %s says in %s what a full one says, but %j", (trait, channel, fields) => {
    const without = (readings: readonly Readonly<Record<string, unknown>>[]): unknown[] =>
      readings.map((reading) =>
        Object.fromEntries(Object.entries(reading).filter(([name]) => !(fields as readonly string[]).includes(name))),
      );
    const less = of(traits(trait), channel);
    expect(less).toEqual(without(of(full, channel)));
    expect(of(full, channel).filter((reading) => fields.every((field) => field in reading)).length).toBeGreaterThan(20);
  });

  test("a device that weighs says null for persons, and the load", () => {
    const counting = of(full, "status");
    expect(of(traits("load-only"), "status")).toEqual(counting.map((reading) => ({ ...reading, persons: null })));
    expect(counting.some(({ loadKg }) => Number(loadKg) > 30)).toBe(true);
  });

  test("a device that reports each second does, whether or not the car moves", () => {
    const readings = of(tiny({ seconds: 300, devices: { report: "second" } }), "speed");
    for (const { liftId } of tinyFleet()) {
      const own = readings.filter((reading) => reading["liftId"] === liftId).map(({ receivedAt }) => Number(receivedAt));
      expect(own.length).toBeGreaterThanOrEqual(299);
      for (const [index, at] of own.entries()) expect(at - (own[0] ?? 0), liftId).toBe(index * 1_000);
    }
  });

  test("whatever is forced on it, a device keeps to the protocol", () => {
    const messages = tiny({ seconds: 1_800, scenario: "demo", devices: { mix: "city", traits: TRAITS, dialect: "shmashine" } });
    expect(messages.length).toBeGreaterThan(300);
    for (const { channel, readings } of messages) {
      for (const reading of readings) {
        expect(readingSchemas[channel as keyof typeof readingSchemas].safeParse(reading).error).toBeUndefined();
      }
    }
  });

  test("a city draws each kind from the lift's own generator, in the stated shares", () => {
    const plan = { ...FULL_DEVICES, mix: "city" } as const;
    const kinds = Array.from({ length: 4_000 }, (_, index) => deviceKind(plan, Random.seeded(SEED).split("lift", `L${index}`)));
    const share = (is: (kind: (typeof kinds)[number]) => boolean): number => mean(kinds.map((kind) => (is(kind) ? 1 : 0)));
    expect(share((kind) => kind.binaryDoor)).toBeCloseTo(0.55, 1);
    expect(share((kind) => kind.position)).toBeCloseTo(0.5, 1);
    expect(share((kind) => kind.doorZone)).toBeCloseTo(0.85, 1);
    expect(share((kind) => kind.persons === "none")).toBeCloseTo(0.25, 1);
    for (const dialect of DIALECTS) expect(share((kind) => kind.dialect === dialect)).toBeCloseTo(dialect === "gb24476" ? 0.6 : 0.08, 1);
    expect(kinds[7]).toEqual(deviceKind(plan, Random.seeded(SEED).split("lift", "L7")));
    expect(deviceKind(FULL_DEVICES, Random.seeded(SEED)).clock).toBe(EXACT);
  });
});

describe("dialects", () => {
  test.each(DIALECTS)("faults of a %s device are in its words, and those that it has no word for are not said", (dialect) => {
    const options = { seconds: 3_600, scenario: "reported-fault", seed: 3 } as const;
    const meant = of(tiny(options), "fault");
    const { messages, truth } = play(tinyFleet(), { ...options, devices: { dialect } });
    const said = of(messages, "fault");
    const expected = meant.flatMap(({ receivedAt, code, active }) => {
      const raw = rawCode(dialect, String(code));
      return raw === null ? [] : [{ receivedAt, code: raw, active }];
    });
    expect(said.map(({ receivedAt, code, active }) => ({ receivedAt, code, active }))).toEqual(expected);
    expect(said.every((reading) => (reading["dialect"] ?? "gb24476") === dialect)).toBe(true);
    // Nor is it truth that something was reported.
    expect(truth.some(({ hazard }) => hazard === "reported-fault")).toBe(said.length > 0);
    // What a monitor makes of them is what the controller meant.
    const understood = said.map(({ code }) => meaningOfCode(dialect, String(code))?.code);
    expect(understood).toEqual(meant.map(({ code }) => code).filter((code) => rawCode(dialect, String(code)) !== null));
    expect(meant.length).toBeGreaterThan(10);
  });
});

describe("clocks", () => {
  test("an exact clock shows the time, and a step is seen until it is taken back", () => {
    const clock = new Clock(EXACT, Random.seeded(SEED), FROM);
    expect(clock.read(FROM + 5)).toBe(FROM + 5);
    clock.step(60_000);
    expect(clock.read(FROM + 6)).toBe(FROM + 60_006);
    clock.step(-60_000);
    expect(clock.read(FROM + 7)).toBe(FROM + 7);
  });

  test("a clock that nobody sets drifts away at its rate", () => {
    const kind = { offsetMs: -2_000, driftPpm: 40, correctEveryMs: Number.POSITIVE_INFINITY };
    const clock = new Clock(kind, Random.seeded(SEED), FROM);
    expect(clock.read(FROM)).toBe(FROM - 2_000);
    // 40 ppm of a day are 3,456 ms.
    expect(clock.read(FROM + DAY_MS)).toBe(FROM + DAY_MS - 2_000 + 3_456);
  });

  test("a clock that is set is right to within the residue and what it drifts between", () => {
    const kind = { offsetMs: 9_000, driftPpm: 50, correctEveryMs: DAY_MS / 4 };
    const clock = new Clock(kind, Random.seeded(SEED), FROM);
    let steps = 0;
    let last = 9_000;
    for (let at = FROM + DAY_MS / 4; at < FROM + 30 * DAY_MS; at += 60_000) {
      const wrong = clock.read(at) - at;
      expect(Math.abs(wrong)).toBeLessThan(5 * 150 + (50e-6 * 1.2 * DAY_MS) / 4);
      if (wrong < last - 50) steps++;
      last = wrong;
    }
    expect(steps).toBeGreaterThan(90);
    expect(steps).toBeLessThan(130);
  });

  test("devices with wrong clocks say wrong times, in an order that their sequence tells", () => {
    const messages = tiny({ seconds: 1_800, devices: { traits: ["wrong-clock"] } });
    const errors = messages.flatMap(({ receivedAt, readings }) => readings.map(({ at }) => Number(at) - receivedAt));
    expect(new Set(errors).size).toBeGreaterThan(3);
    expect(Math.max(...errors.map(Math.abs))).toBeLessThan(10_000 + 1_800 * 0.05 + 1);
    const exact = tiny({ seconds: 1_800 });
    expect(messages.map(({ liftId, readings }) => readings.map((reading) => identity(liftId, reading)))).toEqual(
      exact.map(({ liftId, readings }) => readings.map((reading) => identity(liftId, reading))),
    );
  });
});

describe("links", () => {
  const rates = { perDay: 60, medianMs: 300_000, sigma: 0.3 };

  test("outages come at their rate and last as long as stated, the same for all who draw them by one name", () => {
    const drawn = [0, 1].map(
      () => new LinkOutages({ perDay: 2, medianMs: 90_000, sigma: 1 }, Random.seeded(SEED).split("gw"), FROM, "gateway"),
    );
    const [one, other] = [drawn[0]!, drawn[1]!];
    const lengths: number[] = [];
    let from = 0;
    while (one.nextAt < FROM + 2_000 * DAY_MS) {
      expect(one.nextAt).toBe(other.nextAt);
      const at = one.nextAt;
      if (one.next()) from = at;
      else lengths.push(at - from);
      other.next();
    }
    expect(lengths.length / 2_000).toBeCloseTo(2, 0);
    // Median 90 s, and up to 30 s until the link is tried again.
    expect(lengths.toSorted((a, b) => a - b)[lengths.length >> 1]).toBeGreaterThan(90_000);
    expect(lengths.toSorted((a, b) => a - b)[lengths.length >> 1]).toBeLessThan(120_000);
  });

  test("a lift's own link breaks with a will, and what was made meanwhile comes later, in arrays, without a gap", () => {
    const { messages, truth } = play(tinyFleet(), { seconds: 7_200, outages: rates });
    const wills = of(messages, "online").filter(({ online }) => online === false);
    expect(wills.length).toBeGreaterThan(5);
    for (const { liftId } of tinyFleet()) {
      const seqs = messages
        .filter((message) => message.liftId === liftId)
        .flatMap(({ readings }) => readings)
        .filter(({ boot }) => !String(boot).endsWith("-will"))
        .map(({ seq }) => Number(seq));
      expect(seqs, liftId).toEqual(seqs.map((_, index) => index));
    }
    const silent = truth.filter(({ hazard }) => hazard === "silent");
    expect(silent.length).toBeGreaterThan(5);
    for (const { liftId, from, to } of silent) {
      const own = messages.filter((message) => message.liftId === liftId && !message.readings.some(({ online }) => online === false));
      const between = own.filter(({ receivedAt }) => receivedAt > from && receivedAt < to);
      expect(between, `${liftId} is unheard from ${from} to ${to}`).toEqual([]);
    }
    expect(messages.some(({ readings }) => readings.length > 1)).toBe(true);
    expect(truth.some(({ hazard }) => hazard === "mass-event")).toBe(false);
  });

  test("a gateway takes its building along: all its lifts are unheard at once, nobody speaks for them, and it is one mass event", () => {
    const fleet = tinyFleet().map((lift) => ({ ...lift, building: "one", district: "武江" }));
    const { messages, truth } = play(fleet, { seconds: 7_200, outages: rates, gateways: true });
    expect(of(messages, "online").filter(({ online }) => online === false)).toEqual([]);
    const masses = truth.filter(({ hazard }) => hazard === "mass-event");
    expect(masses.length).toBeGreaterThan(1);
    for (const { from, to, liftIds } of masses) {
      expect(liftIds).toEqual(["L1", "L2", "L3", "L4", "L5"]);
      expect(truth.filter((window) => window.hazard === "silent" && window.from <= from && window.to === to).length).toBe(5);
      expect(messages.filter(({ receivedAt }) => receivedAt > from && receivedAt < to)).toEqual([]);
    }
  });
});
