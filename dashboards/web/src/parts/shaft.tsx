/** The car in its shaft: floor, doors, direction, persons. What is not known is said, never drawn as if it were. */
import type { DoorState } from "../../../../src/core/reading.ts";
import type { LiftView } from "../../../../src/core/view.ts";
import { inLanguage, messages } from "../preferences.ts";
import "./shaft.css";

const WIDTH = 150;
const HEIGHT = 300;
const CAR = { width: 72, height: 60 };
const WALL = { left: 38, top: 4 };
/** Floors that a shaft is drawn with where the register does not say. */
const FLOORS = 10;
/** More landings than this are not lettered one by one. */
const LETTERED = 14;
const OPENING: Readonly<Record<DoorState, number>> = { closed: 0, opening: 0.5, closing: 0.5, open: 1, unknown: 0 };
const MOVING_MPS = 0.05;

const say = inLanguage(
  {
    doors: { closed: "doors closed", opening: "doors opening", open: "doors open", closing: "doors closing", unknown: "doors unknown" },
    stands: "stands",
    up: "going up",
    down: "going down",
    lost: "floor not known",
  },
  {
    doors: { closed: "门关", opening: "正在开门", open: "门开", closing: "正在关门", unknown: "门状态未知" },
    stands: "停止",
    up: "上行",
    down: "下行",
    lost: "楼层未知",
  },
);

export function Shaft({ lift }: { readonly lift: LiftView }) {
  const floors = Math.max(2, lift.register?.floors ?? FLOORS);
  const share = shareOf(lift, floors);
  const room = HEIGHT - 2 * WALL.top - CAR.height - 8;
  const at = (part: number): number => WALL.top + 4 + (1 - part) * room;
  const y = at(share ?? 0);
  const speed = lift.speedMps ?? 0;
  const moves = Math.abs(speed) >= MOVING_MPS;
  const door = lift.doors.front ?? "unknown";
  const gap = OPENING[door] * (CAR.width - 16);
  const persons = lift.persons ?? 0;
  const said = [
    lift.floor === null ? say.value.lost : messages.value.alerts.floor(lift.floor),
    say.value.doors[door],
    moves ? (speed > 0 ? say.value.up : say.value.down) : say.value.stands,
    ...(persons > 0 ? [messages.value.alerts.persons(persons)] : []),
  ].join(", ");
  return (
    <svg class="shaft" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={said}>
      <rect class="shaft-wall" x={WALL.left} y={WALL.top} width={CAR.width + 16} height={HEIGHT - 2 * WALL.top} />
      {Array.from({ length: floors }, (_, index) => {
        const ground = at(index / (floors - 1)) + CAR.height;
        const lettered = floors <= LETTERED || index === 0 || index === floors - 1 || index + 1 === lift.floor;
        return (
          <g key={index} class={index + 1 === lift.floor ? "landing here" : "landing"}>
            <line x1={WALL.left - 6} x2={WALL.left} y1={ground} y2={ground} />
            {lettered && (
              <text x={WALL.left - 9} y={ground + 4} text-anchor="end">
                {index + 1}
              </text>
            )}
          </g>
        );
      })}
      <g class={share === null ? "car lost" : "car"} transform={`translate(${WALL.left + 8} ${y})`}>
        <rect class="car-box" width={CAR.width} height={CAR.height} />
        <rect class="car-gap" x={(CAR.width - gap) / 2} y="8" width={gap} height={CAR.height - 8} />
        {gap === 0 && <line class="car-leaf" x1={CAR.width / 2} x2={CAR.width / 2} y1="8" y2={CAR.height} />}
        {share === null ? (
          <text class="car-word" x={CAR.width / 2} y={CAR.height / 2 + 8} text-anchor="middle">
            ?
          </text>
        ) : (
          persons > 0 && (
            <g transform={`translate(${CAR.width / 2 - 16} 20)`}>
              <circle class="person" cx="8" cy="5" r="5" />
              <path class="person" d="M0 26a8 12 0 0 1 16 0z" />
              <text class="car-word" x="20" y="22">
                {persons}
              </text>
            </g>
          )
        )}
      </g>
      {moves && (
        <path
          class="car-way"
          transform={`translate(${WIDTH - 12} ${y + CAR.height / 2})`}
          d={speed > 0 ? "M0-14 9 3H-9z" : "M0 14 9-3H-9z"}
        />
      )}
    </svg>
  );
}

/** How far up the shaft, from 0 to 1: by position where it is known, else by floor. */
function shareOf({ positionM, floor, register }: LiftView, floors: number): number | null {
  const travelM = register?.travelM ?? 0;
  const share = positionM !== null && travelM > 0 ? positionM / travelM : floor === null ? null : (floor - 1) / (floors - 1);
  return share === null ? null : Math.max(0, Math.min(1, share));
}
