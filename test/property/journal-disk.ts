/**
 * A disk in memory that can lose power at any operation. What was not synced is then lost: wholly, but for a beginning,
 * or but for sectors here and there; names of files live and die with the sync of their directory alone.
 */
import { basename } from "node:path";
import type { Disk } from "../../src/journal/disk.ts";

const SECTOR_BYTES = 512;

/** Numbers in [0, 1), the same for the same seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

export class PowerCut extends Error {
  override readonly name = "PowerCut";
}

type Change =
  | { readonly type: "write"; readonly at: number; readonly bytes: Buffer }
  | { readonly type: "truncate"; readonly size: number };

interface File {
  live: Buffer;
  durable: Buffer;
  /** Changes since the last sync, oldest first. */
  unsynced: Change[];
}

interface NameChange {
  readonly name: string;
  readonly file: File | null;
}

export interface SimulatedDiskOptions {
  /** The disk says that it synced, and did not: the control of the crash test. */
  readonly ignoreSync?: boolean;
  readonly ignoreDirectorySync?: boolean;
}

export class SimulatedDisk implements Disk {
  /** Operations that change something, so far: each is a point at which power can go. */
  operations = 0;
  /** Power goes at this operation. */
  cutAt = Infinity;
  /** Bytes that fit; beyond them a write is short, then refused. */
  capacityBytes = Infinity;
  /** The next sync fails, and the pages count as clean though they never reached the disk. */
  failNextSync = false;
  readonly #options: SimulatedDiskOptions;
  readonly #random: () => number;
  #names = new Map<string, File>();
  #durableNames = new Map<string, File>();
  #nameChanges: NameChange[] = [];
  #handles = new Map<number, File>();
  #nextHandle = 3;

  constructor(seed: number, options: SimulatedDiskOptions = {}) {
    this.#random = randomFrom(seed);
    this.#options = options;
  }

  list(): string[] {
    return [...this.#names.keys()];
  }

  open(path: string, mode: "existing" | "create"): number {
    const name = basename(path);
    let file = this.#names.get(name);
    if (mode === "create") {
      this.#operate(() => {
        if (file === undefined) {
          file = { live: Buffer.alloc(0), durable: Buffer.alloc(0), unsynced: [] };
          this.#name({ name, file });
        } else if (file.live.length > 0) this.#change(file, { type: "truncate", size: 0 });
      });
    }
    if (file === undefined) throw Object.assign(new Error(`no file ${name}`), { code: "ENOENT" });
    this.#nextHandle += 1;
    this.#handles.set(this.#nextHandle, file);
    return this.#nextHandle;
  }

  size(handle: number): number {
    return this.#file(handle).live.length;
  }

  read(handle: number, into: Uint8Array, position: number): number {
    return this.#file(handle).live.subarray(position).copy(into);
  }

  write(handle: number, bytes: Uint8Array, position: number): number {
    const file = this.#file(handle);
    const used = [...this.#names.values()].reduce((sum, each) => sum + each.live.length, 0);
    const free = Math.max(0, this.capacityBytes - used + file.live.length - position);
    if (free === 0) throw Object.assign(new Error("no space left on device"), { code: "ENOSPC" });
    const taken = Buffer.from(bytes.subarray(0, free));
    this.#operate(() => this.#change(file, { type: "write", at: position, bytes: taken }));
    return taken.length;
  }

  truncate(handle: number, size: number): void {
    this.#operate(() => this.#change(this.#file(handle), { type: "truncate", size }));
  }

  sync(handle: number): void {
    const file = this.#file(handle);
    if (this.failNextSync) {
      this.failNextSync = false;
      file.unsynced = [];
      throw Object.assign(new Error("i/o error"), { code: "EIO" });
    }
    this.#operate(() => {
      if (this.#options.ignoreSync) return;
      for (const change of file.unsynced) file.durable = applied(file.durable, change);
      file.unsynced = [];
    });
  }

  syncDirectory(): void {
    this.#operate(() => {
      if (this.#options.ignoreDirectorySync) return;
      this.#durableNames = new Map(this.#names);
      this.#nameChanges = [];
    });
  }

  close(handle: number): void {
    this.#handles.delete(handle);
  }

  unlink(path: string): void {
    this.#operate(() => this.#name({ name: basename(path), file: null }));
  }

  /** The process ends and starts again; what it wrote is still in the kernel's memory. */
  killProcess(): void {
    this.#handles.clear();
    this.cutAt = Infinity;
  }

  /** Power comes back: what survived is all there is. */
  restorePower(): void {
    this.killProcess();
    const random = this.#random;
    const kept = Math.floor(random() * (this.#nameChanges.length + 1));
    for (const { name, file } of this.#nameChanges.slice(0, random() < 0.3 ? 0 : kept)) {
      if (file === null) this.#durableNames.delete(name);
      else this.#durableNames.set(name, file);
    }
    this.#nameChanges = [];
    this.#names = new Map(this.#durableNames);
    for (const file of this.#names.values()) {
      const until = random() < 0.3 ? 0 : Math.floor(random() * (file.unsynced.length + 1));
      const scattered = random() < 0.5 ? random() : 0;
      for (const [index, change] of file.unsynced.entries()) {
        if (index < until) file.durable = applied(file.durable, change);
        else if (change.type === "write") {
          for (const sector of sectors(change)) if (random() < scattered) file.durable = applied(file.durable, sector);
        }
      }
      file.unsynced = [];
      file.live = Buffer.from(file.durable);
    }
  }

  /** Turns one bit of a file over, for good. */
  flip(name: string, bit: number): void {
    const file = this.#names.get(name) as File;
    for (const image of [file.live, file.durable]) image[bit >> 3] = (image[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  }

  #operate(change: () => void): void {
    this.operations += 1;
    if (this.operations < this.cutAt) return change();
    // The operation itself may have begun.
    if (this.#random() < 0.5 && this.operations === this.cutAt) change();
    throw new PowerCut("power cut");
  }

  #change(file: File, change: Change): void {
    file.live = applied(file.live, change);
    file.unsynced.push(change);
  }

  #name(change: NameChange): void {
    if (change.file === null) this.#names.delete(change.name);
    else this.#names.set(change.name, change.file);
    this.#nameChanges.push(change);
  }

  #file(handle: number): File {
    const file = this.#handles.get(handle);
    if (file === undefined) throw Object.assign(new Error("bad handle"), { code: "EBADF" });
    return file;
  }
}

function applied(image: Buffer, change: Change): Buffer {
  if (change.type === "truncate") return Buffer.concat([image.subarray(0, change.size)], change.size);
  const result = Buffer.concat([image], Math.max(image.length, change.at + change.bytes.length));
  change.bytes.copy(result, change.at);
  return result;
}

function sectors({ at, bytes }: Change & { readonly type: "write" }): Change[] {
  const pieces: Change[] = [];
  for (let start = at; start < at + bytes.length;) {
    const end = Math.min(at + bytes.length, (Math.floor(start / SECTOR_BYTES) + 1) * SECTOR_BYTES);
    pieces.push({ type: "write", at: start, bytes: bytes.subarray(start - at, end - at) });
    start = end;
  }
  return pieces;
}
