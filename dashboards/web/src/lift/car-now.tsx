/** The car as it is now, in a picture and in figures. */
import { span } from "../format.ts";
import { type CarValue, carValues } from "../parts/car-values.ts";
import { When } from "../parts/time.tsx";
import { Shaft } from "../parts/shaft.tsx";
import { messages } from "../preferences.ts";
import { now } from "../site.ts";
import type { LiftView } from "../../../../src/core/view.ts";
import { words } from "./words.ts";

const SKEW_WORTH_TELLING_MS = 2_000;

export function CarNow({ lift }: { readonly lift: LiftView }) {
  const say = words.value;
  const silent = lift.state === "silent" || lift.state === "unseen";
  const escalator = lift.register?.kind === "escalator";
  const rows: readonly CarValue[] = [
    ...carValues(lift),
    ...(Math.abs(lift.clockSkewMs ?? 0) < SKEW_WORTH_TELLING_MS
      ? []
      : [{ name: say.skew, value: say.skewed(((lift.clockSkewMs ?? 0) / 1_000).toFixed(1)), abnormal: true }]),
  ];
  return (
    <section class={silent ? "car-now old" : "car-now"} aria-labelledby="car-title">
      <div class="bar">
        <h2 id="car-title">{say.now}</h2>
        {lift.receivedAt !== null && (
          <span class="quiet">
            {say.lastWord} <When at={lift.receivedAt} /> ({span(now.value - lift.receivedAt, messages.value.units)})
          </span>
        )}
      </div>
      {silent && <p class="note">⚠ {say.old}</p>}
      <div class="car-and-values">
        {!escalator && <Shaft lift={lift} />}
        <dl class="values">
          {rows.map(({ name, value, abnormal }) => (
            <div key={name} class={abnormal ? "abnormal" : undefined}>
              <dt>{name}</dt>
              <dd class={value === null ? "quiet" : undefined}>
                {abnormal && "▲ "}
                {value ?? messages.value.parts.unknown}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}
