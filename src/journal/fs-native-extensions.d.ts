/** The package has no types; this is what we use of it. */
declare module "fs-native-extensions" {
  /** Takes the kernel's exclusive lock on an open file. @returns false where another open file holds it. */
  export function tryLock(fd: number): boolean;
  /** Gives the lock back; closing the file does so too. */
  export function unlock(fd: number): void;
}
