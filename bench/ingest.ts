/**
 * The whole program under QoS 1 load, against what an engineer writes in an afternoon (bench/afternoon.ts), in the same run and
 * in turns. Both get the same readings from the same load generator, on a connection for each lift. Hoistway is compiled, with
 * journal, detection, store, feed and REST on; all programs share the machine with the load generator. Needs Linux, mosquitto
 * and `npm run build`.
 */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { WebSocket } from "ws";
import {
  cpuSeconds,
  machineCpuSeconds,
  startAfternoon,
  startHoistway,
  stolenCpuSeconds,
  writeFleet,
  type Contender,
} from "./contenders.ts";
import type { LoadResult, LoadRun } from "./load-fleet.ts";
import { against, percentile, type BenchRow } from "./row.ts";

export interface IngestOptions {
  /** Lifts in the register, and those of them that publish, each on a connection of its own. */
  readonly lifts: number;
  readonly connections: number;
  /** Publishes a second at which latency and CPU time are measured, in `rounds` turns of `seconds` each. */
  readonly rate: number;
  readonly rounds: number;
  readonly seconds: number;
  /** Publishes a second offered, ascending: the highest at which a program keeps up counts. */
  readonly ladder: readonly number[];
  readonly stepSeconds: number;
  readonly batch: number;
}

const CITY: IngestOptions = {
  lifts: 16_409,
  connections: 2_000,
  rate: 10_000,
  rounds: 3,
  seconds: 3,
  ladder: [20_000, 25_000, 30_000, 35_000, 40_000],
  stepSeconds: 2,
  batch: 20,
};
/** Publishes that a client has unacknowledged at most: a device has little memory, and a gateway sends whole arrays. */
const WINDOW = 16;
const WINDOW_OF_ARRAYS = 2;
/** A program keeps up when it judges so much of what is offered while it is offered. */
const KEEPS_UP = 0.97;
/** Readings that are judged before anything is measured, so that the code is compiled. */
const WARM_UP = { rate: 20_000, seconds: 2 };

/** One program, its load, and somebody who watches its feed. */
interface Side {
  readonly contender: Contender;
  run(run: LoadRun): Promise<Measured>;
  stop(): Promise<void>;
}

interface Measured {
  readonly load: LoadResult;
  /** Readings judged a second while they were offered. */
  readonly judgedPerS: number;
  readonly cpuSecondsPerMillion: number;
  /** From the publish of the reading that raises an alert to the alert at a client of the feed, ms. */
  readonly alertsMs: readonly number[];
  /** Readings that were acknowledged and are never judged. */
  readonly lost: number;
  /** CPU that neither the program nor its load took, and that the host took away, cores. */
  readonly othersCores: number;
  readonly stolenCores: number;
}

export async function benchIngest(options: IngestOptions = CITY): Promise<BenchRow[]> {
  const dir = mkdtempSync(join(tmpdir(), "hoistway-bench-ingest-"));
  const sides: Side[] = [];
  try {
    const fleet = join(dir, "fleet.csv");
    writeFleet(fleet, options.lifts);
    const ours = await startSide(await startHoistway(dir, fleet), options.connections);
    sides.push(ours);
    const script = await startSide(await startAfternoon(dir, fleet), options.connections);
    sides.push(script);
    return await compare(ours, script, options);
  } finally {
    for (const side of sides) await side.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function compare(ours: Side, script: Side, options: IngestOptions): Promise<BenchRow[]> {
  const { rate, rounds, seconds, ladder, stepSeconds, batch } = options;
  const at = `at ${rate.toLocaleString("en")} readings/s`;
  const single = { window: WINDOW, batch: 1, episodes: false };
  for (const side of [ours, script]) await side.run({ ...single, ...warmUp(options) });

  const measured: Measured[] = [];
  const run = async (side: Side, what: LoadRun): Promise<Measured> => {
    const result = await side.run(what);
    measured.push(result);
    return result;
  };
  const atRate = new Map<Side, Measured[]>([ours, script].map((side) => [side, []]));
  for (let round = 0; round < rounds; round++) {
    for (const side of [ours, script]) atRate.get(side)!.push(await run(side, { ...single, rate, seconds, episodes: true }));
  }
  const sustained = new Map<Side, number>([ours, script].map((side) => [side, 0]));
  const climbing = new Set([ours, script]);
  for (const step of ladder) {
    for (const side of climbing) {
      // Twice, because something else may want the machine for a moment.
      for (let attempt = 0; attempt < 2 && sustained.get(side)! < step * KEEPS_UP; attempt++) {
        const { judgedPerS } = await run(side, { ...single, rate: step, seconds: stepSeconds });
        if (judgedPerS >= step * KEEPS_UP) sustained.set(side, judgedPerS);
      }
      if (sustained.get(side)! < step * KEEPS_UP) climbing.delete(side);
    }
  }
  const freely: Measured[] = [];
  const arrays: Measured[] = [];
  for (const side of [ours, script]) freely.push(await run(side, { ...single, rate: 0, seconds: stepSeconds }));
  for (const side of [ours, script])
    arrays.push(await run(side, { rate: 0, seconds: stepSeconds, window: WINDOW_OF_ARRAYS, batch, episodes: false }));

  const row = (name: string, unit: string, value: number, baseline: number) =>
    against(`ingest: ${name}`, value, unit, { name: script.contender.name, value: baseline });
  const of = (side: Side, read: (measured: Measured) => number) => median(atRate.get(side)!.map(read));
  const both = (name: string, unit: string, read: (measured: Measured) => number) => row(name, unit, of(ours, read), of(script, read));
  const [freelyOurs, freelyScript] = freely as [Measured, Measured];
  const [arraysOurs, arraysScript] = arrays as [Measured, Measured];
  return [
    row("most at which it keeps up, a reading a publish and write", "readings/s", sustained.get(ours)!, sustained.get(script)!),
    row(
      `judged when clients send all they may, ${WINDOW} unacknowledged each`,
      "readings/s",
      freelyOurs.judgedPerS,
      freelyScript.judgedPerS,
    ),
    row("of these, acknowledged and never judged", "readings", freelyOurs.lost, freelyScript.lost),
    row(`judged in arrays of ${batch}`, "readings/s", arraysOurs.judgedPerS, arraysScript.judgedPerS),
    row(`of these, acknowledged and never judged`, "readings", arraysOurs.lost, arraysScript.lost),
    both(`CPU ${at}`, "s per million", ({ cpuSecondsPerMillion }) => cpuSecondsPerMillion),
    both(`PUBACK p50 ${at}`, "ms", ({ load }) => load.ackMs.p50 ?? Number.NaN),
    both(`PUBACK p99 ${at}`, "ms", ({ load }) => load.ackMs.p99 ?? Number.NaN),
    both(`publish → WebSocket p50 ${at}`, "ms", ({ alertsMs }) => percentile(alertsMs, 0.5) ?? Number.NaN),
    both(`publish → WebSocket p99 ${at}`, "ms", ({ alertsMs }) => percentile(alertsMs, 0.99) ?? Number.NaN),
    {
      name: "ingest: CPU that neither the programs nor the load took",
      value: median(measured.map(({ othersCores }) => othersCores)),
      unit: "cores",
    },
    both(`CPU that the host took away meanwhile ${at}`, "cores", ({ stolenCores }) => stolenCores),
  ];
}

async function startSide(contender: Contender, connections: number): Promise<Side> {
  const load = await startLoad(contender.mqttPort, connections);
  const watch = await watchFeed(contender.feedUrl);
  return {
    contender,
    async run(run) {
      const seenBefore = await contender.seen();
      const cpuBefore = cpuSeconds(contender.pids);
      const machineBefore = machineCpuSeconds();
      const stolenBefore = stolenCpuSeconds();
      watch.alertsMs.length = 0;
      const beganMs = performance.now();
      const done = load.run(run);
      await new Promise((resolve) => setTimeout(resolve, run.seconds * 1_000));
      const judged = (await contender.seen()) - seenBefore;
      const tookMs = performance.now() - beganMs;
      const cpu = cpuSeconds(contender.pids) - cpuBefore;
      const machine = machineCpuSeconds() - machineBefore;
      const stolen = stolenCpuSeconds() - stolenBefore;
      const result = await done;
      if (result.failedConnections > 0) throw new Error(`${contender.name}: ${result.failedConnections} connections failed`);
      const judgedInAll = (await settled(contender)) - seenBefore;
      return {
        load: result,
        judgedPerS: Math.round((judged * 1_000) / tookMs),
        cpuSecondsPerMillion: (cpu * 1e6) / Math.max(1, judged),
        alertsMs: watch.alertsMs.toSorted((a, b) => a - b),
        lost: result.acknowledged * run.batch - judgedInAll,
        othersCores: Math.max(0, machine - cpu - result.cpuSeconds) / (tookMs / 1_000),
        stolenCores: stolen / (tookMs / 1_000),
      };
    },
    async stop() {
      watch.close();
      load.stop();
      await contender.stop();
    },
  };
}

/** The load of bench/load.ts in a process of its own, signed in. */
export async function startLoad(port: number, connections: number) {
  const args = ["--port", String(port), "--connections", String(connections)];
  const child = fork(join(import.meta.dirname, "load.ts"), args, { execArgv: ["--import", "tsx"] });
  await once(child, "message");
  return {
    async run(run: LoadRun): Promise<LoadResult> {
      const answer = once(child, "message");
      child.send(run);
      return ((await answer) as [LoadResult])[0];
    },
    stop: () => child.disconnect(),
  };
}

/** Waits until a program has worked off what it has; gives what it has seen. */
async function settled(contender: Contender): Promise<number> {
  for (let seen = await contender.seen(); ;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    const now = await contender.seen();
    if (now === seen && (await contender.pending()) === 0) return now;
    seen = now;
  }
}

/** Alerts are raised at the device time of a reading, which the load sets to its clock at the publish. */
async function watchFeed(url: string) {
  const alertsMs: number[] = [];
  const socket = new WebSocket(url);
  socket.on("message", (data: Buffer) => {
    const now = Date.now();
    const frame = JSON.parse(data.toString()) as { type: string; change?: string; alert?: { hazard: string; raisedAt: number } };
    if (frame.change === "raised" && frame.alert?.hazard === "overspeed") alertsMs.push(now - frame.alert.raisedAt);
  });
  await once(socket, "open");
  return { alertsMs, close: () => socket.terminate() };
}

/** No more than is measured later. */
function warmUp({ ladder, stepSeconds }: IngestOptions) {
  return { rate: Math.min(WARM_UP.rate, ladder.at(-1) ?? 0), seconds: Math.min(WARM_UP.seconds, stepSeconds) };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
