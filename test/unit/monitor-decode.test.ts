import { describe, expect, test } from "vitest";
import { createMonitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";

const AT = 1_767_225_600_000;

function quarantined(topic: string, payload: string | null): string[] {
  const monitor = createMonitor([], DEFAULT_RULES);
  const effects = monitor.apply({ kind: "message", seq: 1, receivedAt: AT, topic, payload, source: "", refusal: null });
  expect(monitor.counts.received).toBe(monitor.counts.accepted + monitor.counts.quarantined);
  return effects.quarantined.map(({ reason, path, message }) => [reason, path, message].join(" | "));
}

const good = (fields: object) => ({ at: AT, seq: 1, ...fields });
const speed = (fields: object) => JSON.stringify(good({ speedMps: 1, ...fields }));

describe("a refused message says where, what was found and what was expected", () => {
  test.each([
    ["foo/bar", "{}", /^topic-unknown \| {2}\| expected lifts\/\{liftId\}\/\{channel\}; found foo\/bar$/],
    ["lifts/L1", "{}", /^topic-unknown/],
    ["lifts//door", "{}", /^lift-id-invalid/],
    [`lifts/${"x".repeat(65)}/door`, "{}", /^lift-id-invalid/],
    ["lifts/L 1/door", "{}", /^lift-id-invalid/],
    ["lifts/L1/doors", "{}", /^channel-unknown \| {2}\| expected one of door, speed, fault, status, online/],
    ["lifts/L1/door/x", "{}", /^channel-unknown/],
    ["lifts/L1/speed", null, /^payload-not-utf8/],
    ["lifts/L1/speed", "", /^payload-not-json/],
    ["lifts/L1/speed", '{"at":1', /^payload-not-json/],
    ["lifts/L1/speed", "NaN", /^payload-not-json/],
    ["lifts/L1/speed", "[]", /^payload-empty/],
    [
      "lifts/L1/speed",
      JSON.stringify(Array.from({ length: 501 }, () => 1)),
      /^payload-too-many \| {2}\| found 501 readings; expected at most 500/,
    ],
    ["lifts/L1/speed", "null", /^reading-invalid \| {2}\| .*object.*; found null$/],
    ["lifts/L1/speed", "7", /^reading-invalid/],
    ["lifts/L1/speed", "{}", /^reading-invalid \| at \| .*; found nothing$/],
    ["lifts/L1/speed", '{"at":1,"seq":0,"speedMps":1e999}', /^reading-invalid \| speedMps/],
    ["lifts/L1/speed", speed({ seq: -1 }), /^reading-invalid \| seq/],
    ["lifts/L1/speed", speed({ seq: 2 ** 53 }), /^reading-invalid \| seq/],
    ["lifts/L1/speed", speed({ at: -1 }), /^reading-invalid \| at/],
    ["lifts/L1/speed", speed({ at: 1.5 }), /^reading-invalid \| at/],
    ["lifts/L1/speed", speed({ speedMps: "1" }), /^reading-invalid \| speedMps \| .*number.*; found "1"$/],
    ["lifts/L1/speed", speed({ doorZone: 1 }), /^reading-invalid \| doorZone/],
    ["lifts/L1/speed", speed({ boot: "b".repeat(33) }), /^reading-invalid \| boot/],
    ["lifts/L1/speed", speed({ boot: "a\u0000b" }), /^reading-invalid \| boot \| expected text without control characters/],
    ["lifts/L1/door", JSON.stringify(good({ state: "ajar" })), /^reading-invalid \| state \| .*; found "ajar"$/],
    ["lifts/L1/fault", JSON.stringify(good({ code: 8 })), /^reading-invalid \| code/],
    ["lifts/L1/status", JSON.stringify(good({ persons: 1.5 })), /^reading-invalid \| persons/],
    ["lifts/L1/online", JSON.stringify(good({ online: "yes" })), /^reading-invalid \| online/],
    ["lifts/L1/speed", `${"[".repeat(20_000)}${"]".repeat(20_000)}`, /^reading-invalid \| 0 /],
  ])("%s %.40s", (topic, payload, expected) => {
    const [only, ...more] = quarantined(topic, payload);
    expect(only).toMatch(expected);
    expect(more).toEqual([]);
  });

  test("of an array only the bad readings are refused, each with its place", () => {
    const monitor = createMonitor([], DEFAULT_RULES);
    const payload = JSON.stringify([good({ speedMps: 1 }), { at: AT }, good({ seq: 2, speedMps: "fast" }), good({ seq: 2, speedMps: 2 })]);
    const effects = monitor.apply({ kind: "message", seq: 1, receivedAt: AT, topic: "lifts/L1/speed", payload, source: "", refusal: null });
    expect(effects.readings.map(({ index }) => index)).toEqual([0, 3]);
    expect(effects.quarantined.map(({ path }) => path)).toEqual(["1.seq", "2.speedMps"]);
    expect(monitor.counts).toEqual({ received: 4, accepted: 2, duplicate: 0, late: 0, quarantined: 2 });
  });

  test("unknown fields, __proto__ among them, are ignored", () => {
    const monitor = createMonitor([], DEFAULT_RULES);
    const payload = `{"at":${AT},"seq":0,"speedMps":1,"vendor":{"x":[1]},"__proto__":{"polluted":true}}`;
    const [stored] = monitor.apply({
      kind: "message",
      seq: 1,
      receivedAt: AT,
      topic: "lifts/L1/speed",
      payload,
      source: "",
      refusal: null,
    }).readings;
    expect(stored?.reading).toEqual({ at: AT, seq: 0, speedMps: 1 });
    expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
  });

  test("lifts beyond the bound are refused, registered ones never", () => {
    const monitor = createMonitor([{ liftId: "A" }], DEFAULT_RULES, { lifts: 2, excerptChars: 10 });
    const reasons = ["A", "B", "C"].map(
      (id, index) =>
        monitor.apply({
          kind: "message",
          seq: index + 1,
          receivedAt: AT,
          topic: `lifts/${id}/speed`,
          payload: speed({}),
          source: "",
          refusal: null,
        }).quarantined[0]?.reason,
    );
    expect(reasons).toEqual([undefined, undefined, "too-many-lifts"]);
  });

  test("a mistake in a rule costs the message that meets it, and nothing else", () => {
    const rules = { ...DEFAULT_RULES };
    Object.defineProperty(rules, "overspeed", {
      get: () => {
        throw new Error("broken rule");
      },
    });
    const monitor = createMonitor([{ liftId: "A", ratedSpeedMps: 1 }], rules);
    const apply = (seq: number, channel: string) =>
      monitor.apply({
        kind: "message",
        seq,
        receivedAt: AT,
        topic: `lifts/A/${channel}`,
        payload: speed({ seq }),
        source: "",
        refusal: null,
      });
    expect(apply(1, "speed").quarantined).toMatchObject([{ reason: "internal-error", message: "could not be judged: Error: broken rule" }]);
    const next = apply(2, "status");
    expect([next.readings.length, next.quarantined.length]).toEqual([1, 0]);
    const { received, accepted, duplicate, quarantined } = monitor.counts;
    expect(received).toBe(accepted + duplicate + quarantined);
  });
});
