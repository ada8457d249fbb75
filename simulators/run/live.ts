/** A live run: the stream of a fleet, paced by the clock, published over MQTT. */
import type { LiftRecord } from "../../src/core/lift.ts";
import { LIMITS } from "../../src/config.ts";
import { OperationalError } from "../../src/errors.ts";
import type { DevicePlan } from "../device/kind.ts";
import type { Scenario } from "../faults/director.ts";
import { carriersOf } from "./carriers.ts";
import { Delay } from "./delay.ts";
import { openRunFile } from "./file.ts";
import { NETWORK_RATES, Network } from "./network.ts";
import type { NetworkName } from "./network.ts";
import type { Progress } from "../../src/verbs/progress.ts";
import { Publisher } from "./publish.ts";
import type { PublisherStats } from "./publish.ts";
import { Random } from "../random.ts";
import { FleetStream } from "./stream.ts";
import { truthLine } from "../faults/truth.ts";

export interface LiveOptions {
  readonly broker: string;
  readonly lifts: readonly LiftRecord[];
  readonly gateways: boolean;
  readonly credentials: ReadonlyMap<string, string> | null;
  readonly seed: number;
  readonly scenario: Scenario;
  readonly devices: DevicePlan;
  readonly network: NetworkName;
  /** Simulated seconds in a second. Simulated time starts at the wall's and is stamped on the readings. */
  readonly speed: number;
  /** Simulated length, ms; null goes on until it is stopped. */
  readonly durationMs: number | null;
  readonly truth: string | null;
  readonly progress: Progress;
  readonly onAllConnected: (stats: PublisherStats) => void;
}

export interface LiveRun {
  /** Ends it in good order; `done` then resolves. */
  stop(): void;
  /** Rejects with an OperationalError when the broker refuses the credentials or is never reached, or with the system's error of the truth file. */
  readonly done: Promise<PublisherStats>;
}

/** The longest nap between two looks at the clock, ms. */
const NAP_MS = 20;

export function startLive(options: LiveOptions): LiveRun {
  const wake = { stop: (): void => undefined };
  const stopping = new Promise<void>((resolve) => (wake.stop = resolve));
  return { stop: () => wake.stop(), done: run(options, stopping) };
}

async function run(options: LiveOptions, stopping: Promise<void>): Promise<PublisherStats> {
  const { lifts, speed, durationMs, progress } = options;
  const carriers = carriersOf(lifts, options.gateways);
  const truthFile = options.truth === null ? null : await openRunFile(options.truth);
  const startAt = Date.now();
  const began = performance.now();
  const endAt = durationMs === null ? Number.POSITIVE_INFINITY : startAt + durationMs;
  const now = (): number => Math.min(endAt, startAt + Math.floor((performance.now() - began) * speed));
  const state: { stopped: boolean; failure: Error | null; napping: (() => void) | null } = { stopped: false, failure: null, napping: null };
  const stop = (failure: Error | null): void => {
    state.stopped = true;
    state.failure ??= failure;
    state.napping?.();
  };
  void stopping.then(() => stop(null));

  const publisher: Publisher = new Publisher({
    broker: options.broker,
    liftIds: lifts.map((lift) => lift.liftId),
    carriers,
    credentials: options.credentials,
    random: Random.seeded(options.seed).split("publisher", startAt),
    now,
    will: (lift, at) => stream.will(lift, at),
    announce: (lift, at) => stream.announce(lift, at),
    onAllConnected: () => options.onAllConnected(publisher.stats),
    onRefused: (carrier, reason) =>
      stop(new OperationalError("broker-refused", `the broker refuses ${carrier}: ${reason}; give its token with --credentials FILE`)),
    onExhausted: (reason) => stop(new OperationalError("too-many-connections", exhausted(reason, carriers.length))),
  });
  const rates = NETWORK_RATES[options.network];
  const delay = new Delay(publisher, now);
  const liftIds = lifts.map((lift) => lift.liftId);
  const stream: FleetStream = new FleetStream({
    lifts,
    seed: options.seed,
    scenario: options.scenario,
    startAt,
    // The ramp is for the broker's sake, so it is long in real time at any speed.
    rampMs: Math.round(Math.max(1_000, (carriers.length * 1_000) / LIMITS.simulator.connectPerSecond) * speed),
    sink: rates === null ? publisher : new Network(delay, rates, liftIds, Random.seeded(options.seed)),
    devices: options.devices,
    ...(rates === null ? {} : { links: { carriers, rates: rates.outages } }),
    truth: (window) => void truthFile?.write(Buffer.from(`${truthLine(window)}\n`)).catch((error: Error) => stop(error)),
  });

  const pace = { readings: 0, at: began };
  for (let at = now(); !state.stopped; at = now()) {
    const idle = stream.run(at, LIMITS.simulator.sliceEvents);
    delay.release(at);
    progress.show(durationMs === null ? null : (at - startAt) / durationMs, () => progressText(publisher.stats, carriers.length, pace));
    if (idle && at >= endAt) break;
    // A late stream gives way to its sockets and goes on at once; one in time sleeps until something is due.
    const napMs = idle ? Math.min(NAP_MS, Math.max(1, (stream.nextAt - at) / speed)) : 0;
    await new Promise<void>((resolve) => {
      state.napping = resolve;
      if (napMs === 0) setImmediate(resolve);
      else setTimeout(resolve, napMs);
    });
  }
  stream.close(now());
  delay.release(Number.POSITIVE_INFINITY);
  await publisher.close();
  await truthFile?.close();
  if (state.failure !== null) throw state.failure;
  const missing = carriers.length - publisher.everConnected;
  if (!state.stopped && missing > 0) {
    throw new OperationalError("broker-unreachable", `${missing} of ${carriers.length} connections to ${options.broker} never came up`);
  }
  return publisher.stats;
}

/** Files that a Node process has open besides its connections, with room to spare. */
const OTHER_FILES = 200;

function exhausted(reason: string, connections: number): string {
  return `no room for ${connections} connections (${reason}); allow this process more files with "ulimit -n ${connections + OTHER_FILES}", and the broker too, or use --gateways`;
}

/** @param pace what had been sent when this was last said, and when (ms); moves on. */
function progressText(stats: PublisherStats, carriers: number, pace: { readings: number; at: number }): string {
  const at = performance.now();
  const rate = Math.round(((stats.readings - pace.readings) * 1_000) / Math.max(1, at - pace.at));
  pace.readings = stats.readings;
  pace.at = at;
  const waiting = stats.waiting + stats.inFlight;
  const trouble = stats.lastError === null ? "" : ` · ${stats.lastError}`;
  return `${stats.connected}/${carriers} connected · ${stats.readings} readings · ${rate}/s · ${waiting} waiting${trouble}`;
}
