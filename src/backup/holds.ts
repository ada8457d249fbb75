/** What a running program does for a backup: it keeps still, for a while, what is being copied, and says how far it is. */
import { OperationalError } from "../errors.ts";
import type { Journal } from "../journal/journal.ts";
import type { Settings } from "../settings/schema.ts";
import type { ThreadedStore } from "../store/threaded.ts";

/** How far the data directory is, at one instant. */
export interface Extent {
  readonly journalId: string;
  /** Of the program. */
  readonly version: string;
  /** First and last durable entry of the journal. */
  readonly firstSeq: number;
  readonly position: number;
  readonly store: Settings["store"];
  /** Newest entry whose effects the store has. */
  readonly storeOffset: number;
  /** Segments of the journal and how many bytes of each hold entries up to `position`. */
  readonly files: Journal["files"];
}

export interface Hold {
  release(): void;
}

export interface Holds {
  extent(): Extent;
  /** Nothing of the journal and no snapshot is deleted while this is true. */
  readonly journalHeld: boolean;
  /** @throws OperationalError `backup-running` where it is held already. */
  journal(): Promise<Hold>;
  /** Nothing is written to the store: what comes meanwhile is in the journal. @throws as above. */
  store(): Promise<Hold>;
}

export interface HoldsOptions {
  readonly settings: Pick<Settings, "store">;
  readonly version: string;
  readonly journal: Pick<Journal, "id" | "firstSeq" | "lastSeq" | "files">;
  readonly store: Pick<ThreadedStore, "offset" | "hold">;
  /** Resolves when a deletion that is under way has ended. */
  readonly settled: () => Promise<unknown>;
}

export function createHolds({ settings, version, journal, store, settled }: HoldsOptions): Holds {
  let journalHeld = false;
  let storeHeld = false;
  return {
    get journalHeld() {
      return journalHeld;
    },
    extent: () => ({
      journalId: journal.id,
      version,
      firstSeq: journal.firstSeq,
      position: journal.lastSeq,
      store: settings.store,
      storeOffset: store.offset,
      files: journal.files,
    }),
    async journal() {
      if (journalHeld) throw busy("the journal");
      journalHeld = true;
      await settled();
      return {
        release() {
          journalHeld = false;
        },
      };
    },
    async store() {
      if (storeHeld) throw busy("the store");
      storeHeld = true;
      try {
        const hold = await store.hold();
        return {
          release() {
            storeHeld = false;
            hold.release();
          },
        };
      } catch (error) {
        storeHeld = false;
        throw error;
      }
    },
  };
}

function busy(what: string): OperationalError {
  return new OperationalError("backup-running", `${what} is held for a backup already; expected one at a time`);
}
