/** Made-up traffic for benches of the core: entries as the journal gives them, `seq` without gaps. */
import type { MessageEntry } from "../src/core/entry.ts";
import { speedReading, TRIP_READINGS, tripReading } from "./trip.ts";

/** A reading a message, a message a lift a second. */
export function* traffic(lifts: number, messages: number, startAt: number): Generator<MessageEntry> {
  const trip = Array.from({ length: TRIP_READINGS }, (_, phase) => tripReading(phase));
  const topics = new Topics();
  for (let index = 0; index < messages; index++) {
    const lift = index % lifts;
    const seq = Math.floor(index / lifts);
    const at = startAt + seq * 1_000;
    const { channel, fields } = trip[(seq + lift) % TRIP_READINGS]!;
    const payload = `{"at":${at},"seq":${seq},"boot":"b1",${fields}}`;
    yield {
      kind: "message",
      seq: index + 1,
      receivedAt: at + 40,
      source: `L${lift}`,
      refusal: null,
      topic: topics.of(lift, channel),
      payload: flat(payload),
    };
  }
}

/** `batch` speeds a message, over as many seconds. */
export function* arrayTraffic(lifts: number, messages: number, batch: number, startAt: number): Generator<MessageEntry> {
  const trip = Array.from({ length: batch }, (_, place) => speedReading(place % TRIP_READINGS).fields);
  const topics = new Topics();
  for (let index = 0; index < messages; index++) {
    const lift = index % lifts;
    const firstSeq = Math.floor(index / lifts) * batch;
    const readings = trip.map(
      (fields, place) => `{"at":${startAt + (firstSeq + place) * 1_000},"seq":${firstSeq + place},"boot":"b1",${fields}}`,
    );
    const receivedAt = startAt + (firstSeq + batch) * 1_000;
    const payload = flat(`[${readings.join(",")}]`);
    yield { kind: "message", seq: index + 1, receivedAt, source: `L${lift}`, refusal: null, topic: topics.of(lift, "speed"), payload };
  }
}

/** The ingress remembers the topics of each connection, so the same one is the same string again. */
class Topics {
  readonly #known = new Map<string, string>();

  of(lift: number, channel: string): string {
    const topic = `lifts/L${lift}/${channel}`;
    const known = this.#known.get(topic);
    if (known !== undefined) return known;
    const made = flat(topic);
    this.#known.set(made, made);
    return made;
  }
}

/** As text comes out of a buffer: a template's result is a tree of parts, and whoever reads it first pays for joining them. */
function flat(text: string): string {
  return Buffer.from(text, "latin1").toString("latin1");
}
