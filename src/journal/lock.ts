/** One process a data directory: the kernel's lock, which ends with the process that holds it, however it ends. */
import { closeSync, constants, openSync, readFileSync, writeSync, ftruncateSync } from "node:fs";
import { join } from "node:path";
import { tryLock } from "fs-native-extensions";
import { OperationalError } from "../errors.ts";

const LOCK_FILE = "lock";

export interface DirectoryLock {
  /** Gives the directory free. Calling it again does nothing. */
  release(): void;
}

/**
 * Locks `directory`, which exists, for this opener alone: another process is refused, and so is a second opener in this one.
 * @throws OperationalError `data-directory-in-use`
 */
export function lockDirectory(directory: string): DirectoryLock {
  const path = join(directory, LOCK_FILE);
  const fd = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600);
  let held = false;
  try {
    held = tryLock(fd);
  } finally {
    if (!held) closeSync(fd);
  }
  if (!held) {
    const holder = readFileSync(path, "utf8").trim();
    throw new OperationalError(
      "data-directory-in-use",
      `${directory} is in use by another Hoistway${/^\d+$/.test(holder) ? ` (process ${holder})` : ""}; a data directory serves one process`,
    );
  }
  // For the message above only: the lock is the kernel's, not the file's contents.
  ftruncateSync(fd, 0);
  writeSync(fd, `${process.pid}\n`, 0);
  return {
    release() {
      if (!held) return;
      held = false;
      closeSync(fd);
    },
  };
}
