import { expect, test } from "vitest";
import { decodeReading, Defect } from "../../src/core/decode.ts";
import { Bytes } from "../../simulators/device/bytes.ts";
import type { Sink } from "../../simulators/device/sink.ts";
import { generateFleet, simulated } from "../../simulators/fleet/fleet.ts";
import { Delay } from "../../simulators/run/delay.ts";
import { NETWORK_RATES } from "../../simulators/run/network.ts";
import type { NetworkRates } from "../../simulators/run/network.ts";
import { identity, play } from "../simulator-messages.ts";
import type { Message } from "../simulator-messages.ts";

const SEED = 7;
const fleet = simulated(generateFleet(60, 1)).filter(({ kind }) => kind !== "escalator");
const NOTHING: NetworkRates = { duplicate: 0, reorder: 0, lost: 0, garbage: 0, outages: { perDay: 0, medianMs: 1, sigma: 0 } };
const seconds = 1_800;

const clean = play(fleet, { seconds, seed: SEED });
const run = (rates: Partial<NetworkRates>, windowMs = 60_000, seed = SEED): ReturnType<typeof play> =>
  play(fleet, { seconds, seed, network: { ...NOTHING, ...rates }, windowMs });
const identities = (messages: readonly Message[]): string[] =>
  messages.flatMap(({ liftId, readings }) => readings.map((reading) => identity(liftId, reading)));
function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
const sorted = (text: string): string[] => text.split("\n").toSorted();
/** Within four standard deviations of a binomial. */
function near(count: number, share: number, of: number): boolean {
  return Math.abs(count - share * of) < 4 * Math.sqrt(share * of) + 1;
}

test("a network without faults changes no byte", () => {
  expect(clean.messages.length).toBeGreaterThan(3_000);
  expect(run({}).text === clean.text).toBe(true);
});

test("duplicates are what was sent, byte for byte, within the time in which clients send again", () => {
  const { messages, network } = run({ duplicate: 0.05 });
  const seen = new Map<string, Message>();
  const after = messages.flatMap((message) => {
    const key = `${message.liftId} ${message.channel} ${message.payload}`;
    const first = seen.get(key);
    if (first === undefined) seen.set(key, message);
    return first === undefined ? [] : [message.receivedAt - first.receivedAt];
  });
  expect(Math.min(...after)).toBeGreaterThan(0);
  expect(Math.max(...after)).toBeLessThanOrEqual(20_000);
  const again = after.length;
  expect(again).toBe(network?.counts.duplicate);
  expect(near(again, 0.05, clean.messages.length), `${again} of ${clean.messages.length}, seed ${SEED}`).toBe(true);
  expect(new Set(identities(messages))).toEqual(new Set(identities(clean.messages)));
  expect(messages.length).toBe(clean.messages.length + again);
});

test("what is overtaken is late by seconds, keeps its place in the sequence, and nothing is lost", () => {
  const { messages, network } = run({ reorder: 0.05 });
  expect(identities(messages).toSorted()).toEqual(identities(clean.messages).toSorted());
  const late = messages.flatMap(({ receivedAt, readings }) => readings.map(({ at }) => receivedAt - Number(at))).filter((by) => by > 0);
  expect(late.length).toBe(network?.counts.reorder);
  expect(near(late.length, 0.05, clean.messages.length)).toBe(true);
  expect(Math.max(...late)).toBeLessThanOrEqual(3_000);
  const arrivals = messages.map(({ receivedAt }) => receivedAt);
  expect(arrivals).toEqual(arrivals.toSorted((a, b) => a - b));
});

test("what is lost leaves a gap in its sequence, and the link's own announcements are never lost", () => {
  const { messages, network } = run({ lost: 0.05 });
  const got = new Set(identities(messages));
  const missing = clean.messages.filter(({ liftId, readings }) => readings.some((reading) => !got.has(identity(liftId, reading))));
  expect(missing.length).toBe(network?.counts.lost);
  expect(near(missing.length, 0.05, clean.messages.length)).toBe(true);
  expect(missing.some(({ channel }) => channel === "online")).toBe(false);
});

test("garbage is something that no monitor takes for a reading: cut off, of wrong types, of an unknown channel, or no text at all", () => {
  const { messages, network } = run({ garbage: 0.1 });
  let [unparsable, wrong, unknown, binary] = [0, 0, 0, 0];
  for (const { base64, channel, readings } of messages) {
    if (base64 !== null) {
      const bytes = Buffer.from(base64, "base64");
      if (bytes[0] === 0xff) binary++;
      else if (!isJson(bytes.toString())) unparsable++;
    } else if (channel === "vibration") unknown++;
    else if (readings.some((reading) => decodeReading(channel as never, reading, -1) instanceof Defect)) wrong++;
  }
  expect(unparsable + wrong + unknown + binary).toBe(network?.counts.garbage);
  for (const count of [unparsable, wrong, unknown, binary]) expect(near(count, 0.025, clean.messages.length), `${count}`).toBe(true);
});

test("a bad network writes the same bytes for one seed and other bytes for another", () => {
  const rates = NETWORK_RATES.bad ?? NOTHING;
  const one = run(rates);
  expect(run(rates).text === one.text).toBe(true);
  expect(run(rates, 60_000, SEED + 1).text === one.text).toBe(false);
  // Windows decide nothing but the order of what arrives at the same millisecond.
  expect(sorted(run(rates, 1_800_000).text)).toEqual(sorted(one.text));
});

test("a delay holds what is not due, lets go what is, in the order of time, and passes on the rest", () => {
  const out: [number, string][] = [];
  const scratch = new Bytes(64);
  const sink: Sink = {
    connect: () => undefined,
    drop: () => undefined,
    begin: () => scratch,
    end: () => out.push([-1, scratch.toString()]),
    publish: (_lift, at, _channel, payload) => out.push([at, payload.toString()]),
    noise: () => undefined,
  };
  const delay = new Delay(sink, () => 100);
  const payload = new Bytes(8);
  const publish = (at: number, text: string): void => {
    payload.clear();
    payload.text(text);
    delay.publish(0, at, "speed", payload);
  };
  publish(100, "now");
  publish(300, "later");
  publish(200, "sooner");
  publish(300, "last");
  expect(out.splice(0)).toEqual([[100, "now"]]);
  delay.release(199);
  expect(out).toEqual([]);
  delay.release(200);
  expect(out.splice(0)).toEqual([[200, "sooner"]]);
  delay.release(Infinity);
  expect(out).toEqual([
    [300, "later"],
    [300, "last"],
  ]);
});
