/** What the page and its replay worker say to each other. */
import type { Comparison } from "../../../../../src/backtest/compare.ts";
import type { Rules } from "../../../../../src/core/rules.ts";
import type { Moment, Replay } from "./session.ts";

/** What to replay: an answer of the server, or a file of the reader's own. */
export type Source = { readonly url: string } | { readonly file: File };

export interface Calls {
  readonly load: { readonly asks: { readonly source: Source }; readonly gives: LoadedReplay };
  readonly moment: { readonly asks: { readonly index: number; readonly liftId: string }; readonly gives: Moment };
  readonly changes: { readonly asks: Readonly<Record<string, never>>; readonly gives: string };
  readonly backtest: { readonly asks: { readonly rules: Rules; readonly against: Rules | null }; readonly gives: Comparison };
}
export type CallName = keyof Calls;

export interface LoadedReplay extends Replay {
  /** False where a bound of the browser ended it. */
  readonly complete: boolean;
  readonly bytes: number;
}

export type Asked<K extends CallName> = { readonly id: number; readonly name: K } & Calls[K]["asks"];
export type Ask = { readonly [K in CallName]: Asked<K> }[CallName];

/** How far a long call is: `loading` by bytes read, the others from 0 to 1. */
export interface Progress {
  readonly phase: "loading" | "folding" | "comparing";
  readonly done: number;
}

/** Why a call failed. `code` is the server's own, or `network`, `recording`, `internal`. */
export interface Failure {
  readonly code: string;
  readonly message: string;
}

export type Said =
  | { readonly id: number; readonly progress: Progress }
  | { readonly id: number; readonly value: unknown }
  | { readonly id: number; readonly failure: Failure };
