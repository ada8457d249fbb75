/** The connections of the load: one lift each, publishing at QoS 1 at a rate or as fast as acknowledgements come. */
import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";
import { connectPacket, FIRST_SEQ, stamp, tripPackets, type TripPackets } from "./load-packets.ts";
import { percentile } from "./row.ts";
import { TRIP_READINGS } from "./trip.ts";

export interface LoadOptions {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  readonly liftPrefix: string;
  readonly user?: string | undefined;
  readonly token?: string | undefined;
}

export interface LoadRun {
  /** Publishes a second over all connections; 0 for as many as the window allows. */
  readonly rate: number;
  readonly seconds: number;
  /** Publishes of one connection that may be unacknowledged, at most MOST_WINDOW. */
  readonly window: number;
  /** Readings in each publish. */
  readonly batch: number;
  /** One lift in four is too fast once a trip. */
  readonly episodes: boolean;
}

export interface LoadResult extends LoadRun {
  readonly connections: number;
  readonly sent: number;
  /** With those that came after the end, of publishes of this run. */
  readonly acknowledged: number;
  readonly failedConnections: number;
  /** Over `tookS`. */
  readonly acknowledgedPerSecond: number;
  readonly readingsPerSecond: number;
  readonly tookS: number;
  readonly ackMs: { readonly p50: number | null; readonly p99: number | null; readonly max: number | null };
  /** What the load itself took while it sent. */
  readonly cpuSeconds: number;
}

export interface Load {
  /** Runs one after another; resolves when everything was acknowledged, or 10 s after the end. */
  run(run: LoadRun): Promise<LoadResult>;
  close(): void;
}

const PUBACK = 0x40;
const CONNECTING_AT_ONCE = 200;
const EPISODE_EVERY = 4;
const LAST_ANSWERS_MS = 10_000;
export const MOST_WINDOW = 256;
/** Between steps of a paced run, ms. */
const STEP_MS = 2;

interface Lift {
  readonly liftId: string;
  readonly socket: Socket;
  readonly hasEpisodes: boolean;
  packets: TripPackets;
  phase: number;
  seq: number;
  packetId: number;
  unacknowledged: number;
  /** When the publishes still unacknowledged were sent, ms; a ring of MOST_WINDOW. */
  readonly sentAtMs: Float64Array;
  firstSent: number;
  /** Bytes of an acknowledgement cut in two by the network. */
  skip: number;
}

/** Opens the connections, some at a time, and resolves when all are signed in. */
export async function openLoad(options: LoadOptions): Promise<Load> {
  const fleet = new LoadFleet(options);
  await fleet.open();
  return fleet;
}

class LoadFleet implements Load {
  readonly #options: LoadOptions;
  readonly #boot = randomBytes(4).toString("hex");
  readonly #lifts: Lift[] = [];
  #run: LoadRun = { rate: 0, seconds: 0, window: 1, batch: 1, episodes: false };
  #running = false;
  #closing = false;
  #sent = 0;
  #acknowledged = 0;
  #failed = 0;
  #latenciesMs: number[] = [];

  constructor(options: LoadOptions) {
    this.#options = options;
  }

  async open(): Promise<void> {
    const { connections } = this.#options;
    while (this.#lifts.length < connections) {
      const first = this.#lifts.length;
      const indexes = Array.from({ length: Math.min(CONNECTING_AT_ONCE, connections - first) }, (_, step) => first + step);
      this.#lifts.push(...(await Promise.all(indexes.map((index) => this.#connect(index)))));
    }
  }

  async run(run: LoadRun): Promise<LoadResult> {
    if (run.batch !== this.#run.batch) {
      for (const lift of this.#lifts) lift.packets = tripPackets(lift.liftId, this.#boot, run.batch);
    }
    this.#run = run;
    this.#sent = 0;
    this.#acknowledged = 0;
    this.#latenciesMs = [];
    const cpuBefore = process.cpuUsage();
    const beganMs = performance.now();
    this.#running = true;
    const pacing = run.rate === 0 ? null : this.#pace(beganMs);
    if (run.rate === 0) for (const lift of this.#lifts) this.#fill(lift);
    await new Promise((resolve) => setTimeout(resolve, run.seconds * 1_000));
    this.#running = false;
    if (pacing !== null) clearInterval(pacing);
    const tookS = (performance.now() - beganMs) / 1_000;
    const inTime = this.#acknowledged;
    const cpu = process.cpuUsage(cpuBefore);
    const deadlineMs = performance.now() + LAST_ANSWERS_MS;
    while (this.#acknowledged < this.#sent && performance.now() < deadlineMs) await new Promise((resolve) => setTimeout(resolve, 5));
    const latencies = this.#latenciesMs.sort((a, b) => a - b);
    const ackMs = { p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), max: percentile(latencies, 1) };
    return {
      ...run,
      connections: this.#lifts.length,
      sent: this.#sent,
      acknowledged: this.#acknowledged,
      failedConnections: this.#failed,
      acknowledgedPerSecond: Math.round(inTime / tookS),
      readingsPerSecond: Math.round((inTime * run.batch) / tookS),
      tookS,
      ackMs,
      cpuSeconds: (cpu.user + cpu.system) / 1e6,
    };
  }

  close(): void {
    this.#closing = true;
    for (const lift of this.#lifts) lift.socket.destroy();
  }

  #connect(index: number): Promise<Lift> {
    const { host, port, liftPrefix, user, token } = this.#options;
    const liftId = `${liftPrefix}${String(index).padStart(5, "0")}`;
    return new Promise((resolve, reject) => {
      const socket = connect({ host, port, noDelay: true });
      const lift: Lift = {
        liftId,
        socket,
        hasEpisodes: index % EPISODE_EVERY === 0,
        packets: tripPackets(liftId, this.#boot, this.#run.batch),
        // All phases of a trip at once, as in a city.
        phase: index % TRIP_READINGS,
        seq: FIRST_SEQ,
        packetId: 0,
        unacknowledged: 0,
        sentAtMs: new Float64Array(MOST_WINDOW),
        firstSent: 0,
        skip: 0,
      };
      socket.once("error", reject);
      socket.once("connect", () =>
        socket.write(connectPacket(`load-${liftId}`, user?.replaceAll("{lift}", liftId), token?.replaceAll("{lift}", liftId))),
      );
      socket.once("data", (connack: Buffer) => {
        if (connack[0] !== 0x20 || connack[3] !== 0) {
          reject(new Error(`${liftId}: CONNACK ${connack.toString("hex")}; expected 20020000`));
          return;
        }
        socket.removeListener("error", reject);
        socket.on("error", () => {});
        socket.on("close", () => {
          if (!this.#closing) this.#failed++;
        });
        socket.on("data", (chunk: Buffer) => this.#onAnswers(lift, chunk));
        resolve(lift);
      });
    });
  }

  /** Publishes at the rate, in steps of a few ms, round the lifts; a lift at its window is passed over and its turn is lost. */
  #pace(beganMs: number): NodeJS.Timeout {
    let given = 0;
    let next = 0;
    return setInterval(() => {
      const due = Math.floor(((performance.now() - beganMs) / 1_000) * this.#run.rate);
      for (; given < due; given++) {
        const lift = this.#lifts[next]!;
        next = next + 1 === this.#lifts.length ? 0 : next + 1;
        if (lift.unacknowledged < this.#run.window) this.#publish(lift, 1);
      }
    }, STEP_MS);
  }

  #fill(lift: Lift): void {
    const { window } = this.#run;
    const free = window - lift.unacknowledged;
    // Waiting for half of the window keeps several publishes in one write, as a busy gateway does.
    if (this.#running && free * 2 >= window) this.#publish(lift, free);
  }

  #publish(lift: Lift, times: number): void {
    const packets = this.#run.episodes && lift.hasEpisodes ? lift.packets.episode : lift.packets.usual;
    const at = Date.now();
    const nowMs = performance.now();
    const parts: Buffer[] = [];
    for (let time = 0; time < times; time++) {
      const packet = packets[lift.phase % packets.length]!;
      lift.phase = lift.phase + 1 === TRIP_READINGS ? 0 : lift.phase + 1;
      lift.packetId = lift.packetId === 65_535 ? 1 : lift.packetId + 1;
      stamp(packet, lift.packetId, at, lift.seq);
      lift.seq += this.#run.batch;
      // A copy: the same packet comes again in the next trip, perhaps before this one has left.
      parts.push(Buffer.from(packet.bytes));
      lift.sentAtMs[(lift.firstSent + lift.unacknowledged++) % MOST_WINDOW] = nowMs;
    }
    this.#sent += times;
    lift.socket.write(times === 1 ? parts[0]! : Buffer.concat(parts));
  }

  /** Answers to publishes are PUBACKs of four bytes, in order; nothing else is expected. */
  #onAnswers(lift: Lift, chunk: Buffer): void {
    const nowMs = performance.now();
    let at = lift.skip;
    for (; at < chunk.length; at += 4) {
      if (chunk[at] !== PUBACK) {
        lift.socket.destroy();
        return;
      }
      this.#acknowledged++;
      lift.unacknowledged--;
      // One in sixteen is enough for a percentile, and sorting is not measured.
      if ((this.#acknowledged & 15) === 0) this.#latenciesMs.push(nowMs - lift.sentAtMs[lift.firstSent]!);
      lift.firstSent = lift.firstSent + 1 === MOST_WINDOW ? 0 : lift.firstSent + 1;
    }
    lift.skip = at - chunk.length;
    if (this.#run.rate === 0) this.#fill(lift);
  }
}
