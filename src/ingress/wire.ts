/** The stream that aedes sees in place of a socket: packets that the front hands on go in, what aedes answers comes out. */
import { Duplex } from "node:stream";

/** Where the front stands behind one wire. */
export interface WireEnd {
  /** Bytes from aedes to the client, whole packets. */
  onAnswer(bytes: Buffer): void;
  /** aedes has taken what was handed on; more may follow. */
  onTaken(): void;
  /** aedes has closed, or was closed. Called once. */
  onClosed(): void;
}

export class Wire<End extends WireEnd> extends Duplex {
  readonly front: End;

  constructor(front: End) {
    super({ emitClose: true, autoDestroy: true });
    this.front = front;
  }

  /** Hands a packet to aedes. False: wait for `onTaken` before the next. */
  hand(packet: Buffer): boolean {
    return this.push(packet);
  }

  override _read(): void {
    this.front.onTaken();
  }

  override _write(chunk: Buffer | string, encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.front.onAnswer(typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk);
    done();
  }

  // aedes writes a packet field by field between cork and uncork; here they come together again.
  override _writev(chunks: { chunk: Buffer | string; encoding: BufferEncoding }[], done: (error?: Error | null) => void): void {
    this.front.onAnswer(
      Buffer.concat(chunks.map(({ chunk, encoding }) => (typeof chunk === "string" ? Buffer.from(chunk, encoding) : chunk))),
    );
    done();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.front.onClosed();
    done(error);
  }
}
