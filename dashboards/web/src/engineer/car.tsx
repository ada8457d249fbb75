/** The car at the replay's moment, and all values that the monitor knew then. */
import { carValues } from "../parts/car-values.ts";
import { Shaft } from "../parts/shaft.tsx";
import { messages } from "../preferences.ts";
import { say } from "./messages.ts";
import { moment } from "./replay-state.ts";

export function Car() {
  const lift = moment.value?.lift ?? null;
  if (lift === null) return <p class="quiet">{say.value.noCar}</p>;
  return (
    <div class="replay-car">
      <Shaft lift={lift} />
      <dl class="car-values">
        {carValues(lift).map(({ name, value }) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={value === null ? "unknown" : undefined}>{value ?? messages.value.parts.unknown}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
