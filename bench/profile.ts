/**
 * Where the main thread's time goes while the whole program takes readings at QoS 1: V8's sampling profiler over the time of the
 * load alone, its samples summed by area, and the kernel's own count of the thread's CPU time beside it. What the event loop
 * itself does (reading sockets, polling) is idle time to the profiler. On a machine of its own it is the difference of the two;
 * where other programs want the cores, the profile holds time in which the thread waited for one.
 */
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startHoistway, threadCpuSeconds, writeFleet } from "./contenders.ts";
import { startLoad } from "./ingest.ts";
import type { BenchRow } from "./row.ts";

export interface ProfileOptions {
  readonly lifts: number;
  readonly connections: number;
  /** Publishes a second. */
  readonly rate: number;
  readonly seconds: number;
}

const CITY: ProfileOptions = { lifts: 16_409, connections: 2_000, rate: 30_000, seconds: 6 };
const WARM_UP_SECONDS = 3;
const SAMPLE_EVERY_US = 500;

interface CallFrame {
  readonly functionName: string;
  readonly url: string;
}

/** The parts of a .cpuprofile that are read. Times are µs of the monotonic clock. */
interface CpuProfile {
  readonly startTime: number;
  readonly nodes: readonly { readonly id: number; readonly callFrame: CallFrame }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
}

type Area = readonly [name: string, is: (frame: CallFrame) => boolean];

const inSource = (...folders: string[]) => {
  const places = folders.map((folder) => `/dist/src/${folder}`);
  return ({ url }: CallFrame) => places.some((place) => url.includes(place));
};

/** The first that fits. Built-ins count with the function that calls them. */
const AREAS: readonly Area[] = [
  ["garbage collection", ({ functionName }) => functionName === "(garbage collector)"],
  ["socket writes", ({ functionName }) => /^write(v|Buffer|Utf8String|Latin1String)$/.test(functionName)],
  ["JSON.parse", ({ functionName }) => functionName === "decodePayload"],
  ["zod", ({ functionName, url }) => functionName === "decodeReading" || url.includes("/zod/") || (url === "" && functionName === "")],
  ["fold", inSource("core/")],
  ["MQTT: packets, acknowledgements", inSource("ingress/")],
  ["journal: encoding, groups, entries", inSource("journal/", "recovery.js")],
  ["store: gathering and packing", inSource("store/")],
  ["feed and REST", inSource("feed/", "api/")],
  ["the rest of src", inSource("")],
  ["node: buffers", ({ functionName, url }) => url === "node:buffer" || /(Slice|Write|isUtf8)$/.test(functionName)],
  ["node: sockets, streams, events, timers", ({ url }) => url.startsWith("node:")],
  ["the rest", () => true],
];

export async function benchProfile(options: ProfileOptions = CITY): Promise<BenchRow[]> {
  const { lifts, connections, rate, seconds } = options;
  const dir = mkdtempSync(join(tmpdir(), "hoistway-bench-profile-"));
  try {
    const fleet = join(dir, "fleet.csv");
    writeFleet(fleet, lifts);
    const flags = ["--cpu-prof", `--cpu-prof-dir=${dir}`, `--cpu-prof-interval=${SAMPLE_EVERY_US}`];
    const hoistway = await startHoistway(dir, fleet, flags);
    const pid = hoistway.pids[0]!;
    const load = await startLoad(hoistway.mqttPort, connections);
    const run = { rate, window: 16, batch: 1, episodes: false };
    await load.run({ ...run, seconds: Math.min(WARM_UP_SECONDS, seconds) });
    const before = threadCpuSeconds(pid);
    const seenBefore = await hoistway.seen();
    const fromUs = monotonicUs();
    await load.run({ ...run, seconds });
    const untilUs = monotonicUs();
    const readings = (await hoistway.seen()) - seenBefore;
    const after = threadCpuSeconds(pid);
    load.stop();
    await hoistway.stop();
    const tookS = (untilUs - fromUs) / 1e6;
    const spent = after.map(([tid, cpu]) => cpu - (before.find(([known]) => known === tid)?.[1] ?? 0));
    const [mainS = 0, ...othersS] = spent;
    const areas = areasOf(mainProfile(dir), fromUs, untilUs);
    const profiledS = [...areas.values()].reduce((sum, each) => sum + each, 0);
    const perReading = (s: number) => (s * 1e6) / readings;
    return [
      { name: "profile: readings judged", value: readings / tookS, unit: "readings/s" },
      { name: "profile: main thread, CPU", value: perReading(mainS), unit: "µs a reading" },
      { name: "profile: all other threads, CPU", value: perReading(othersS.reduce((sum, each) => sum + each, 0)), unit: "µs a reading" },
      { name: "profile: main thread, in the profile", value: perReading(profiledS), unit: "µs a reading" },
      ...[...areas]
        .toSorted(([, a], [, b]) => b - a)
        .map(([name, s]) => ({ name: `profile: … of which ${name}`, value: (100 * s) / profiledS, unit: "%" })),
    ];
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** V8 and `process.hrtime` read the same clock on Linux. */
function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1_000n);
}

/** Profiles are named CPU.{date}.{time}.{pid}.{thread}.{number}.cpuprofile; thread 0 is the main one. */
function mainProfile(dir: string): CpuProfile {
  const name = readdirSync(dir).find((file) => /^CPU\..*\.0\.\d+\.cpuprofile$/.test(file));
  if (name === undefined) throw new Error(`no profile of the main thread in ${dir}`);
  return JSON.parse(readFileSync(join(dir, name), "utf8")) as CpuProfile;
}

/** Seconds of each area from `fromUs` to `untilUs`, without idle time. */
function areasOf({ startTime, nodes, samples, timeDeltas }: CpuProfile, fromUs: number, untilUs: number): Map<string, number> {
  const areaOfNode = new Map(
    nodes.map(({ id, callFrame }) => [id, callFrame.functionName === "(idle)" ? null : AREAS.find(([, is]) => is(callFrame))![0]]),
  );
  const seconds = new Map<string, number>(AREAS.map(([name]) => [name, 0]));
  let atUs = startTime;
  for (const [index, node] of samples.entries()) {
    atUs += timeDeltas[index]!;
    const area = areaOfNode.get(node);
    if (area == null || atUs < fromUs || atUs > untilUs) continue;
    seconds.set(area, seconds.get(area)! + timeDeltas[index]! / 1e6);
  }
  return seconds;
}
