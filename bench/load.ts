/**
 * A fleet of raw sockets that publishes valid readings at QoS 1 and counts the acknowledgements. It costs a fraction of what an
 * MQTT client costs, so that the broker beside it is what is measured: frames are built once, and their digits patched in place.
 *
 *   tsx bench/load.ts --port P [--host H] [--connections N] [--rate R] [--seconds S] [--window W] [--batch B]
 *                     [--lift-prefix BENCH] [--user U] [--token T] [--seed K]
 *
 * Each connection is one lift, `{lift-prefix}{index from 00000}`, and sends `speed` readings whose `seq` grows by one. `--user` and
 * `--token` sign every connection in; `{lift}` within them stands for the lift's id. `--rate` is publishes a second over all
 * connections, 0 for as fast as `--window` publishes unacknowledged per connection allow. `--batch` puts that many readings into
 * each publish, as an array. The result is one line of JSON on stdout, and exit code 1 when a connection failed.
 */
import { connect } from "node:net";
import type { Socket } from "node:net";
import { parseArgs } from "node:util";

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "1883" },
    connections: { type: "string", default: "2000" },
    rate: { type: "string", default: "0" },
    seconds: { type: "string", default: "10" },
    window: { type: "string", default: "16" },
    batch: { type: "string", default: "1" },
    "lift-prefix": { type: "string", default: "BENCH" },
    user: { type: "string" },
    token: { type: "string" },
    seed: { type: "string", default: "1" },
  },
});
const connections = count("connections", 1);
const rate = count("rate", 0);
const seconds = count("seconds", 1);
const window = count("window", 1);
const batch = count("batch", 1);
const seed = count("seed", 0);

const AT_DIGITS = 13;
const SEQ_DIGITS = 9;
/** A first digit of 1 keeps the patched numbers valid JSON: no leading zero. */
const FIRST_SEQ = 10 ** (SEQ_DIGITS - 1);
const PUBACK = 0x40;
const PUBLISH_QOS_1 = 0x32;

/** One lift, its frame, and what it waits for. */
interface Lift {
  readonly socket: Socket;
  readonly frame: Buffer;
  readonly packetIdAt: number;
  /** Offsets of the digits of each reading's `at` and `seq`. */
  readonly atAt: readonly number[];
  readonly seqAt: readonly number[];
  seq: number;
  packetId: number;
  unacknowledged: number;
  /** When the oldest publishes still unacknowledged were sent, ms; a ring as large as the window. */
  readonly sentAtMs: Float64Array;
  firstSent: number;
  /** Bytes of an acknowledgement cut in two by the network. */
  skip: number;
}

const random = mulberry32(seed);
const latenciesMs: number[] = [];
let sent = 0;
let acknowledged = 0;
let failed = 0;
let running = false;
let ending = false;

const lifts = await openAll();
const cpuBefore = process.cpuUsage();
const beganMs = performance.now();
running = true;
if (rate === 0) for (const lift of lifts) fill(lift);
else pace();
setTimeout(finish, seconds * 1000);

/** Opens the connections, 200 at a time, and resolves when all are signed in. */
async function openAll(): Promise<Lift[]> {
  const opened: Lift[] = [];
  while (opened.length < connections) {
    const indexes = Array.from({ length: Math.min(200, connections - opened.length) }, (_, step) => opened.length + step);
    opened.push(...(await Promise.all(indexes.map((index) => open(index)))));
  }
  return opened;
}

function open(index: number): Promise<Lift> {
  const liftId = `${values["lift-prefix"]}${String(index).padStart(5, "0")}`;
  return new Promise((resolve, reject) => {
    const socket = connect({ host: values.host, port: Number(values.port), noDelay: true });
    const lift = buildLift(liftId, socket);
    socket.once("error", reject);
    socket.once("connect", () => socket.write(connectPacket(liftId)));
    socket.once("data", (connack: Buffer) => {
      if (connack[0] !== 0x20 || connack[3] !== 0) {
        reject(new Error(`${liftId}: CONNACK ${connack.toString("hex")}; expected 20020000`));
        return;
      }
      socket.removeListener("error", reject);
      socket.on("error", () => {});
      socket.on("close", () => {
        if (!ending) failed++;
      });
      socket.on("data", (chunk: Buffer) => onAnswers(lift, chunk));
      resolve(lift);
    });
  });
}

function connectPacket(liftId: string): Buffer {
  const user = values.user?.replaceAll("{lift}", liftId);
  const token = values.token?.replaceAll("{lift}", liftId);
  const flags = 0x02 | (user === undefined ? 0 : 0x80) | (token === undefined ? 0 : 0x40);
  const body = Buffer.concat([
    text("MQTT"),
    Buffer.from([4, flags, 0, 0]),
    text(`load-${liftId}`),
    ...(user === undefined ? [] : [text(user)]),
    ...(token === undefined ? [] : [text(token)]),
  ]);
  return Buffer.concat([Buffer.from([0x10]), remainingLength(body.length), body]);
}

function buildLift(liftId: string, socket: Socket): Lift {
  const at = "1".padEnd(AT_DIGITS, "0");
  const reading = (): string =>
    `{"at":${at},"seq":${FIRST_SEQ},"speedMps":${(random() * 1.5).toFixed(2)},"floor":${1 + Math.floor(random() * 18)},` +
    `"positionM":${(random() * 50).toFixed(1)},"doorZone":false}`;
  const readings = Array.from({ length: batch }, reading);
  const payload = batch === 1 ? readings[0]! : `[${readings.join(",")}]`;
  const topic = text(`lifts/${liftId}/speed`);
  const header = Buffer.concat([Buffer.from([PUBLISH_QOS_1]), remainingLength(topic.length + 2 + payload.length)]);
  const frame = Buffer.concat([header, topic, Buffer.from([0, 0]), Buffer.from(payload)]);
  const packetIdAt = header.length + topic.length;
  const offsetsOf = (field: string): number[] =>
    [...payload.matchAll(new RegExp(`"${field}":`, "g"))].map((match) => packetIdAt + 2 + match.index + match[0].length);
  return {
    socket,
    frame,
    packetIdAt,
    atAt: offsetsOf("at"),
    seqAt: offsetsOf("seq"),
    seq: FIRST_SEQ,
    packetId: 0,
    unacknowledged: 0,
    sentAtMs: new Float64Array(window),
    firstSent: 0,
    skip: 0,
  };
}

/** Publishes at the rate, in steps of a few ms, round the lifts; a lift at its window is passed over and its turn is lost. */
function pace(): void {
  let given = 0;
  let next = 0;
  const timer = setInterval(() => {
    if (!running) return clearInterval(timer);
    const due = Math.floor(((performance.now() - beganMs) / 1000) * rate);
    for (; given < due; given++) {
      const lift = lifts[next]!;
      next = next + 1 === lifts.length ? 0 : next + 1;
      if (lift.unacknowledged < window) publish(lift, 1);
    }
  }, 2);
}

function fill(lift: Lift): void {
  const free = window - lift.unacknowledged;
  // Waiting for half of the window keeps several publishes in one write, as a busy gateway does.
  if (running && free * 2 >= window) publish(lift, free);
}

function publish(lift: Lift, times: number): void {
  const { frame } = lift;
  const bytes = Buffer.allocUnsafe(frame.length * times);
  const wallMs = Date.now();
  const nowMs = performance.now();
  for (let time = 0; time < times; time++) {
    lift.packetId = lift.packetId === 65_535 ? 1 : lift.packetId + 1;
    frame.writeUInt16BE(lift.packetId, lift.packetIdAt);
    for (let index = 0; index < batch; index++) {
      writeDigits(frame, lift.atAt[index]!, AT_DIGITS, wallMs);
      writeDigits(frame, lift.seqAt[index]!, SEQ_DIGITS, lift.seq++);
    }
    frame.copy(bytes, time * frame.length);
    lift.sentAtMs[(lift.firstSent + lift.unacknowledged++) % window] = nowMs;
  }
  sent += times;
  lift.socket.write(bytes);
}

/** Answers to publishes are PUBACKs of four bytes, in order; nothing else is expected. */
function onAnswers(lift: Lift, chunk: Buffer): void {
  const nowMs = performance.now();
  let at = lift.skip;
  for (; at < chunk.length; at += 4) {
    if (chunk[at] !== PUBACK) {
      failed++;
      lift.socket.destroy();
      return;
    }
    acknowledged++;
    lift.unacknowledged--;
    // One in sixteen is enough for a percentile, and sorting is not measured.
    if ((acknowledged & 15) === 0) latenciesMs.push(nowMs - lift.sentAtMs[lift.firstSent]!);
    lift.firstSent = lift.firstSent + 1 === window ? 0 : lift.firstSent + 1;
  }
  lift.skip = at - chunk.length;
  if (rate === 0) fill(lift);
}

/** Stops sending, waits a little for the last acknowledgements, and prints the result. */
function finish(): void {
  running = false;
  const elapsedS = (performance.now() - beganMs) / 1000;
  const acknowledgedInTime = acknowledged;
  const cpu = process.cpuUsage(cpuBefore);
  const deadlineMs = performance.now() + 5_000;
  const timer = setInterval(() => {
    if (acknowledged < sent && performance.now() < deadlineMs) return;
    clearInterval(timer);
    ending = true;
    for (const lift of lifts) lift.socket.destroy();
    latenciesMs.sort((a, b) => a - b);
    const percentile = (share: number): number | null =>
      latenciesMs.length === 0
        ? null
        : Number(latenciesMs[Math.min(latenciesMs.length - 1, Math.floor(latenciesMs.length * share))]!.toFixed(2));
    const result = {
      connections,
      rate,
      batch,
      window,
      seconds: Number(elapsedS.toFixed(3)),
      sent,
      acknowledged,
      failedConnections: failed,
      acknowledgedPerSecond: Math.round(acknowledgedInTime / elapsedS),
      readingsPerSecond: Math.round((acknowledgedInTime * batch) / elapsedS),
      ackMs: { p50: percentile(0.5), p99: percentile(0.99), max: percentile(1) },
      loadCpuSecondsPerMillion: Number(((cpu.user + cpu.system) / Math.max(1, acknowledgedInTime)).toFixed(2)),
    };
    process.stdout.write(`${JSON.stringify(result)}\n`);
    process.exitCode = failed > 0 ? 1 : 0;
  }, 20);
}

function writeDigits(bytes: Buffer, at: number, digits: number, value: number): void {
  let rest = value;
  for (let place = at + digits - 1; place >= at; place--) {
    const tenth = Math.floor(rest / 10);
    bytes[place] = 48 + rest - tenth * 10;
    rest = tenth;
  }
}

function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  return Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 0xff]), bytes]);
}

function remainingLength(length: number): Buffer {
  const bytes: number[] = [];
  let rest = length;
  do {
    bytes.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.from(bytes);
}

function mulberry32(start: number): () => number {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function count(name: "connections" | "rate" | "seconds" | "window" | "batch" | "seed", least: number): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < least) {
    process.stderr.write(`--${name}: expected a whole number of at least ${least}; found ${values[name]}\n`);
    process.exit(2);
  }
  return value;
}
