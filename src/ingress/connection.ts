/**
 * One client of the embedded broker. Its PUBLISH packets are parsed in place and delivered; what belongs to the session goes to
 * aedes over a wire (docs/decisions/0003-ingress.md).
 */
import type { Socket } from "node:net";
import type { DeviceIdentity } from "../access/access.ts";
import type { Refusal } from "../core/entry.ts";
import { Acknowledgements, PUBACK, PUBREC } from "./acknowledgements.ts";
import type { Flight, Publisher } from "./flight.ts";
import { FrameReader } from "./frames.ts";
import type { FrameSink } from "./frames.ts";
import { EXCERPT_BYTES } from "./limits.ts";
import type { MqttLimits } from "./limits.ts";
import type { ForeignTopics } from "./ingress.ts";
import type { Report } from "./reports.ts";
import type { SessionEnd, Sessions } from "./sessions.ts";
import { judgeTopic, matches, mayBeHeard, TopicJudge } from "./topics.ts";
import { Wire } from "./wire.ts";

/** What all connections of one broker share. */
export interface Hub {
  readonly limits: MqttLimits;
  readonly flight: Flight;
  readonly sessions: Sessions<Connection>;
  readonly authenticate: (user: string | undefined, token: string | undefined) => DeviceIdentity | null;
  readonly foreign: ForeignTopics | undefined;
  readonly report: Report;
  readonly counters: { oversized: number; refusedSignIns: number; protocolErrors: number; timeouts: number; slowClients: number };
  /** Sweeps since the start: the clock of timeouts. It stands still while the process does, so a freeze times nobody out. */
  sweep: number;
  /** Those who have subscribed to something. */
  readonly listeners: Set<Connection>;
  /** The broker is stopping: wills are not spoken, because it is not the devices that went. */
  closing: boolean;
  /** Names of one identity are counted: it may have so many connections. */
  onSignedIn(connection: Connection, name: string): void;
  onGone(connection: Connection, name: string | null): void;
}

// Packet types of MQTT 3.1.1 §2.2.1.
const CONNECT = 1;
const PUBLISH = 3;
const DISCONNECT = 14;
/** PUBREL, SUBSCRIBE, UNSUBSCRIBE, PINGREQ: the session's. Any other type is a server's, or answers what we never send. */
const SESSION_TYPES = (1 << 6) | (1 << 8) | (1 << 10) | (1 << 12);
const CONNACK_BYTE = 0x20;
const WRONG_VERSION = Buffer.from([CONNACK_BYTE, 2, 0, 1]);
/** What a client of version 5 understands: CONNACK with reason 0x84, unsupported protocol version. */
const WRONG_VERSION_5 = Buffer.from([CONNACK_BYTE, 3, 0, 0x84, 0]);
// Why a connection is not read; several may hold at once.
const UNTIL_SIGNED_IN = 1;
const UNTIL_SETTLED = 2;
const UNTIL_NOT_FULL = 4;
const UNTIL_TAKEN = 8;
const FOR_GOOD = 16;

/** `leaving`: everything was said, its end is awaited for a moment. */
type Phase = "opening" | "joining" | "open" | "leaving" | "gone";

export class Connection implements FrameSink, SessionEnd, Publisher {
  inFlight = 0;
  listed = false;
  readonly #hub: Hub;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #owed = new Acknowledgements();
  #phase: Phase = "opening";
  #unread = 0;
  #paused = false;
  #wire: Wire<Connection> | null = null;
  #identity: DeviceIdentity | null = null;
  #topics: TopicJudge | null = null;
  readonly #filters = new Set<string>();
  /** After an oversized publish: leave as soon as it is acknowledged. */
  #leaveWhenSettled = false;
  #saidGoodbye = false;
  /** In sweeps: when it was last heard (or began its phase), and the silence allowed; 0 for no limit. */
  #heardAt: number;
  #silenceAllowed: number;
  /** What its CONNECT asks for, in force once it is signed in. */
  #keepAliveSweeps = 0;

  constructor(socket: Socket, hub: Hub) {
    this.#socket = socket;
    this.#hub = hub;
    this.#reader = new FrameReader(this, hub.limits.frameBeforeConnectBytes);
    this.#heardAt = hub.sweep;
    this.#silenceAllowed = this.#sweeps(hub.limits.connectTimeoutMs);
    socket.on("data", (chunk: Buffer) => this.#onData(chunk));
    // 'close' follows every error, and it is there that the connection ends.
    socket.on("error", () => {});
    socket.on("close", () => this.#onSocketClosed());
  }

  /** Once a second or so: ends those that fell silent, never those that we do not read. */
  checkSilence(): void {
    if (this.#silenceAllowed === 0 || (this.#phase === "open" && this.#unread !== 0)) {
      this.#heardAt = this.#hub.sweep;
      return;
    }
    if (this.#hub.sweep - this.#heardAt <= this.#silenceAllowed) return;
    if (this.#phase !== "leaving") {
      this.#hub.counters.timeouts++;
      this.#hub.report("silent client closed", `${this.#name()}, ${this.#phase === "open" ? "keep-alive" : "no CONNECT"}`);
    }
    this.#abort();
  }

  /** Reads no more; what is in flight is still acknowledged. */
  stopReading(): void {
    this.#stop(FOR_GOOD);
  }

  /** Sends what is due and closes. */
  leave(): void {
    if (this.#phase === "gone" || this.#phase === "leaving") return;
    this.#writeDue();
    this.#phase = "leaving";
    this.#heardAt = this.#hub.sweep;
    this.#silenceAllowed = this.#sweeps(this.#hub.limits.lingerMs);
    // What still comes is read and thrown away: closing on unread bytes is a reset, which can destroy our last answer on its way.
    this.#reader.discard();
    this.#socket.end();
    this.#socket.resume();
    this.#wire?.destroy();
  }

  destroy(): void {
    this.#abort();
  }

  /** Ends when the sign-in does not hold any more. Its will is not spoken: it may speak for nobody. */
  recheck(): void {
    if (this.#identity?.stillHolds?.() !== false) return;
    this.#hub.report("connection ended", `${this.#name()}: its sign-in was removed`);
    this.#saidGoodbye = true;
    this.leave();
  }

  /** Makes room for a newer connection of the same name. */
  yield(): void {
    this.#hub.report("connection ended", `${this.#name()}: it has ${this.#hub.limits.connectionsPerName} newer ones`);
    this.leave();
  }

  #onData(chunk: Buffer): void {
    // Before the sign-in only the whole CONNECT counts, so that nobody holds a place with a byte now and then.
    if (this.#phase === "open") {
      this.#heardAt = this.#hub.sweep;
      if (this.#hub.flight.full) this.#waitUntilNotFull();
    }
    this.#reader.push(chunk);
  }

  onFrame(bytes: Buffer, start: number, body: number, end: number): void {
    const type = bytes[start]! >> 4;
    if (this.#phase === "open") {
      if (type === PUBLISH) this.#onPublish(bytes, start, body, end);
      else if (type === DISCONNECT) {
        this.#saidGoodbye = true;
        this.leave();
      } else if (((SESSION_TYPES >> type) & 1) === 1 && this.#wire !== null) {
        if (!this.#wire.hand(bytes.subarray(start, end))) this.#stop(UNTIL_TAKEN);
      } else this.#violation(`packet type ${type} from a client that is signed in`);
    } else if (this.#phase === "opening") {
      if (type === CONNECT) this.#onConnect(bytes, start, body, end);
      else this.#violation(`packet type ${type} before CONNECT`);
    }
  }

  onOversized(bytes: Buffer, start: number, body: number, end: number): void {
    if (this.#phase === "open" && bytes[start]! >> 4 === PUBLISH) this.#onPublish(bytes, start, body, end, true);
    else this.#violation(`a packet of more than ${this.#reader.limitBytes} bytes`);
  }

  onMalformed(): void {
    this.#violation("a remaining length of more than four bytes");
  }

  #onConnect(bytes: Buffer, start: number, body: number, end: number): void {
    const levelAt = body + 2 + (end - body < 2 ? 0 : bytes.readUInt16BE(body));
    if (levelAt + 4 > end) return this.#violation("a CONNECT that ends too early");
    const protocol = bytes.toString("latin1", body + 2, levelAt);
    const level = bytes[levelAt]! & 0x7f;
    if (protocol !== "MQTT" && protocol !== "MQIsdp") return this.#violation("a CONNECT for another protocol");
    if (level !== 4 && level !== 3) {
      this.#hub.counters.protocolErrors++;
      this.#hub.report("protocol version refused", `${this.#name()} asks for level ${level}; expected 4 (MQTT 3.1.1)`);
      this.#write(level === 5 ? WRONG_VERSION_5 : WRONG_VERSION);
      this.leave();
      return;
    }
    // aedes does not see the publishes, so it cannot know silence: the keep-alive is ours (MQTT 3.1.1 §3.1.2.10, one and a half times).
    const keepAliveS = bytes.readUInt16BE(levelAt + 2);
    // A copy, because aedes keeps the will out of it for as long as the client stays, and with it all that came in the same chunk.
    const handed = Buffer.from(bytes.subarray(start, end));
    handed.writeUInt16BE(0, levelAt + 2 - start);
    this.#phase = "joining";
    this.#stop(UNTIL_SIGNED_IN);
    this.#keepAliveSweeps = keepAliveS === 0 ? 0 : this.#sweeps(keepAliveS * 1500);
    this.#wire = new Wire<Connection>(this);
    this.#hub.sessions.join(this.#wire);
    this.#wire.hand(handed);
  }

  signIn(user: string | undefined, token: string | undefined): DeviceIdentity | null {
    const identity = this.#hub.authenticate(user, token);
    if (identity === null) {
      this.#hub.counters.refusedSignIns++;
      this.#hub.report("sign-in refused", this.#name());
    } else {
      this.#identity = identity;
      this.#topics = new TopicJudge(identity);
      this.#hub.onSignedIn(this, identity.name);
    }
    return identity;
  }

  onAnswer(bytes: Buffer): void {
    if (this.#phase === "joining" && bytes[0] === CONNACK_BYTE && bytes[3] === 0) {
      this.#phase = "open";
      this.#heardAt = this.#hub.sweep;
      this.#silenceAllowed = this.#keepAliveSweeps;
      this.#reader.limitBytes = this.#hub.limits.frameBytes;
      this.#release(UNTIL_SIGNED_IN);
    }
    this.#write(bytes);
  }

  onTaken(): void {
    this.#release(UNTIL_TAKEN);
  }

  onBroken(reason: string): void {
    if (this.#phase !== "gone") this.#violation(`what is not MQTT 3.1.1: ${reason}`);
  }

  /** aedes closed the connection: the sign-in was refused, another connection took its place, or a packet was bad. */
  onClosed(): void {
    this.leave();
  }

  listen(filter: string): boolean {
    if (this.#identity?.mayListen !== true || !mayBeHeard(filter)) return false;
    if (!this.#filters.has(filter) && this.#filters.size >= this.#hub.limits.filtersPerConnection) return false;
    this.#filters.add(filter);
    this.#hub.listeners.add(this);
    return true;
  }

  unlisten(filter: string): void {
    this.#filters.delete(filter);
    if (this.#filters.size === 0) this.#hub.listeners.delete(this);
  }

  /** Writes a packet whose topic one of its filters asks for. */
  tell(topic: string, packet: Buffer): void {
    if (this.#phase !== "open") return;
    for (const filter of this.#filters) if (matches(filter, topic)) return this.#write(packet);
  }

  onWill(topic: string, payload: Buffer): void {
    if (this.#saidGoodbye || this.#hub.closing || this.#identity === null) return;
    const judged = judgeTopic(topic, this.#identity);
    const refusal = judged.refusal ?? this.#judgeForeign(topic, payload);
    this.#hub.flight.send(this, { topic: judged.topic, refusal, payload, source: this.#identity.name }, null);
  }

  /** A foreign topic names no lift, so its payload is asked. One that names none is for the monitor to quarantine. */
  #judgeForeign(topic: string, payload: Buffer): Refusal | null {
    const { foreign } = this.#hub;
    if (foreign === undefined || !topic.startsWith(foreign.prefix)) return null;
    const liftId = foreign.liftOf(payload.toString());
    return liftId === null || this.#identity?.mayPublish(liftId) === true ? null : "topic-not-authorized";
  }

  #onPublish(bytes: Buffer, start: number, body: number, end: number, cut = false): void {
    const qos = (bytes[start]! >> 1) & 3;
    const topicStart = body + 2;
    let topicEnd = end - body < 2 ? end + 1 : topicStart + bytes.readUInt16BE(body);
    let payloadStart = topicEnd + (qos === 0 ? 0 : 2);
    let packetId = 0;
    if (payloadStart <= end) {
      if (qos !== 0) packetId = bytes.readUInt16BE(topicEnd);
    } else if (cut) {
      // Not even its topic fits into what is kept of an oversized packet.
      topicEnd = payloadStart = end;
    } else return this.#violation("a PUBLISH that ends within its header");
    if (qos === 3 || (qos !== 0 && packetId === 0 && !cut)) return this.#violation("a PUBLISH with a bad QoS or packet id");

    const judged = this.#topics!.judge(bytes, topicStart, topicEnd);
    let refusal: Refusal | null = judged.refusal;
    let payloadEnd = end;
    if (cut || end - payloadStart > this.#hub.limits.payloadBytes) {
      refusal = "payload-too-large";
      payloadEnd = Math.min(end, payloadStart + EXCERPT_BYTES);
      this.#hub.counters.oversized++;
      this.#leaveWhenSettled = true;
      this.#stop(FOR_GOOD);
    }
    const owed = packetId === 0 ? null : this.#owed.owe(qos === 1 ? PUBACK : PUBREC, packetId);
    const payload = bytes.subarray(payloadStart, payloadEnd);
    refusal ??= this.#judgeForeign(judged.topic, payload);
    this.#hub.flight.send(this, { topic: judged.topic, payload, source: this.#identity!.name, refusal }, owed);
    if (this.inFlight >= this.#hub.limits.inFlightPerConnection) this.#stop(UNTIL_SETTLED);
    if (this.#hub.flight.full) this.#waitUntilNotFull();
  }

  onRefused(error: Error): void {
    // Not taken, so not acknowledged: the device sees its connection end, and sends it again on the next one.
    if (this.#phase !== "gone") this.#hub.report("publish not taken", `${this.#name()}: ${error.message}`);
    this.#abort();
  }

  flush(): void {
    if (this.#phase === "gone") return;
    this.#writeDue();
    if (this.#leaveWhenSettled && this.inFlight === 0) return this.leave();
    if (!this.#paused) return;
    if ((this.#unread & UNTIL_SETTLED) !== 0 && this.inFlight <= this.#hub.limits.inFlightPerConnection / 2) this.#unread &= ~UNTIL_SETTLED;
    if ((this.#unread & UNTIL_NOT_FULL) !== 0) {
      this.#unread &= ~UNTIL_NOT_FULL;
      if (this.#hub.flight.full) this.#waitUntilNotFull();
    }
    if (this.#unread === 0) this.#readOn();
  }

  #readOn(): void {
    this.#paused = false;
    this.#reader.resume();
    if (!this.#paused) this.#socket.resume();
  }

  #stop(reason: number): void {
    this.#unread |= reason;
    if (this.#paused) return;
    this.#paused = true;
    this.#reader.stop();
    this.#socket.pause();
  }

  #waitUntilNotFull(): void {
    if ((this.#unread & UNTIL_NOT_FULL) === 0) this.#hub.flight.wait(this);
    this.#stop(UNTIL_NOT_FULL);
  }

  /** Reads on at the end of this turn, not within what called. */
  #release(reason: number): void {
    if ((this.#unread & reason) === 0) return;
    this.#unread &= ~reason;
    this.#hub.flight.list(this);
  }

  #writeDue(): void {
    const due = this.#owed.take();
    if (due !== null) this.#write(due);
  }

  #write(bytes: Buffer): void {
    if (!this.#socket.writable) return;
    this.#socket.write(bytes);
    if (this.#socket.writableLength <= this.#hub.limits.outboundBytes) return;
    this.#hub.counters.slowClients++;
    this.#hub.report("client that reads nothing closed", this.#name());
    this.#abort();
  }

  #violation(what: string): void {
    this.#hub.counters.protocolErrors++;
    this.#hub.report("protocol error", `${this.#name()} sent ${what}`);
    this.#abort();
  }

  #abort(): void {
    this.#phase = "gone";
    this.#reader.discard();
    this.#socket.destroy();
    this.#wire?.destroy();
  }

  #onSocketClosed(): void {
    this.#abort();
    this.#hub.listeners.delete(this);
    this.#hub.onGone(this, this.#identity?.name ?? null);
  }

  #sweeps(ms: number): number {
    return Math.ceil(ms / this.#hub.limits.sweepMs);
  }

  #name(): string {
    return `${this.#identity === null ? "a client that is not signed in" : this.#identity.name || "a client"} at ${this.#socket.remoteAddress ?? "a closed address"}`;
  }
}
