/**
 * The file operations of the journal's writer, synchronous: they run in a thread of their own. A port, so that the same
 * engine runs on a simulated disk in tests. Every method throws a NodeJS.ErrnoException when the disk refuses.
 */
import {
  closeSync,
  constants,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readSync,
  unlinkSync,
  writeSync,
} from "node:fs";

export interface Disk {
  /** Names of the files in a directory. */
  list(directory: string): string[];
  /** Opens for reading and writing. `create` makes the file and empties it if it is there. @returns a handle. */
  open(path: string, mode: "existing" | "create"): number;
  size(handle: number): number;
  /** @returns bytes read, 0 at the end. */
  read(handle: number, into: Uint8Array, position: number): number;
  /** @returns bytes written, which may be fewer than given. */
  write(handle: number, bytes: Uint8Array, position: number): number;
  truncate(handle: number, size: number): void;
  /** Makes the file's bytes and size durable. */
  sync(handle: number): void;
  /** Makes the directory's names durable. */
  syncDirectory(directory: string): void;
  close(handle: number): void;
  unlink(path: string): void;
}

export const fileDisk: Disk = {
  list: (directory) => readdirSync(directory),
  open: (path, mode) =>
    openSync(path, mode === "create" ? constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC : constants.O_RDWR, 0o600),
  size: (handle) => fstatSync(handle).size,
  read: (handle, into, position) => readSync(handle, into, 0, into.length, position),
  write: (handle, bytes, position) => writeSync(handle, bytes, 0, bytes.length, position),
  truncate: (handle, size) => ftruncateSync(handle, size),
  sync: (handle) => fdatasyncSync(handle),
  syncDirectory(directory) {
    const handle = openSync(directory, constants.O_RDONLY);
    try {
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
  },
  close: (handle) => closeSync(handle),
  unlink: (path) => unlinkSync(path),
};

/** Writes all of `bytes`, however many calls that takes. */
export function writeAll(disk: Disk, handle: number, bytes: Uint8Array, position: number): void {
  for (let done = 0; done < bytes.length;) {
    const written = disk.write(handle, bytes.subarray(done), position + done);
    if (written <= 0) throw Object.assign(new Error("the disk took no bytes"), { code: "EIO" });
    done += written;
  }
}

/** Fills `into` from `position`. @returns the part that was filled, shorter at the end of the file. */
export function readFull(disk: Disk, handle: number, into: Buffer, position: number): Buffer {
  let done = 0;
  while (done < into.length) {
    const got = disk.read(handle, into.subarray(done), position + done);
    if (got === 0) break;
    done += got;
  }
  return into.subarray(0, done);
}
