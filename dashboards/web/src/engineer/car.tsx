/** The car at the replay's moment, and all values that the monitor knew then. */
import { Shaft } from "../parts/shaft.tsx";
import { messages } from "../preferences.ts";
import { say } from "./messages.ts";
import { moment } from "./replay-state.ts";

export function Car() {
  const words = say.value.car;
  const lift = moment.value?.lift ?? null;
  if (lift === null) return <p class="quiet">{words.none}</p>;
  const rows: readonly (readonly [string, string | null])[] = [
    [words.floor, lift.floor === null ? null : String(lift.floor)],
    [words.speed, lift.speedMps === null ? null : `${lift.speedMps.toFixed(2)} m/s`],
    [words.position, lift.positionM === null ? null : `${lift.positionM.toFixed(2)} m`],
    [words.level, lift.levelOffsetMm === null ? null : `${lift.levelOffsetMm} mm`],
    [words.zone, lift.doorZone === null ? null : lift.doorZone ? words.yes : words.no],
    [words.front, lift.doors.front === null ? null : words.doors[lift.doors.front]],
    [words.rear, lift.doors.rear === null ? null : words.doors[lift.doors.rear]],
    [words.persons, lift.persons === null ? null : String(lift.persons)],
    [words.load, lift.loadKg === null ? null : `${lift.loadKg} kg`],
    [words.mode, lift.mode === null ? null : messages.value.modes[lift.mode]],
    [words.power, lift.powered === null ? null : lift.powered ? words.yes : words.no],
    [words.codes, lift.faults.length === 0 ? "–" : lift.faults.map(({ code, dialect }) => `${code} (${dialect})`).join(", ")],
  ];
  return (
    <div class="replay-car">
      <Shaft lift={lift} />
      <dl class="car-values">
        {rows.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd class={value === null ? "unknown" : undefined}>{value ?? words.unknown}</dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
