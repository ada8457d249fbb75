/** The replay's controls: a scrubber, play, step by reading, speed. Each has a key. */
import { useEffect } from "preact/hooks";
import { bindKey, keysOn } from "../keys.ts";
import { messages } from "../preferences.ts";
import { clockTime, dateTime } from "../format.ts";
import { zone } from "../site.ts";
import { say } from "./messages.ts";
import { changeSpeed, cursorAt, extent, moment, playing, seek, speed, step, togglePlay } from "./replay-state.ts";
import { SPEEDS } from "./replay/player.ts";

const KEYS: readonly (readonly [key: string, act: () => void])[] = [
  [" ", togglePlay],
  [",", () => step(-1)],
  [".", () => step(1)],
  ["<", () => changeSpeed(-1)],
  [">", () => changeSpeed(1)],
];

export function Transport() {
  const words = say.value.transport;
  const whole = extent.value;
  useEffect(() => {
    const free = KEYS.map(([key, act]) => bindKey(key, () => (key === " " && onButton() ? pressFocused() : act())));
    return () => free.forEach((each) => each());
  }, []);
  if (whole === null) return null;
  const { tag } = messages.value;
  const at = cursorAt.value;
  const spoken = dateTime(at, zone.value, tag);
  return (
    <section class="transport" aria-label={words.title}>
      <div class="transport-buttons">
        <button type="button" title={words.keys.back} aria-label={words.back} onClick={() => step(-1)}>
          ◂❙
        </button>
        <button type="button" class="transport-play" title={words.keys.play} onClick={togglePlay}>
          {playing.value ? `❚❚ ${words.pause}` : `▶ ${words.play}`}
        </button>
        <button type="button" title={words.keys.on} aria-label={words.on} onClick={() => step(1)}>
          ❙▸
        </button>
        <label class="filter" title={words.keys.speed}>
          <span>{words.speed}</span>
          <select value={String(speed.value)} onChange={(event) => (speed.value = Number(event.currentTarget.value))}>
            {SPEEDS.map((each) => (
              <option key={each} value={String(each)}>
                {each.toLocaleString(tag)}×
              </option>
            ))}
          </select>
        </label>
        <output class="transport-time">{spoken}</output>
        <span class="quiet">{moment.value !== null && words.entry(moment.value.seq)}</span>
      </div>
      <input
        type="range"
        aria-label={words.scrubber}
        aria-valuetext={spoken}
        min={whole.from}
        max={whole.to}
        step={1_000}
        value={at}
        onInput={(event) => seek(Number(event.currentTarget.value))}
        onKeyDown={(event) => {
          // Keys of a field are its own; those of the replay work here all the same, where a hand rests.
          const act = KEYS.find(([key]) => key === event.key)?.[1];
          if (act === undefined || !keysOn.value) return;
          event.preventDefault();
          act();
        }}
      />
      <div class="transport-ends quiet" aria-hidden="true">
        <span>{clockTime(whole.from, at, zone.value, tag)}</span>
        <span>{words.hint}</span>
        <span>{clockTime(whole.to, at, zone.value, tag)}</span>
      </div>
    </section>
  );
}

/** The space bar presses what has the focus, before it plays. */
function onButton(): boolean {
  return document.activeElement instanceof HTMLElement && document.activeElement.matches("button, summary, a");
}

function pressFocused(): void {
  (document.activeElement as HTMLElement).click();
}
