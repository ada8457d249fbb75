/**
 * Fault, event and alarm codes as data (domain.md §2): the canonical set of GB/T 24476-2017 clause 11 as products implement it,
 * and the dialects that differ from it. Dialects collide, so a code means nothing without its dialect, and (dialect, raw code,
 * canonical code) are kept together.
 */
import type { Hazard, Priority } from "./effects.ts";
import type { Mode } from "./reading.ts";

export type CodeClass = "none" | "fault" | "event" | "alarm" | "escalator-fault";

/** What a raw code says. */
export interface CodeMeaning {
  readonly class: CodeClass;
  readonly en: string;
  readonly zh: string;
  /** Priority of `reported-fault` for it (assumption: by what the fault can do to people). */
  readonly priority: Priority;
  /** The lift stops serving: counted as a stopping fault. */
  readonly stopping: boolean;
  /** The service mode that an event announces. */
  readonly mode?: Mode;
  /** The hazard that the code names: it is evidence for that hazard's alert, and no `reported-fault` of its own. */
  readonly hazard?: Hazard;
  /** The canonical code that means the same, or null where the canonical set has none. */
  readonly code: string | null;
}
export interface CanonicalCode extends CodeMeaning {
  readonly code: string;
}

interface More {
  readonly mode?: Mode;
  readonly hazard?: Hazard;
}
type Row = readonly [code: string, kind: CodeClass, en: string, zh: string, priority: Priority, more?: More];

const ROWS: readonly Row[] = [
  ["00", "none", "no fault", "无故障", "low"],
  ["01", "fault", "safety circuit open while running", "运行时安全回路断路", "high"],
  ["02", "fault", "door-close fault", "关门故障", "medium"],
  ["03", "fault", "door-open fault", "开门故障", "medium"],
  ["04", "fault", "car stopped outside unlocking zone", "轿厢在开锁区域外停止", "high", { hazard: "stopped-outside-door-zone" }],
  ["05", "fault", "unintended car movement", "轿厢意外移动", "critical", { hazard: "unintended-movement" }],
  ["06", "fault", "motor run-time limiter operated", "电动机运转时间限制器动作", "high", { hazard: "run-time-exceeded" }],
  ["07", "fault", "floor position lost", "楼层位置丢失", "medium", { hazard: "position-lost" }],
  ["08", "fault", "other fault preventing restart", "防止电梯再运行的其他故障", "high"],
  ["40", "event", "back to automatic", "恢复自动运行", "low", { mode: "normal" }],
  ["41", "event", "main power off", "主电源断电", "medium"],
  ["42", "event", "out of service", "进入停止服务", "low", { mode: "out-of-service" }],
  ["43", "event", "inspection mode", "检修运行", "low", { mode: "inspection" }],
  ["44", "event", "fire recall", "消防返回", "low", { mode: "fire-recall" }],
  ["45", "event", "firefighter mode", "消防员运行", "low", { mode: "firefighter" }],
  ["46", "event", "emergency power", "应急电源运行", "low", { mode: "emergency-power" }],
  ["47", "event", "earthquake mode", "地震模式", "low", { mode: "earthquake" }],
  ["61", "escalator-fault", "escalator safety circuit", "安全回路", "high"],
  ["62", "escalator-fault", "escalator overspeed", "超速", "critical", { hazard: "escalator-overspeed" }],
  ["63", "escalator-fault", "escalator unintended reversal", "逆转", "critical", { hazard: "escalator-reversal" }],
  ["64", "escalator-fault", "missing step or pallet", "梯级缺失", "critical", { hazard: "escalator-missing-step" }],
  ["65", "escalator-fault", "other escalator fault", "其他", "medium"],
  ["90", "alarm", "alarm button pressed", "报警按钮动作", "high"],
];

export const CANONICAL_CODES: ReadonlyMap<string, CanonicalCode> = new Map(
  ROWS.map(([code, kind, en, zh, priority, more]) => [
    code,
    { code, class: kind, en, zh, priority, stopping: kind === "fault" || kind === "escalator-fault", ...more },
  ]),
);

export const DIALECTS = ["gb24476", "chongqing", "city-sql", "city-b", "inspur", "shmashine"] as const;
export type Dialect = (typeof DIALECTS)[number];
export const DEFAULT_DIALECT: Dialect = "gb24476";

/** Of a dialect's own code: its words, and either the canonical code that means the same, or what it is. */
type OwnCode = readonly [raw: string, en: string, zh: string, canonical: string | Own];
interface Own {
  readonly hazard?: Hazard;
  readonly priority: Priority;
  /** It does not keep the lift from serving. */
  readonly nuisance?: true;
}

export interface DialectTable {
  /** Codes that are not in the table mean what they mean in the canonical set. */
  readonly extendsCanonical: boolean;
  readonly codes: readonly OwnCode[];
}

const ENTRAPMENT: Own = { hazard: "entrapment", priority: "critical" };
const SHUT_IN: Own = { hazard: "entrapment-at-level", priority: "critical" };
const OVERRUN: Own = { hazard: "overtravel", priority: "critical" };
const OVERSPEED: Own = { hazard: "overspeed", priority: "critical" };
const OPENED_RUNNING: Own = { hazard: "door-open-while-running", priority: "critical" };
const MOVING_OPEN: Own = { hazard: "unintended-movement", priority: "critical" };

/** Raw codes as the products' documents list them (domain.md §2, source); what hazard each names is our reading of its words. */
export const DIALECT_CODES: Readonly<Record<Dialect, DialectTable>> = {
  gb24476: { extendsCanonical: true, codes: [] },
  chongqing: {
    extendsCanonical: true,
    codes: [
      ["91", "bottom overrun", "蹲底", OVERRUN],
      ["92", "top overrun", "冲顶", OVERRUN],
      ["93", "shut in at level", "平层关人", SHUT_IN],
    ],
  },
  "city-sql": {
    extendsCanonical: true,
    codes: [
      ["09", "top overrun", "冲顶", OVERRUN],
      ["10", "bottom overrun", "蹲底", OVERRUN],
      ["11", "entrapment", "困人", ENTRAPMENT],
    ],
  },
  "city-b": {
    extendsCanonical: true,
    codes: [
      ["08", "door opened while running", "运行中开门", OPENED_RUNNING],
      ["09", "top overrun", "冲顶", OVERRUN],
      ["10", "bottom overrun", "蹲底", OVERRUN],
      ["11", "overspeed", "超速", OVERSPEED],
      ["12", "moving with door open", "开门走梯", MOVING_OPEN],
      ["13", "run time exceeded", "运行时间超限", "06"],
      ["14", "repeated door cycling", "反复开关门", { hazard: "door-cycling", priority: "low", nuisance: true }],
      ["15", "alarm button", "报警按钮动作", "90"],
      ["99", "other", "其他", "08"],
    ],
  },
  inspur: {
    extendsCanonical: false,
    codes: [
      ["1", "entrapment", "困人", ENTRAPMENT],
      ["2", "moving with door open", "开门走梯", "05"],
      ["3", "stopped outside zone", "非平层停梯", "04"],
      ["4", "top overrun", "冲顶", OVERRUN],
      ["5", "bottom overrun", "蹲底", OVERRUN],
      ["6", "overspeed", "超速", OVERSPEED],
    ],
  },
  shmashine: {
    extendsCanonical: false,
    codes: [
      ["1", "top overrun", "冲顶", OVERRUN],
      ["2", "bottom overrun", "蹲底", OVERRUN],
      ["3", "overspeed", "超速", OVERSPEED],
      ["4", "door opened while running", "运行中开门", OPENED_RUNNING],
      ["5", "moving with door open", "开门走梯", "05"],
      ["6", "stopped outside zone", "非平层停梯", "04"],
      ["7", "shut in at level", "平层困人", SHUT_IN],
      ["8", "entrapment between floors", "非平层困人", ENTRAPMENT],
      ["9", "power off", "停电", "41"],
      ["10", "safety circuit", "安全回路断路", "01"],
      ["11", "door open fault", "开门故障", "03"],
      ["12", "door close fault", "关门故障", "02"],
      ["13", "door lock", "门锁故障", { priority: "high" }],
      ["14", "stuck button", "按钮卡阻", { priority: "low", nuisance: true }],
      ["15", "speed abnormal", "速度异常", { priority: "high" }],
      ["16", "brake", "制动器故障", { priority: "high" }],
      ["17", "run time", "运行时间超限", "06"],
      ["18", "temperature", "温度过高", { priority: "medium", nuisance: true }],
      ["19", "floor lost", "楼层丢失", "07"],
      ["20", "door blocked", "阻挡门", { priority: "low", nuisance: true }],
      ["21", "passenger alarm", "乘客报警", "90"],
      ["22", "battery", "电池故障", { priority: "low", nuisance: true }],
      ["23", "escalator safety circuit", "扶梯安全回路断路", "61"],
      ["24", "escalator overspeed", "扶梯超速", "62"],
      ["25", "escalator reversal", "扶梯逆转", "63"],
      ["26", "escalator step missing", "梯级缺失", "64"],
      ["27", "escalator other", "扶梯其他故障", "65"],
      ["33", "pallet missing", "踏板缺失", "64"],
      ["34", "brake not released", "制动器未打开", { priority: "high" }],
      ["35", "comb stuck", "梳齿板卡异物", { priority: "high" }],
    ],
  },
};

const MEANINGS: ReadonlyMap<string, ReadonlyMap<string, CodeMeaning>> = new Map(
  Object.entries(DIALECT_CODES).map(([dialect, { extendsCanonical, codes }]) => [
    dialect,
    new Map<string, CodeMeaning>([
      ...(extendsCanonical ? CANONICAL_CODES : []),
      ...codes.map(([raw, en, zh, what]): [string, CodeMeaning] => [raw, { ...meaningOf(what), en, zh }]),
    ]),
  ]),
);

function meaningOf(what: string | Own): Omit<CodeMeaning, "en" | "zh"> {
  if (typeof what !== "string") {
    const { hazard, priority, nuisance } = what;
    return { code: null, class: "fault", priority, stopping: nuisance !== true, ...(hazard === undefined ? {} : { hazard }) };
  }
  const canonical = CANONICAL_CODES.get(what);
  if (canonical === undefined) throw new Error(`no canonical code ${what}`);
  return canonical;
}

/** What `raw` means in `dialect`, or null where this version does not know the dialect or the code. */
export function meaningOfCode(dialect: string, raw: string): CodeMeaning | null {
  return MEANINGS.get(dialect)?.get(raw) ?? null;
}

/** The raw code by which a dialect says a canonical one, or null where it has no word for it. */
export function rawCode(dialect: Dialect, canonical: string): string | null {
  const { extendsCanonical, codes } = DIALECT_CODES[dialect];
  // A number that the dialect gave another meaning cannot say the canonical one any more.
  if (extendsCanonical && !codes.some(([raw]) => raw === canonical)) return canonical;
  return codes.find(([, , , meaning]) => meaning === canonical)?.[0] ?? null;
}
