/** What is known of a car, in figures: the same rows for a lift as it is now and for a moment of a replay. */
import type { LiftView } from "../../../../src/core/view.ts";
import { inLanguage, messages } from "../preferences.ts";

const words = inLanguage(
  {
    floor: "Floor",
    speed: "Speed",
    position: "Position",
    level: "Off the level",
    zone: "In the door zone",
    front: "Front door",
    rear: "Rear door",
    persons: "Persons",
    load: "Load",
    mode: "Mode",
    power: "Main power",
    codes: "Codes it reports",
    yes: "yes",
    no: "no",
    none: "none",
    doors: { closed: "closed", opening: "opening", open: "open", closing: "closing", unknown: "unknown" },
  },
  {
    floor: "楼层",
    speed: "速度",
    position: "位置",
    level: "平层偏差",
    zone: "在门区内",
    front: "前门",
    rear: "后门",
    persons: "人数",
    load: "载荷",
    mode: "模式",
    power: "主电源",
    codes: "上报代码",
    yes: "是",
    no: "否",
    none: "无",
    doors: { closed: "关", opening: "正在开", open: "开", closing: "正在关", unknown: "未知" },
  },
);

export interface CarValue {
  readonly name: string;
  /** Null where it is not known. */
  readonly value: string | null;
  /** Worth a look in itself. */
  readonly abnormal: boolean;
}

const row = (name: string, value: string | null, abnormal = false): CarValue => ({ name, value, abnormal });

/** Without the sign of a zero that was rounded. */
function fixed(value: number, digits: number): string {
  const text = value.toFixed(digits);
  return Number(text) === 0 ? (0).toFixed(digits) : text;
}

function answer(value: boolean | null): string | null {
  return value === null ? null : value ? words.value.yes : words.value.no;
}

export function carValues(lift: LiftView): readonly CarValue[] {
  const say = words.value;
  const { floor, speedMps, positionM, levelOffsetMm, doors, persons, loadKg, mode, powered, faults } = lift;
  const escalator = lift.register?.kind === "escalator";
  const ofACar: readonly CarValue[] = [
    row(say.position, positionM === null ? null : `${fixed(positionM, 2)} m`),
    row(say.level, levelOffsetMm === null ? null : `${fixed(levelOffsetMm, 1)} mm`),
    row(say.zone, answer(lift.doorZone)),
    row(say.front, doors.front === null ? null : say.doors[doors.front]),
    ...(doors.rear === null ? [] : [row(say.rear, say.doors[doors.rear])]),
    row(say.persons, persons === null ? null : String(persons)),
    row(say.load, loadKg === null ? null : `${Math.round(loadKg)} kg`),
  ];
  return [
    ...(escalator ? [] : [row(say.floor, floor === null ? null : String(floor))]),
    row(say.speed, speedMps === null ? null : `${fixed(speedMps, 2)} m/s`),
    ...(escalator ? [] : ofACar),
    row(say.mode, mode === null ? null : messages.value.modes[mode], mode !== null && mode !== "normal"),
    row(say.power, answer(powered), powered === false),
    row(
      say.codes,
      faults.length === 0 ? say.none : faults.map(({ code, dialect }) => `${code} (${dialect})`).join(", "),
      faults.length > 0,
    ),
  ];
}
