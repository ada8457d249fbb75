/**
 * A run of the program with one death after another, under load, with an operator and a feed client at it; what each of
 * them was told is remembered.
 */
import { vi } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { FeedClient } from "./feed.ts";
import { OutsidePublisher, type Sums } from "./outside.ts";
import { alertsOf, restClient, type Rest } from "./rest.ts";
import { freePort, PATIENCE, serveArguments, type Site, Spawned, stored } from "./run.ts";

export interface KillRunOptions {
  readonly kills: number;
  readonly lifts: number;
  /** In [0, 1), seeded. */
  readonly random: () => number;
  /** Further flags of `serve`. */
  readonly flags?: readonly string[];
}

export interface KillRun extends Sums {
  readonly ports: { readonly mqttPort: number; readonly httpPort: number };
  readonly journalId: string;
  /** Device time of every lift's reading 0. */
  readonly startAt: number;
  /** Alerts whose acknowledgement was answered with 200. */
  readonly acts: readonly string[];
  /** Frames of all changes that the feed client received, over all its connections. */
  readonly heard: readonly string[];
  readonly resyncs: readonly string[];
  readonly feedConnects: number;
  readonly summary: string;
}

const GATEWAYS = 6;
/** A start takes about this long here, so a kill within it may come before, while or after it recovers. */
const START_MS = 1_500;
const BACKLOG_MS = 12 * 3_600_000;
const READINGS_A_LIFE = 1_000;

export async function killRun(site: Site, { kills, lifts, random, flags = [] }: KillRunOptions): Promise<KillRun> {
  const began = performance.now();
  const ports = { mqttPort: await freePort(), httpPort: await freePort() };
  const rest = restClient(`http://127.0.0.1:${ports.httpPort}`, null);
  const spawnProgram = () => new Spawned(serveArguments(site, { ...ports, flags }));
  const acts: string[] = [];
  const problems: string[] = [];
  let early = 0;

  /** It must not have ended by itself before. */
  async function kill(program: Spawned): Promise<void> {
    const exit = await program.kill("SIGKILL");
    if (exit.signal !== "SIGKILL") problems.push(`ended with ${JSON.stringify(exit)}: ${program.stderr}`);
  }
  /** Kills it at some moment of its start. */
  async function killEarly(): Promise<void> {
    await using program = spawnProgram();
    early += 1;
    setTimeout(() => void kill(program), random() * START_MS);
    await program.exited;
  }

  // The first death is among the files of a first start.
  await killEarly();
  let program = spawnProgram();
  try {
    await ready(program);
    using feed = new FeedClient(rest, { reconnect: true });
    await feed.greeted();
    const startAt = Date.now() - BACKLOG_MS;
    using publisher = new OutsidePublisher(ports.mqttPort, lifts, GATEWAYS, startAt);
    for (let count = 1; count < kills;) {
      await publisher.more(Math.ceil(random() * READINGS_A_LIFE));
      acts.push(...(await acknowledgeOne(rest)));
      const spins = Math.floor(random() * 200);
      await new Promise<void>((resolve) => spin(spins, resolve));
      await kill(program);
      count += 1;
      if (count < kills && random() < 0.3) {
        await killEarly();
        count += 1;
      }
      program = spawnProgram();
      await ready(program);
    }
    await publisher.more(100);
    const sums = await publisher.stop();
    await stored(rest);
    using newest = new FeedClient(rest);
    await newest.greeted();
    await vi.waitFor(() => {
      if (feed.newest < newest.newest) throw new Error(`the feed client is at ${feed.newest} of ${newest.newest}`);
    }, PATIENCE);
    const exit = await program.kill("SIGTERM");
    if (exit.code !== 0) problems.push(`SIGTERM: ${JSON.stringify(exit)}: ${program.stderr}`);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    const seconds = ((performance.now() - began) / 1_000).toFixed(0);
    const total = Object.values(sums.acknowledged).reduce((sum, some) => sum + some, 0);
    return {
      ...sums,
      ports,
      journalId: (newest.cursor ?? "").split(":")[0] ?? "",
      startAt,
      acts,
      heard: feed.lines,
      resyncs: feed.resyncs,
      feedConnects: feed.connects,
      summary: `${kills} kills (${early} while starting), ${total} acknowledged readings, ${sums.connects} MQTT connections, ${acts.length} acts in ${seconds} s`,
    };
  } finally {
    await program[Symbol.asyncDispose]();
  }
}

async function ready(program: Spawned): Promise<void> {
  if ((await program.ready()) === null) throw new Error(`it ended by itself: ${program.stderr}`);
}

/** So many turns of the event loop, so that a kill comes at no tidy moment. */
function spin(left: number, done: () => void): void {
  if (left === 0) done();
  else setImmediate(() => spin(left - 1, done));
}

/** An operator acknowledges an alert that nobody has; gives its id when they were told that it is done. */
async function acknowledgeOne(rest: Rest): Promise<string[]> {
  const waiting = (await alertsOf(rest)).find((alert: Alert) => !alert.acknowledged && alert.hazard === "entrapment");
  if (waiting === undefined) return [];
  const { status } = await rest.post(`/api/alerts/${waiting.id}/acknowledge`, { note: "seen" });
  return status === 200 ? [waiting.id] : [];
}
