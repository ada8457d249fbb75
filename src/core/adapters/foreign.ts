/** What the monitor asks of an adapter: a foreign message as readings of ours. */
import { decodeReading, Defect } from "../decode.ts";
import type { LiftState } from "../lift-state.ts";
import type { Channel, Reading } from "../reading.ts";
import type { LiftSequence } from "../sequence.ts";

/** A reading without its number: foreign devices do not count their readings, so the monitor does, in the order of arrival. */
export interface ForeignReading {
  readonly channel: Channel;
  /** The payload's fields by contract §2, but for `seq` and `boot`; checked like those of any reading. */
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface ForeignMessage {
  readonly liftId: string;
  /** Names the numbering, beside the boots of the contract's own devices. */
  readonly boot: string;
  /** Tells a repetition: the second message of a lift with this key and this device time changes nothing. */
  readonly key: string;
  readonly at: number;
  readonly readings: readonly ForeignReading[];
}

/** Kinds of message whose newest time is remembered for one lift; there are about a dozen. Beyond it the oldest is forgotten. */
const KEYS = 32;

/**
 * The readings of a foreign message, each numbered and checked as it is asked for; a defect stands in for one that is wrong.
 * With `lift` null nobody takes them.
 */
export function* readForeign(
  message: ForeignMessage | Defect,
  lift: LiftState | null,
): Generator<Defect | { readonly channel: Channel; readonly reading: Reading }> {
  if (message instanceof Defect) {
    yield message;
    return;
  }
  const { boot, readings } = message;
  const repetition = lift !== null && repeats(lift.sequence, message);
  for (const { channel, fields } of readings) {
    const seq = lift === null ? 0 : numberOf(lift.sequence, boot, repetition);
    const reading = decodeReading(channel, { ...fields, boot, seq }, -1);
    yield reading instanceof Defect ? reading : { channel, reading };
  }
}

/** Whether this is a repetition of the newest message of its key; remembers it. */
function repeats(sequence: LiftSequence, { key, at }: ForeignMessage): boolean {
  sequence.foreign ??= [];
  const { foreign } = sequence;
  const known = foreign.find((newest) => newest.key === key);
  if (known?.at === at) return true;
  if (known !== undefined) known.at = at;
  else {
    foreign.push({ key, at });
    if (foreign.length > KEYS) foreign.shift();
  }
  return false;
}

/** The number of a foreign reading: the next, or for a repetition one that has been taken. */
function numberOf(sequence: LiftSequence, boot: string, repetition: boolean): number {
  if (sequence.boot !== boot) return 0;
  return repetition ? Math.max(0, sequence.next - 1) : sequence.next;
}
