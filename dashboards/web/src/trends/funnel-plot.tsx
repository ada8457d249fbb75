/** The funnel: observed over expected against expected, with the limits that chance and the usual spread leave. */
import type { FaultRateRow } from "../../../../src/trends/questions/fault-rate.ts";
import type { Dimension } from "../../../../src/trends/questions/grouping.ts";
import { FUNNEL_INNER, FUNNEL_OUTER, funnel, funnelLimits, type FunnelPoint } from "../../../../src/trends/funnel.ts";
import { fitted, textWidth } from "../../../../src/svg.ts";
import { Axes, type Box, Figure } from "./figure.tsx";
import { linear } from "./scale.ts";
import { groupName, say, tick } from "./words.ts";

const HEIGHT = 340;
const STEPS = 90;
/** Limits run up without bound where little is expected: the axis ends at so many times the greatest ratio, and at least there. */
const TALLEST = 1.15;
const LEAST_TALL = 2;
const NAME_PX = 12;
const NAMES_MOST = 8;

export function FunnelPlot(props: { readonly by: Dimension; readonly rows: readonly FaultRateRow[] }) {
  const words = say.value.funnel;
  const by = say.value.dimensions[props.by];
  const seen = props.rows.filter(({ fair, key }) => fair !== null && fair.expected > 0 && key !== null);
  const names = new Map(seen.map((row, index) => [String(index), groupName(props.by, row.key)]));
  const found = funnel(seen.map(({ fair, episodes }, index) => ({ key: String(index), events: episodes, exposure: fair?.expected ?? 0 })));
  const above = found.points.filter(({ place }) => place === "very-high").toSorted((a, b) => b.z - a.z);
  const below = found.points.filter(({ place }) => place === "very-low");
  const nameOf = (point: FunnelPoint) => names.get(point.key) ?? "";
  if (seen.length < 2) return null;
  return (
    <section class="part">
      <h2>{words.title(by)}</h2>
      <p>
        {above.length === 0 ? words.noneOut : words.out(above.slice(0, NAMES_MOST).map(nameOf).join(say.value.list))}{" "}
        <span class="quiet">
          {found.between > 0 ? words.spread : words.noSpread} {words.limits}
        </span>
      </p>
      <Figure
        title={words.title(by)}
        description={words.description(seen.length, above.length, below.length)}
        height={HEIGHT}
        draw={(width) => <Drawing found={found} above={above} nameOf={nameOf} width={width} />}
      />
    </section>
  );
}

interface DrawingProps {
  readonly found: ReturnType<typeof funnel>;
  readonly above: readonly FunnelPoint[];
  readonly nameOf: (point: FunnelPoint) => string;
  readonly width: number;
}

function Drawing({ found, above, nameOf, width }: DrawingProps) {
  const words = say.value.funnel;
  const box: Box = { left: 44, right: width - 12, top: 26, bottom: HEIGHT - 44 };
  const most = Math.max(...found.points.map(({ exposure }) => exposure)) * 1.05;
  const tall = Math.max(LEAST_TALL * found.target, TALLEST * Math.max(...found.points.map(({ rate }) => rate)));
  const [xs, ys] = [linear(0, most), linear(0, tall)];
  const x = (value: number) => box.left + xs.at(value) * (box.right - box.left);
  const y = (value: number) => box.bottom - ys.at(value) * (box.bottom - box.top);
  const along = Array.from({ length: STEPS }, (_, step) => (most * (step + 1) ** 2) / STEPS ** 2);
  const line = (confidence: number, side: "low" | "high") =>
    along
      .map((exposure) => ({ exposure, value: funnelLimits(found, exposure, confidence)[side] }))
      .filter(({ value }) => value <= tall)
      .map(({ exposure, value }) => `${x(exposure).toFixed(1)},${y(value).toFixed(1)}`)
      .join(" ");
  return (
    <>
      <Axes box={box} x={{ label: words.x, ticks: xs.ticks, at: x }} y={{ label: words.y, ticks: ys.ticks, at: y }} write={tick} />
      {[FUNNEL_INNER, FUNNEL_OUTER].map((confidence) =>
        (["low", "high"] as const).map((side) => (
          <polyline
            key={`${confidence}${side}`}
            class={confidence === FUNNEL_OUTER ? "limit outer" : "limit"}
            points={line(confidence, side)}
          />
        )),
      )}
      <line class="reference" x1={box.left} x2={box.right} y1={y(found.target)} y2={y(found.target)} />
      {found.points.map((point) => (
        <Dot key={point.key} point={point} x={x(point.exposure)} y={y(point.rate)} name={nameOf(point)} />
      ))}
      {placed(above, nameOf, x, y, box).map(({ key, name, at, beside }) => (
        <text key={key} class="dot-name" x={at[0]} y={at[1]} text-anchor={beside}>
          {name}
        </text>
      ))}
    </>
  );
}

function Dot(props: { readonly point: FunnelPoint; readonly x: number; readonly y: number; readonly name: string }) {
  const { place, rate, exposure } = props.point;
  const title = `${props.name}: ${tick(rate)}, ${tick(exposure)}`;
  if (place === "very-high")
    return (
      <path class="dot out" d={`M${props.x} ${props.y - 6}l6 11h-12z`}>
        <title>{title}</title>
      </path>
    );
  return (
    <circle class={place === "very-low" ? "dot low" : "dot"} cx={props.x} cy={props.y} r="4">
      <title>{title}</title>
    </circle>
  );
}

interface Label {
  readonly key: string;
  readonly name: string;
  readonly at: readonly [x: number, y: number];
  readonly beside: "start" | "end";
}

/** Names of the points that are out, those furthest out first; one that would lie over another is left out. */
function placed(
  points: readonly FunnelPoint[],
  nameOf: (point: FunnelPoint) => string,
  x: (value: number) => number,
  y: (value: number) => number,
  box: Box,
): readonly Label[] {
  const labels: Label[] = [];
  for (const point of points.slice(0, NAMES_MOST)) {
    const [px, py] = [x(point.exposure), y(point.rate)];
    const name = fitted(nameOf(point), NAME_PX, (box.right - box.left) / 2);
    const beside = px + 9 + textWidth(name, NAME_PX) > box.right ? "end" : "start";
    const at = [beside === "start" ? px + 9 : px - 9, py + 4] as const;
    if (labels.every((other) => Math.abs(other.at[1] - at[1]) > NAME_PX + 2)) labels.push({ key: point.key, name, at, beside });
  }
  return labels;
}
