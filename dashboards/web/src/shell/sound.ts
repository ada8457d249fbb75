/**
 * The tone for critical alerts that nobody has acknowledged: at once for a new one, then again and again until somebody has. It is on
 * from the beginning and can be muted for half an hour, never for good. Browsers let a page sound only after somebody has touched it;
 * until then the page says so.
 */
import { computed, effect, signal } from "@preact/signals";
import { isEntrapment } from "../handling.ts";
import { lists, localNow, stale, urgent } from "../site.ts";

const MUTE_MS = 30 * 60_000;
const AGAIN_MS = 10_000;
/** Pairs of start in s and pitch in Hz: rising for people shut in, level for the rest. */
const PEOPLE = [
  [0, 660],
  [0.22, 880],
  [0.44, 1_100],
] as const;
const OTHERS = [
  [0, 740],
  [0.3, 740],
] as const;
const TONE_S = 0.18;
const LOUDNESS = 0.25;

export type Sound = "on" | "locked" | "muted" | "missing";

const running = signal(false);
const missing = signal(false);
export const mutedUntil = signal(0);
export const sound = computed<Sound>(() => {
  if (missing.value) return "missing";
  if (localNow.value < mutedUntil.value) return "muted";
  return running.value ? "on" : "locked";
});

let context: AudioContext | null = null;
let soundedAt = Number.NEGATIVE_INFINITY;

export function toggleMute(): void {
  mutedUntil.value = Date.now() < mutedUntil.value ? 0 : Date.now() + MUTE_MS;
  localNow.value = Date.now();
  unlock();
}

/** Call when somebody has touched the page. */
export function unlock(): void {
  if (context !== null && context.state !== "running") void context.resume().catch(() => undefined);
}

/** Call once. */
export function startSound(): void {
  if (typeof AudioContext === "undefined") {
    missing.value = true;
    return;
  }
  context = new AudioContext();
  const look = (): void => {
    running.value = context?.state === "running";
  };
  context.addEventListener("statechange", look);
  look();
  document.addEventListener("pointerdown", unlock, { capture: true });
  document.addEventListener("keydown", unlock, { capture: true });
  effect(() => {
    if (urgent.value.length > 0) ring(urgent.value.some(isEntrapment));
  });
  effect(() => {
    const due = lists.value.unacknowledgedCritical > 0 && !stale.value && localNow.value >= soundedAt + AGAIN_MS;
    if (due) ring(lists.peek().people.some(({ acknowledged }) => !acknowledged));
  });
}

function ring(people: boolean): void {
  if (context === null || sound.peek() !== "on") return;
  soundedAt = Date.now();
  const begin = context.currentTime + 0.02;
  for (const [after, pitch] of people ? PEOPLE : OTHERS) {
    const tone = new OscillatorNode(context, { frequency: pitch, type: "triangle" });
    const gain = new GainNode(context, { gain: 0 });
    tone.connect(gain).connect(context.destination);
    gain.gain.setValueAtTime(0, begin + after);
    gain.gain.linearRampToValueAtTime(LOUDNESS, begin + after + 0.015);
    gain.gain.linearRampToValueAtTime(0, begin + after + TONE_S);
    tone.start(begin + after);
    tone.stop(begin + after + TONE_S);
  }
  // Seen in the browser's own record of the page, and by the tests.
  performance.clearMarks("alarm-tone");
  performance.mark("alarm-tone");
}
