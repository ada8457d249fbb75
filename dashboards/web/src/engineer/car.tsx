/** The car in its shaft at the replay's moment: floor, doors, direction, persons. What is not known is said, never drawn as if it were. */
import type { DoorState } from "../../../../src/core/reading.ts";
import type { LiftView } from "../../../../src/core/view.ts";
import { messages } from "../preferences.ts";
import { say } from "./messages.ts";
import { moment } from "./replay-state.ts";

const WIDTH = 150;
const HEIGHT = 300;
const CAR = { width: 70, height: 56 };
/** Where a car stands whose place is not known, and floors that a shaft without a register is drawn with. */
const FLOORS = 10;
const OPENING: Readonly<Record<DoorState, number>> = { closed: 0, opening: 0.5, closing: 0.5, open: 1, unknown: 0 };

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
    <div class="car">
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

function Shaft(props: { readonly lift: LiftView }) {
  const { lift } = props;
  const words = say.value.car;
  const floors = Math.max(2, lift.register?.floors ?? FLOORS);
  const share = shareOf(lift, floors);
  const y = 14 + (1 - (share ?? 0)) * (HEIGHT - 28 - CAR.height);
  const speed = lift.speedMps ?? 0;
  const open = lift.doors.front === null ? 0 : OPENING[lift.doors.front];
  const said = [
    lift.floor === null ? words.floorUnknown : messages.value.alerts.floor(lift.floor),
    lift.doors.front === null ? words.doorsUnknown : words.doors[lift.doors.front],
    Math.abs(speed) < 0.05 ? words.stands : speed > 0 ? words.up : words.down,
  ].join(", ");
  return (
    <svg class="shaft" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
      <rect class="shaft-wall" x="30" y="4" width={CAR.width + 20} height={HEIGHT - 8} />
      {Array.from({ length: floors }, (_, index) => {
        const at = 14 + CAR.height + (1 - index / (floors - 1)) * (HEIGHT - 28 - CAR.height);
        return <line key={index} class="shaft-floor" x1="22" x2="30" y1={at} y2={at} />;
      })}
      <g class={share === null ? "car-box lost" : "car-box"} transform={`translate(40 ${y})`}>
        <rect width={CAR.width} height={CAR.height} />
        <rect class="car-gap" x={CAR.width / 2 - (open * CAR.width) / 2.6} y="6" width={(open * CAR.width) / 1.3} height={CAR.height - 6} />
        <line class="car-leaf" x1={CAR.width / 2} x2={CAR.width / 2} y1="6" y2={CAR.height} />
        <text x={CAR.width / 2} y={CAR.height / 2 + 8} text-anchor="middle">
          {share === null ? "?" : (lift.persons ?? 0) > 0 ? `${lift.persons} ⚇` : ""}
        </text>
      </g>
      {Math.abs(speed) >= 0.05 && (
        <path
          class="car-way"
          transform={`translate(${WIDTH - 14} ${y + CAR.height / 2})`}
          d={speed > 0 ? "M0 -14 8 0H-8z" : "M0 14 8 0H-8z"}
        />
      )}
      <text class="shaft-at" x="18" y={y + CAR.height} text-anchor="end">
        {lift.floor ?? "?"}
      </text>
    </svg>
  );
}

/** How far up the shaft, from 0 to 1: by position where it is known, else by floor. */
function shareOf({ positionM, floor, register }: LiftView, floors: number): number | null {
  const travelM = register?.travelM ?? null;
  const share =
    positionM !== null && travelM !== null && travelM > 0 ? positionM / travelM : floor === null ? null : (floor - 1) / (floors - 1);
  return share === null ? null : Math.max(0, Math.min(1, share));
}
