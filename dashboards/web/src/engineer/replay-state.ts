/** The replay that is open: what is loaded, where it stands, and what moves it. Views read the signals and call the acts. */
import { computed, signal } from "@preact/signals";
import type { Asked } from "./range.ts";
import { ReplayClient, ReplayFailed } from "./replay/client.ts";
import { end, indexAt, otherSpeed, start, stepFrom } from "./replay/player.ts";
import type { LoadedReplay, Progress } from "./replay/protocol.ts";
import type { Moment } from "./replay/session.ts";

/** Frames of the monitor's state a second at most: an eye follows no more, and the table costs some ms. */
const FRAME_MS = 60;

export interface Trouble {
  readonly code: string;
  readonly message: string;
}

export const asked = signal<Asked | null>(null);
export const loading = signal<Progress | null>(null);
export const trouble = signal<Trouble | null>(null);
export const replay = signal<LoadedReplay | null>(null);
export const liftId = signal("");
export const cursorAt = signal(0);
export const moment = signal<Moment | null>(null);
export const playing = signal(false);
export const speed = signal(1);

/** The first and last time of the replay, ms since the epoch. */
export const extent = computed(() => (replay.value === null ? null : { from: start(replay.value), to: end(replay.value) }));

let client: ReplayClient | null = null;
interface Wish {
  readonly index: number;
  readonly liftId: string;
}
/** What the worker is to show, and whether it is at it. */
let wish: Wish | null = null;
let busy = false;
let frame = 0;
let frameAt = 0;
let shownAt = 0;

/** Loads a recording in place of the one before. What fails is told by `trouble`. */
export async function open(what: Asked): Promise<void> {
  shut();
  const mine = new ReplayClient();
  client = mine;
  asked.value = what;
  loading.value = { phase: "loading", done: 0 };
  try {
    const loaded = await mine.call("load", { source: what.source }, (progress) => {
      if (client === mine) loading.value = progress;
    });
    if (client !== mine) return;
    replay.value = loaded;
    liftId.value = what.lifts.find((id) => loaded.liftIds.includes(id)) ?? loaded.liftIds[0] ?? "";
    loading.value = null;
    seek(Math.max(start(loaded), Math.min(end(loaded), what.at ?? start(loaded))));
  } catch (error) {
    if (client !== mine) return;
    loading.value = null;
    trouble.value = troubleOf(error);
  }
}

/** Ends the worker and forgets the recording. */
export function shut(): void {
  pause();
  client?.close();
  client = null;
  wish = null;
  busy = false;
  asked.value = null;
  loading.value = null;
  trouble.value = null;
  replay.value = null;
  moment.value = null;
}

/** To a time; the state is that after the last entry received by then. */
export function seek(at: number): void {
  const { value } = replay;
  if (value === null) return;
  cursorAt.value = Math.max(start(value), Math.min(end(value), at));
  want(indexAt(value, cursorAt.value));
}

/** To the next entry that is no tick, or the one before: entries of one instant are told apart. */
export function step(direction: 1 | -1): void {
  const { value } = replay;
  if (value === null) return;
  pause();
  const index = stepFrom(value, wish?.index ?? indexAt(value, cursorAt.value), direction);
  if (index === null) return;
  cursorAt.value = value.times[index - 1] ?? cursorAt.value;
  want(index);
}

export function togglePlay(): void {
  if (playing.value) {
    pause();
    return;
  }
  const { value } = replay;
  if (value === null) return;
  if (cursorAt.value >= end(value)) seek(start(value));
  playing.value = true;
  frameAt = performance.now();
  frame = requestAnimationFrame(advance);
}

export function pause(): void {
  playing.value = false;
  cancelAnimationFrame(frame);
}

export function changeSpeed(direction: 1 | -1): void {
  speed.value = otherSpeed(speed.value, direction);
}

export function showLift(id: string): void {
  liftId.value = id;
  want(wish?.index ?? 0);
}

/** The alert changes of the whole replay, as `hoistway replay` writes them. @throws ReplayFailed */
export async function changesText(): Promise<string> {
  return client === null ? "" : client.call("changes", {});
}

/** The worker that holds the recording; null where none is open. */
export function worker(): ReplayClient | null {
  return client;
}

export function troubleOf(error: unknown): Trouble {
  return error instanceof ReplayFailed ? { code: error.code, message: error.message } : { code: "internal", message: String(error) };
}

function advance(now: number): void {
  const { value } = replay;
  if (value === null || !playing.value) return;
  const next = cursorAt.value + Math.max(0, now - frameAt) * speed.value;
  frameAt = now;
  cursorAt.value = Math.min(next, end(value));
  want(indexAt(value, cursorAt.value));
  if (next >= end(value)) pause();
  else frame = requestAnimationFrame(advance);
}

/** Asks for a state; while one is on its way, only the newest wish is kept. */
function want(index: number): void {
  if (index === wish?.index && liftId.value === wish.liftId) return;
  wish = { index, liftId: liftId.value };
  if (!busy) void show();
}

async function show(): Promise<void> {
  const [mine, shown] = [client, wish];
  if (mine === null || shown === null) return;
  busy = true;
  try {
    const restMs = FRAME_MS - (performance.now() - shownAt);
    if (restMs > 0 && playing.value) await new Promise((resolve) => setTimeout(resolve, restMs));
    shownAt = performance.now();
    const state = await mine.call("moment", shown);
    if (client === mine) moment.value = state;
  } catch (error) {
    if (client === mine) trouble.value = troubleOf(error);
  }
  if (client !== mine) return;
  busy = false;
  if (wish !== shown) void show();
}
