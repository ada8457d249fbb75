/** Recordings (contract §3): what a monitor at the end of the line would have received, one message a line, by time of arrival. */
import { LIMITS } from "../../src/config.ts";
import { Bytes, ascii } from "../device/bytes.ts";
import { Outbox } from "../device/outbox.ts";
import { PAYLOAD_BYTES } from "../device/sink.ts";
import type { Loss, Sink } from "../device/sink.ts";
import { Lines } from "./lines.ts";

const RECEIVED = ascii('{"receivedAt":');
const PAYLOAD = ascii('","payload":');
const NOISE = ascii('","payloadBase64":"');
const END = ascii("}\n");
const STRING_END = ascii('"}\n');
/** More than a line has besides its payload: the longest id has 64 characters. */
const AROUND_BYTES = 256;

/** Turns a stream's events into lines. Transport takes no time here: readings arrive when they are made, or with the next connection. */
export class RecordingSink implements Sink {
  readonly #liftIds: readonly string[];
  readonly #wills: (string | null)[];
  /** Lifts whose link is down, with what they keep. */
  readonly #outboxes = new Map<number, Outbox>();
  readonly #lines = new Lines(LIMITS.simulator.chunkBytes);
  /** Time of the line under way. */
  #at = 0;
  /** The reading under way goes to an outbox, and is composed apart. */
  #kept: { readonly lift: number; readonly channel: string } | null = null;
  readonly #scratch = new Bytes(PAYLOAD_BYTES);
  /** Begin of the topic of the last line's lift. */
  readonly #topic = new Bytes(AROUND_BYTES);
  #topicOf = -1;
  messages = 0;
  readings = 0;

  constructor(liftIds: readonly string[]) {
    this.#liftIds = liftIds;
    this.#wills = liftIds.map(() => null);
  }

  connect(lift: number, at: number, will: string): void {
    this.#wills[lift] = will;
    const outbox = this.#outboxes.get(lift);
    this.#outboxes.delete(lift);
    for (;;) {
      const parcel = outbox?.take(LIMITS.reading.perPayload, LIMITS.simulator.parcelBytes) ?? null;
      if (parcel === null) break;
      if (typeof parcel.payload === "string") this.#text(lift, at, parcel.channel, parcel.payload, parcel.count);
      else this.noise(lift, at, parcel.channel, parcel.payload);
    }
  }

  drop(lift: number, at: number, loss: Loss): void {
    const will = this.#wills[lift] ?? null;
    this.#wills[lift] = null;
    if (loss === "device") this.#outboxes.delete(lift);
    else this.#outboxes.set(lift, new Outbox(LIMITS.simulator.outboxReadings));
    if (will !== null && loss !== "gateway") this.#text(lift, at, "online", will, 1);
  }

  begin(lift: number, at: number, channel: string): Bytes {
    if (this.#outboxes.size > 0 && this.#outboxes.has(lift)) {
      this.#kept = { lift, channel };
      this.#scratch.clear();
      return this.#scratch;
    }
    this.#at = at;
    const line = this.#begin(lift, at, channel, PAYLOAD_BYTES);
    line.bytes(PAYLOAD);
    return line;
  }
  end(): void {
    const kept = this.#kept;
    if (kept === null) {
      this.#lines.line.bytes(END);
      this.#end(this.#at, 1);
    } else {
      this.#kept = null;
      this.#outboxes.get(kept.lift)?.push({ channel: kept.channel, payload: this.#scratch.toString(), count: 1 });
    }
  }

  publish(lift: number, at: number, channel: string, payload: Bytes): void {
    this.#text(lift, at, channel, payload.toString(), 1);
  }
  noise(lift: number, at: number, channel: string, payload: Buffer): void {
    const text = payload.toString("base64");
    const line = this.#begin(lift, at, channel, text.length);
    line.bytes(NOISE);
    line.text(text);
    line.bytes(STRING_END);
    this.#end(at, 1);
  }

  /** Bytes that wait to be taken. */
  get size(): number {
    return this.#lines.size;
  }
  /** The lines that arrive at `upTo` (ms) or before, in order; nothing that does may come after. The bytes are the caller's until the next call. */
  take(upTo = Number.POSITIVE_INFINITY): Buffer {
    return this.#lines.take(upTo);
  }

  #text(lift: number, at: number, channel: string, payload: string, count: number): void {
    const line = this.#begin(lift, at, channel, payload.length);
    line.bytes(PAYLOAD);
    line.text(payload);
    line.bytes(END);
    this.#end(at, count);
  }

  #begin(lift: number, at: number, channel: string, payloadBytes: number): Bytes {
    const { line } = this.#lines;
    line.reserve(payloadBytes + AROUND_BYTES);
    line.bytes(RECEIVED);
    line.integer(at);
    // Most lines follow one of the same lift.
    const topic = this.#topic;
    if (lift !== this.#topicOf) {
      this.#topicOf = lift;
      topic.clear();
      topic.text(`,"topic":"lifts/${this.#liftIds[lift]}/`);
    }
    line.bytes(topic.buffer, 0, topic.length);
    line.text(channel);
    return line;
  }

  #end(at: number, count: number): void {
    this.#lines.end(at);
    this.messages++;
    this.readings += count;
  }
}
