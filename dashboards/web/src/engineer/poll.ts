/** Something that is asked for again and again while it is looked at: calmly, and never twice at once. */
import { useSignal, type ReadonlySignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

export interface Polled<T> {
  readonly value: T | null;
  /** When it was fetched last, this machine's clock; null before that. */
  readonly at: number | null;
  /** Why the newest try failed. */
  readonly failed: string | null;
}

/** What takes long is asked for seldom: at most a tenth of the time goes into it. */
const SHARE = 9;

/** Asks at once and then each `everyMs`; not while nobody looks. What fails keeps the last value. */
export function usePolled<T>(ask: () => Promise<T>, everyMs: number): ReadonlySignal<Polled<T>> & { again: () => void } {
  const state = useSignal<Polled<T>>({ value: null, at: null, failed: null });
  const round = useSignal(0);
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    let gone = false;
    const turn = async (): Promise<void> => {
      const began = performance.now();
      if (document.visibilityState === "visible") {
        try {
          const value = await ask();
          if (!gone) state.value = { value, at: Date.now(), failed: null };
        } catch (error) {
          if (!gone) state.value = { ...state.value, failed: (error as Error).message };
        }
      }
      if (!gone) timer = setTimeout(() => void turn(), Math.max(everyMs, (performance.now() - began) * SHARE));
    };
    void turn();
    return () => {
      gone = true;
      clearTimeout(timer);
    };
  }, [round.value]);
  return Object.assign(state, { again: () => (round.value += 1) });
}
