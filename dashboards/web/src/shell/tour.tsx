/** A few sentences for whoever opens the page for the first time on this machine. It covers nothing that one has to act on, and stays away once ended. */
import { effect, signal } from "@preact/signals";
import { keep, read } from "../kept.ts";
import { messages } from "../preferences.ts";
import { place } from "../router.ts";

const SEEN = "hoistway.tour";
/** What is told, and the id of the part that is outlined meanwhile. */
const STEPS = [
  ["people", "people"],
  ["list", "alerts"],
  ["fleet", "fleet"],
  ["strip", "strip"],
  ["search", "search"],
] as const;

const step = signal<number | null>(read(SEEN) === null ? 0 : null);

export function beginTour(): void {
  step.value = 0;
}

export function endTour(): void {
  step.value = null;
  keep(SEEN, "seen");
}

/** Outlines the part that is being told of. Call once. */
export function followTour(): void {
  effect(() => {
    const at = step.value === null || place.value.path !== "/" ? undefined : STEPS[step.value];
    document.documentElement.dataset["tour"] = at?.[1] ?? "";
    if (at !== undefined && step.value !== 0) document.getElementById(at[1])?.scrollIntoView({ block: "nearest" });
  });
}

export function Tour() {
  const at = step.value;
  const current = at === null ? undefined : STEPS[at];
  if (at === null || current === undefined || place.value.path !== "/") return null;
  const say = messages.value.tour;
  const last = at === STEPS.length - 1;
  return (
    <aside class="tour" aria-label={say.title}>
      <div class="dialog-head">
        <b>{say.title}</b>
        <span class="quiet">{say.step(at + 1, STEPS.length)}</span>
      </div>
      <p aria-live="polite">{say.steps[current[0]]}</p>
      <div class="acts">
        <button type="button" onClick={endTour}>
          {say.end}
        </button>
        <span class="push" />
        {at > 0 && (
          <button type="button" onClick={() => (step.value = at - 1)}>
            {say.back}
          </button>
        )}
        {!last && (
          <button type="button" class="primary" onClick={() => (step.value = at + 1)}>
            {say.next}
          </button>
        )}
      </div>
    </aside>
  );
}
