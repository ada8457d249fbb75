/**
 * Fault, event and alarm codes: the canonical set of GB/T 24476-2017 clause 11 as products implement it (domain.md §2).
 * A code means nothing without its dialect, so (dialect, raw code, canonical code) are kept together.
 */
import type { Priority } from "./effects.ts";
import type { Mode } from "./reading.ts";

export type CodeClass = "none" | "fault" | "event" | "alarm" | "escalator-fault";

export interface CanonicalCode {
  readonly code: string;
  readonly class: CodeClass;
  readonly en: string;
  readonly zh: string;
  /** Priority of `reported-fault` for it (assumption: by what the fault can do to people). */
  readonly priority: Priority;
  /** The lift stops serving: counted as a stopping fault. */
  readonly stopping: boolean;
  /** The service mode that an event announces. */
  readonly mode?: Mode;
}

type Row = readonly [code: string, kind: CodeClass, en: string, zh: string, priority: Priority, mode?: Mode];

const ROWS: readonly Row[] = [
  ["00", "none", "no fault", "无故障", "low"],
  ["01", "fault", "safety circuit open while running", "运行时安全回路断路", "high"],
  ["02", "fault", "door-close fault", "关门故障", "medium"],
  ["03", "fault", "door-open fault", "开门故障", "medium"],
  ["04", "fault", "car stopped outside unlocking zone", "轿厢在开锁区域外停止", "high"],
  ["05", "fault", "unintended car movement", "轿厢意外移动", "critical"],
  ["06", "fault", "motor run-time limiter operated", "电动机运转时间限制器动作", "high"],
  ["07", "fault", "floor position lost", "楼层位置丢失", "medium"],
  ["08", "fault", "other fault preventing restart", "防止电梯再运行的其他故障", "high"],
  ["40", "event", "back to automatic", "恢复自动运行", "low", "normal"],
  ["41", "event", "main power off", "主电源断电", "medium"],
  ["42", "event", "out of service", "进入停止服务", "low", "out-of-service"],
  ["43", "event", "inspection mode", "检修运行", "low", "inspection"],
  ["44", "event", "fire recall", "消防返回", "low", "fire-recall"],
  ["45", "event", "firefighter mode", "消防员运行", "low", "firefighter"],
  ["46", "event", "emergency power", "应急电源运行", "low", "emergency-power"],
  ["47", "event", "earthquake mode", "地震模式", "low", "earthquake"],
  ["61", "escalator-fault", "escalator safety circuit", "安全回路", "high"],
  ["62", "escalator-fault", "escalator overspeed", "超速", "critical"],
  ["63", "escalator-fault", "escalator unintended reversal", "逆转", "critical"],
  ["64", "escalator-fault", "missing step or pallet", "梯级缺失", "critical"],
  ["65", "escalator-fault", "other escalator fault", "其他", "medium"],
  ["90", "alarm", "alarm button pressed", "报警按钮动作", "high"],
];

export const CANONICAL_CODES: ReadonlyMap<string, CanonicalCode> = new Map(
  ROWS.map(([code, kind, en, zh, priority, mode]) => [
    code,
    {
      code,
      class: kind,
      en,
      zh,
      priority,
      stopping: kind === "fault" || kind === "escalator-fault",
      ...(mode === undefined ? {} : { mode }),
    },
  ]),
);

export const DEFAULT_DIALECT = "gb24476";

/** The canonical code that `raw` means in `dialect`, or null where this version does not know the dialect or the code. */
export function canonicalCode(dialect: string, raw: string): CanonicalCode | null {
  return dialect === DEFAULT_DIALECT ? (CANONICAL_CODES.get(raw) ?? null) : null;
}
