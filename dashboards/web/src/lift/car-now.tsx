/** The car as it is now, in a picture and in figures. */
import { span } from "../format.ts";
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
  const answer = (value: boolean | null): string | null => (value === null ? null : value ? say.yes : say.no);
  const escalator = lift.register?.kind === "escalator";
  const rows: readonly (readonly [string, string | null, boolean?])[] = [
    ...(escalator ? [] : [[say.floor, lift.floor === null ? null : String(lift.floor)] as const]),
    [say.speed, lift.speedMps === null ? null : `${lift.speedMps.toFixed(2)} m/s`],
    ...(escalator
      ? []
      : ([
          [say.position, lift.positionM === null ? null : `${lift.positionM.toFixed(2)} m`],
          [say.level, lift.levelOffsetMm === null ? null : `${lift.levelOffsetMm.toFixed(1)} mm`],
          [say.zone, answer(lift.doorZone)],
          [say.front, lift.doors.front === null ? null : say.doors[lift.doors.front]],
          ...(lift.doors.rear === null ? [] : [[say.rear, say.doors[lift.doors.rear]] as const]),
          [say.persons, lift.persons === null ? null : String(lift.persons)],
          [say.load, lift.loadKg === null ? null : `${Math.round(lift.loadKg)} kg`],
        ] as const)),
    [say.mode, lift.mode === null ? null : messages.value.modes[lift.mode], lift.mode !== null && lift.mode !== "normal"],
    [say.power, answer(lift.powered), lift.powered === false],
    [
      say.codes,
      lift.faults.length === 0 ? say.none : lift.faults.map(({ code, dialect }) => `${code} (${dialect})`).join(", "),
      lift.faults.length > 0,
    ],
    ...(Math.abs(lift.clockSkewMs ?? 0) < SKEW_WORTH_TELLING_MS
      ? []
      : [[say.skew, say.skewed(((lift.clockSkewMs ?? 0) / 1_000).toFixed(1)), true] as const]),
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
          {rows.map(([name, value, abnormal]) => (
            <div key={name} class={abnormal === true ? "abnormal" : undefined}>
              <dt>{name}</dt>
              <dd class={value === null ? "quiet" : undefined}>
                {abnormal === true && "▲ "}
                {value ?? messages.value.parts.unknown}
              </dd>
            </div>
          ))}
        </dl>
      </div>
    </section>
  );
}
