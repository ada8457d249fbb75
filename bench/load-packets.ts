/** MQTT packets of one lift, built once; what changes from publish to publish is patched into them in place. */
import { EPISODE, speedReading, TRIP_READINGS, tripReading, type TripReading } from "./trip.ts";

const PUBLISH_QOS_1 = 0x32;
const AT_DIGITS = 13;
const SEQ_DIGITS = 9;
/** A first digit of 1 keeps the patched numbers valid JSON: no leading zero. */
export const FIRST_SEQ = 10 ** (SEQ_DIGITS - 1);

/** A publish, and where its packet id and the digits of each reading's `at` and `seq` stand. */
export interface Packet {
  readonly bytes: Buffer;
  readonly packetIdAt: number;
  readonly atAt: readonly number[];
  readonly seqAt: readonly number[];
}

export interface TripPackets {
  /** To be sent in turns. */
  readonly usual: readonly Packet[];
  /** The same with an overspeed episode in them. */
  readonly episode: readonly Packet[];
}

/** The publishes of one trip, a reading each; or one publish, with an array of `batch` speeds from the trip. */
export function tripPackets(liftId: string, boot: string, batch: number): TripPackets {
  if (batch > 1) {
    const array = packet(
      liftId,
      boot,
      Array.from({ length: batch }, (_, place) => speedReading(place % TRIP_READINGS)),
    );
    return { usual: [array], episode: [array] };
  }
  const usual = Array.from({ length: TRIP_READINGS }, (_, phase) => packet(liftId, boot, [tripReading(phase)]));
  const episode = usual.map((slow, phase) => (EPISODE.includes(phase) ? packet(liftId, boot, [tripReading(phase, true)]) : slow));
  return { usual, episode };
}

/** Writes what is new into a packet. All readings of an array get the same `at`. */
export function stamp({ bytes, packetIdAt, atAt, seqAt }: Packet, packetId: number, at: number, firstSeq: number): void {
  bytes[packetIdAt] = packetId >> 8;
  bytes[packetIdAt + 1] = packetId & 0xff;
  for (let place = 0; place < atAt.length; place++) {
    writeDigits(bytes, atAt[place]!, AT_DIGITS, at);
    writeDigits(bytes, seqAt[place]!, SEQ_DIGITS, firstSeq + place);
  }
}

export function connectPacket(clientId: string, user: string | undefined, token: string | undefined): Buffer {
  const flags = 0x02 | (user === undefined ? 0 : 0x80) | (token === undefined ? 0 : 0x40);
  const body = Buffer.concat([
    text("MQTT"),
    Buffer.from([4, flags, 0, 0]),
    text(clientId),
    ...(user === undefined ? [] : [text(user)]),
    ...(token === undefined ? [] : [text(token)]),
  ]);
  return Buffer.concat([Buffer.from([0x10]), remainingLength(body.length), body]);
}

function packet(liftId: string, boot: string, readings: readonly TripReading[]): Packet {
  const at = "1".padEnd(AT_DIGITS, "0");
  const objects = readings.map(({ fields }) => `{"at":${at},"seq":${FIRST_SEQ},"boot":"${boot}",${fields}}`);
  const payload = readings.length === 1 ? objects.join() : `[${objects.join(",")}]`;
  const topic = text(`lifts/${liftId}/${readings[0]?.channel}`);
  const header = Buffer.concat([Buffer.from([PUBLISH_QOS_1]), remainingLength(topic.length + 2 + payload.length)]);
  const packetIdAt = header.length + topic.length;
  const offsetsOf = (field: string): number[] =>
    [...payload.matchAll(new RegExp(`"${field}":`, "g"))].map((match) => packetIdAt + 2 + match.index + match[0].length);
  return {
    bytes: Buffer.concat([header, topic, Buffer.from([0, 0]), Buffer.from(payload)]),
    packetIdAt,
    atAt: offsetsOf("at"),
    seqAt: offsetsOf("seq"),
  };
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
