import { describe, expect, test } from "vitest";
import { LiftState } from "../../src/core/lift-state.ts";
import { CHANNELS } from "../../src/core/reading.ts";
import { channelOfKept, Routes } from "../../src/core/routes.ts";

describe("the topics of known lifts are kept", () => {
  test("no two channels end with the same letter, by which a kept topic tells its channel", () => {
    const told = CHANNELS.map((channel) => channelOfKept(`lifts/tower-1/${channel}`));
    expect(told).toEqual(CHANNELS);
  });

  test("a topic leads to its lift until all are forgotten, and a topic without a lift to none", () => {
    const routes = new Routes();
    const lift = new LiftState("tower-1", 0, 0);
    expect(routes.keep("lifts/tower-1/door", lift)).toBe(lift);
    expect(routes.keep("lifts/tower-2/door", null)).toBeNull();
    expect([routes.liftOf("lifts/tower-1/door"), routes.liftOf("lifts/tower-2/door")]).toEqual([lift, null]);
    routes.clear();
    expect(routes.liftOf("lifts/tower-1/door")).toBeNull();
  });
});
