/**
 * Text composed as bytes, by hand: a recording is mostly digits, and a string for each line costs more than the lift it tells of.
 * All text is ASCII. Numbers come out as JSON writes them.
 */

const ZERO = 48;
const MINUS = 45;
const POINT = 46;

/** The bytes of ASCII text, for constants that are written often. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (letter) => letter.charCodeAt(0));
}

export class Bytes {
  buffer: Uint8Array;
  length = 0;

  /** @param capacity bytes at first; it grows as needed. */
  constructor(capacity: number) {
    this.buffer = new Uint8Array(capacity);
  }

  clear(): void {
    this.length = 0;
  }

  /** Makes room for `more` bytes; what writes many short pieces calls it once for all. */
  reserve(more: number): void {
    if (this.length + more <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(2 * this.buffer.length, this.length + more));
    larger.set(this.buffer.subarray(0, this.length));
    this.buffer = larger;
  }

  /** The first `length` bytes of another buffer, from `start` to `end`. Room must be reserved, as for all that follows. */
  bytes(from: Uint8Array, start = 0, end = from.length): void {
    const { buffer } = this;
    let { length } = this;
    for (let index = start; index < end; index++) buffer[length++] = from[index] ?? 0;
    this.length = length;
  }

  text(text: string): void {
    const { buffer } = this;
    let { length } = this;
    for (let index = 0; index < text.length; index++) buffer[length++] = text.charCodeAt(index);
    this.length = length;
  }

  /** An integer of at most 15 digits. */
  integer(value: number): void {
    if (value < 0) {
      this.buffer[this.length++] = MINUS;
      this.#natural(-value);
    } else this.#natural(value);
  }

  /** `scaled / 10 ** digits`, without the zeros at its end; `scaled` is an integer of at most 31 bits, `digits` from 1 to 3. */
  decimal(scaled: number, digits: number): void {
    let rest = scaled | 0;
    if (rest < 0) {
      this.buffer[this.length++] = MINUS;
      rest = -rest;
    }
    const unit = digits === 3 ? 1_000 : digits === 2 ? 100 : 10;
    const whole = (rest / unit) | 0;
    this.#small(whole);
    let fraction = rest - whole * unit;
    if (fraction === 0) return;
    this.buffer[this.length++] = POINT;
    for (let scale = unit / 10; fraction > 0; scale /= 10) {
      const digit = (fraction / scale) | 0;
      this.buffer[this.length++] = ZERO + digit;
      fraction -= digit * scale;
    }
  }

  boolean(value: boolean): void {
    this.bytes(value ? TRUE : FALSE);
  }

  toString(): string {
    return Buffer.from(this.buffer.buffer, this.buffer.byteOffset, this.length).toString("latin1");
  }

  #natural(value: number): void {
    if (value < 1_000_000_000) {
      this.#small(value);
      return;
    }
    const high = Math.floor(value / 1_000_000);
    let low = value - high * 1_000_000;
    this.#natural(high);
    const end = this.length + 6;
    for (let place = end - 1; place >= this.length; place--) {
      const rest = (low / 10) | 0;
      this.buffer[place] = ZERO + low - rest * 10;
      low = rest;
    }
    this.length = end;
  }

  /** Below 10 ** 9. */
  #small(value: number): void {
    let digits = 1;
    for (let bound = 10; value >= bound; bound *= 10) digits++;
    const end = this.length + digits;
    let rest = value | 0;
    for (let place = end - 1; place >= this.length; place--) {
      const next = (rest / 10) | 0;
      this.buffer[place] = ZERO + rest - next * 10;
      rest = next;
    }
    this.length = end;
  }
}

const TRUE = ascii("true");
const FALSE = ascii("false");
