/** Cuts a byte stream into MQTT packets (MQTT 3.1.1 §2.2), in place where a packet lies whole in one chunk. */

/** What becomes of the packets. Positions are offsets into `bytes`, which the reader never changes or reuses. */
export interface FrameSink {
  /** A whole packet: its fixed header at `start`, its body from `body` to `end`. */
  onFrame(bytes: Buffer, start: number, body: number, end: number): void;
  /** The beginning of a packet above the limit. Nothing is read after it. */
  onOversized(bytes: Buffer, start: number, body: number, end: number): void;
  /** A remaining length that is none. Nothing is read after it. */
  onMalformed(): void;
}

/** Enough of an oversized PUBLISH to name its topic and show its beginning. */
export const OVERSIZED_PREFIX_BYTES = 1024;

/** First allocation for a packet that comes in pieces; it doubles as bytes really come, never on the word of its header. */
const FIRST_PIECE_BYTES = 256;

export class FrameReader {
  /** Largest packet, header included. May change between packets. */
  limitBytes: number;
  readonly #sink: FrameSink;
  #stopped = false;
  #discarding = false;
  /** What came while stopped. */
  #rest: Buffer | null = null;
  /** The packet that has begun but not ended, its length so far, and the length to wait for (0: its header is incomplete). */
  #piece: Buffer | null = null;
  #pieceLength = 0;
  #pieceNeed = 0;

  constructor(sink: FrameSink, limitBytes: number) {
    this.#sink = sink;
    this.limitBytes = limitBytes;
  }

  /** Takes the next bytes. While stopped they are kept: stop the source too. */
  push(chunk: Buffer): void {
    if (this.#discarding) return;
    if (this.#stopped) {
      this.#rest = this.#rest === null ? chunk : Buffer.concat([this.#rest, chunk]);
      return;
    }
    let offset = 0;
    while (this.#piece !== null && offset < chunk.length && !this.#stopped) offset = this.#addToPiece(chunk, offset);
    if (offset < chunk.length) this.#scan(chunk, offset, chunk.length);
  }

  /** No further packet is given out until `resume`; may be called from the sink. */
  stop(): void {
    this.#stopped = true;
  }

  resume(): void {
    this.#stopped = false;
    const rest = this.#rest;
    this.#rest = null;
    if (rest !== null) this.push(rest);
  }

  /** Everything from here on is thrown away. */
  discard(): void {
    this.#discarding = true;
    this.#rest = null;
    this.#piece = null;
  }

  #scan(bytes: Buffer, from: number, to: number): void {
    let start = from;
    while (start < to) {
      if (this.#discarding) return;
      if (this.#stopped) {
        this.push(start === 0 && to === bytes.length ? bytes : bytes.subarray(start, to));
        return;
      }
      let body = start + 1;
      let size = 0;
      let factor = 1;
      let complete = false;
      while (body < to) {
        const byte = bytes[body++]!;
        size += (byte & 127) * factor;
        if (byte < 128) {
          complete = true;
          break;
        }
        factor *= 128;
        if (factor > 128 ** 3) {
          this.discard();
          this.#sink.onMalformed();
          return;
        }
      }
      if (!complete) return this.#beginPiece(bytes, start, to, 0);
      const end = body + size;
      if (end - start > this.limitBytes) {
        const prefix = Math.min(end - start, OVERSIZED_PREFIX_BYTES);
        if (to - start < prefix) return this.#beginPiece(bytes, start, to, prefix);
        this.discard();
        this.#sink.onOversized(bytes, start, body, start + prefix);
        return;
      }
      if (end > to) return this.#beginPiece(bytes, start, to, end - start);
      const packet = start;
      start = end;
      this.#sink.onFrame(bytes, packet, body, end);
    }
  }

  #beginPiece(bytes: Buffer, from: number, to: number, need: number): void {
    const have = to - from;
    this.#piece = Buffer.allocUnsafe(need === 0 ? 8 : Math.max(have, Math.min(need, Math.max(FIRST_PIECE_BYTES, 2 * have))));
    bytes.copy(this.#piece, 0, from, to);
    this.#pieceLength = have;
    this.#pieceNeed = need;
  }

  /** Moves bytes of `chunk` into the piece until its packet is whole; gives the offset of the first byte not taken. */
  #addToPiece(chunk: Buffer, offset: number): number {
    // Without a whole header a byte at a time: it is at most five bytes long.
    const wanted = this.#pieceNeed === 0 ? 1 : this.#pieceNeed - this.#pieceLength;
    const taken = Math.min(wanted, chunk.length - offset);
    const length = this.#pieceLength + taken;
    let piece = this.#piece!;
    if (length > piece.length) {
      const grown = Buffer.allocUnsafe(Math.max(length, Math.min(this.#pieceNeed, 2 * piece.length)));
      piece.copy(grown, 0, 0, this.#pieceLength);
      piece = grown;
    }
    chunk.copy(piece, this.#pieceLength, offset, offset + taken);
    if (length < this.#pieceNeed) {
      this.#piece = piece;
      this.#pieceLength = length;
    } else {
      this.#piece = null;
      this.#scan(piece, 0, length);
    }
    return offset + taken;
  }
}
