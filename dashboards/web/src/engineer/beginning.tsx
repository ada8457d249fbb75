/** What the replay did not know when it began: said, because a judgement may rest on it. */
import type { Channel } from "../../../../src/core/reading.ts";
import { clockTime } from "../format.ts";
import { messages } from "../preferences.ts";
import { zone } from "../site.ts";
import { figure } from "./figures.ts";
import { say } from "./messages.ts";
import { cursorAt, extent, liftId, replay } from "./replay-state.ts";

/** Fault codes come only when there is a fault. */
const EXPECTED: readonly Channel[] = ["online", "status", "door", "speed"];

export function Beginning() {
  const words = say.value.beginning;
  const [loaded, whole] = [replay.value, extent.value];
  if (loaded === null || whole === null) return null;
  const heard = loaded.traces[liftId.value]?.firstHeard;
  const late = EXPECTED.filter((channel) => (heard?.[channel] ?? Infinity) > whole.from);
  return (
    <details class="beginning fold">
      <summary>
        {words.begins[loaded.begins]} · {words.entries(figure(loaded.times.length))}
        {!loaded.complete && <b> ⚠ {words.cut}</b>}
      </summary>
      {loaded.begins === "in-the-middle" && <p>{words.unknown}</p>}
      <ul>
        {late.map((channel) => {
          const at = heard?.[channel] ?? null;
          return (
            <li key={channel}>
              {at === null
                ? words.never(words.channels[channel])
                : words.from(words.channels[channel], clockTime(at, cursorAt.peek(), zone.value, messages.value.tag))}
            </li>
          );
        })}
      </ul>
      {!loaded.complete && <p>{words.cutWhy}</p>}
    </details>
  );
}
