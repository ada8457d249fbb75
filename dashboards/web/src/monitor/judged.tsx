/** The values that an alert was judged by, beside their limits. */
import type { Judgement } from "../../../../src/core/judged.ts";
import { inLanguage, messages } from "../preferences.ts";
import { words } from "./words.ts";

/** What people call the values; one that is not here is shown under its own name. */
const names = inLanguage<Record<string, string>>(
  {
    speedMps: "speed",
    doorZone: "in the door zone",
    door: "door",
    persons: "persons",
    loadKg: "load",
    alarmButton: "alarm button",
    lastedMs: "lasted",
    levelOffsetMm: "off the level",
    factor: "times the rated speed",
    beyondMm: "beyond the terminal level",
    goneMm: "gone from its stop",
    againstMps: "speed backwards",
    count: "lifts",
    movedWithoutFloorMs: "moved without a floor",
    rollMm: "rolled after the stop",
    stops: "stops",
    stopOffsetMm: "off the level at the stop",
    jumpFloors: "floors jumped",
    deviation: "handrail's deviation",
    mostTimes: "times one code came",
    stoppingFaultsInMonth: "stopping faults in a month",
    faults: "faults",
    silentMs: "not heard for",
    openMs: "open for",
    reopenings: "reopenings",
    longerPercent: "slower by",
    cycleLongerPercent: "slower by (cycle)",
    identicalReadings: "identical readings",
    code: "controller's code",
  },
  {
    speedMps: "速度",
    doorZone: "在门区内",
    door: "门",
    persons: "人数",
    loadKg: "载荷",
    alarmButton: "报警按钮",
    lastedMs: "持续",
    levelOffsetMm: "偏离平层",
    factor: "额定速度倍数",
    beyondMm: "越过端站",
    goneMm: "离开停靠位置",
    againstMps: "逆向速度",
    count: "电梯数",
    movedWithoutFloorMs: "运行而无楼层变化",
    rollMm: "停车后溜车",
    stops: "停层次数",
    stopOffsetMm: "停层偏差",
    jumpFloors: "楼层跳变",
    deviation: "扶手带偏差",
    mostTimes: "同一代码次数",
    stoppingFaultsInMonth: "当月停梯故障",
    faults: "故障",
    silentMs: "无信号时长",
    openMs: "开门时长",
    reopenings: "重开门次数",
    longerPercent: "变慢",
    cycleLongerPercent: "变慢（整个周期）",
    identicalReadings: "相同读数",
    code: "控制器代码",
  },
);

const values = inLanguage<Record<string, string>>(
  { true: "yes", false: "no", closed: "closed", open: "open", opening: "opening", closing: "closing", unknown: "unknown" },
  { true: "是", false: "否", closed: "关", open: "开", opening: "正在开", closing: "正在关", unknown: "未知" },
);

/** `level`: of the heading; 3 within a panel. */
export function Judged(props: { readonly rows: readonly Judgement[]; readonly version: string; readonly level?: 2 | 3 }) {
  const say = words.value.panel;
  const Title = props.level === 2 ? "h2" : "h3";
  if (props.rows.length === 0) return null;
  return (
    <section>
      <Title>{say.evidence}</Title>
      <table class="data judged">
        <thead>
          <tr>
            <th scope="col">
              <span class="quiet">{say.rule(props.version)}</span>
            </th>
            <th scope="col" class="figure">
              {say.value}
            </th>
            <th scope="col" class="figure">
              {say.limit}
            </th>
            <th scope="col">{say.met}</th>
          </tr>
        </thead>
        <tbody>
          {props.rows.map(({ name, value, limit, comparison, unit, met }, at) => (
            <tr key={`${name} ${at}`} class={met === true ? "met" : undefined}>
              <th scope="row">{names.value[name] ?? name}</th>
              <td class="figure">{shown(value, unit)}</td>
              <td class="figure">
                {comparison === null ? "" : `${say.comparisons[comparison]} `}
                {comparison === "reported" ? "" : shown(limit, unit)}
              </td>
              <td>{met === null ? "–" : met ? `✓ ${say.yes}` : say.no}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function shown(value: Judgement["value"], unit: string | null): string {
  if (value === null) return messages.value.parts.unknown;
  if (typeof value !== "number") return values.value[String(value)] ?? (unit === null ? String(value) : `${unit} ${value}`);
  if (unit === "ms") return `${(value / 1_000).toLocaleString(messages.value.tag, { maximumFractionDigits: 1 })} s`;
  return `${value.toLocaleString(messages.value.tag, { maximumFractionDigits: 3 })}${unit === null ? "" : ` ${unit}`}`;
}
