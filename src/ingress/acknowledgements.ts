/** Acknowledgements owed to one client, given out in the order of its publishes (MQTT 3.1.1 §4.6). */

/** First byte of the packet that answers a QoS 1 or a QoS 2 publish. */
export const PUBACK = 0x40;
export const PUBREC = 0x50;

export interface Owed {
  readonly answer: typeof PUBACK | typeof PUBREC;
  readonly packetId: number;
  /** The publish is durable: it may be acknowledged once all before it are. */
  due: boolean;
  next: Owed | null;
}

export class Acknowledgements {
  #first: Owed | null = null;
  #last: Owed | null = null;

  get empty(): boolean {
    return this.#first === null;
  }

  /** Notes a publish that came; set `due` on what this returns when it may be acknowledged. */
  owe(answer: Owed["answer"], packetId: number): Owed {
    const owed: Owed = { answer, packetId, due: false, next: null };
    if (this.#last === null) this.#first = owed;
    else this.#last.next = owed;
    this.#last = owed;
    return owed;
  }

  /** The packets of all that is due, as one buffer; null when nothing is. */
  take(): Buffer | null {
    let count = 0;
    for (let owed = this.#first; owed !== null && owed.due; owed = owed.next) count++;
    if (count === 0) return null;
    const bytes = Buffer.allocUnsafe(count * 4);
    let owed = this.#first;
    for (let at = 0; at < bytes.length && owed !== null; at += 4) {
      bytes[at] = owed.answer;
      bytes[at + 1] = 2;
      bytes[at + 2] = owed.packetId >> 8;
      bytes[at + 3] = owed.packetId & 0xff;
      owed = owed.next;
    }
    this.#first = owed;
    if (owed === null) this.#last = null;
    return bytes;
  }
}
