/** Mean cumulative functions by age, each with its interval as a band. */
import type { ServiceLifeRow } from "../../../../src/trends/questions/life-curve.ts";
import { fitted, textWidth } from "../../../../src/svg.ts";
import { Axes, type Box, Figure } from "./figure.tsx";
import { linear } from "./scale.ts";
import { rate, say, tick } from "./words.ts";

export interface Curve {
  readonly name: string;
  readonly points: readonly ServiceLifeRow[];
}

const HEIGHT = 360;
const NAME_PX = 12;
const ROW_PX = 15;

export function LifePlot(props: { readonly curves: readonly Curve[] }) {
  const words = say.value.life;
  const first = props.curves[0];
  const end = first?.points.at(-1);
  if (first === undefined || end === undefined) return null;
  return (
    <Figure
      title={words.title}
      description={words.description(props.curves.length, first.name, tick(end.age), rate(end.mean))}
      height={HEIGHT}
      draw={(width) => <Drawing curves={props.curves} width={width} />}
    />
  );
}

function Drawing({ curves, width }: { readonly curves: readonly Curve[]; readonly width: number }) {
  const words = say.value.life;
  const all = curves.flatMap(({ points }) => points);
  const several = curves.length > 1;
  const names = several ? Math.min(width / 3, Math.max(...curves.map(({ name }) => textWidth(name, NAME_PX))) + 12) : 0;
  const box: Box = { left: 44, right: width - 12 - names, top: 26, bottom: HEIGHT - 44 };
  const [least, most] = [Math.min(...all.map(({ age }) => age)), Math.max(...all.map(({ age }) => age))];
  const tall = Math.max(...all.map(({ high, mean }) => Math.min(high ?? Infinity, mean * 1.6)));
  const [xs, ys] = [linear(least, Math.max(most, least + 1)), linear(0, tall || 1)];
  const x = (value: number) => box.left + xs.at(value) * (box.right - box.left);
  const y = (value: number) => box.bottom - Math.min(1, ys.at(value)) * (box.bottom - box.top);
  const point = (age: number, value: number) => `${x(age).toFixed(1)},${y(value).toFixed(1)}`;
  const ends = apart(curves.map(({ points }) => y(points.at(-1)?.mean ?? 0)));
  return (
    <>
      <Axes box={box} x={{ label: words.x, ticks: xs.ticks, at: x }} y={{ label: words.y, ticks: ys.ticks, at: y }} write={tick} />
      {curves.map(({ name, points }, index) => (
        <g key={name} class={`curve curve-${index}`}>
          <polygon
            class="band"
            points={[
              ...points.map(({ age, low }) => point(age, low)),
              ...points.toReversed().map(({ age, high }) => point(age, high ?? tall)),
            ].join(" ")}
          />
          <polyline points={points.map(({ age, mean }) => point(age, mean)).join(" ")} />
          {several && (
            <text x={x(points.at(-1)?.age ?? most) + 6} y={(ends[index] ?? 0) + 4}>
              {fitted(name, NAME_PX, names - 8)}
            </text>
          )}
        </g>
      ))}
    </>
  );
}

/** Heights of names, moved so that none lies over another; in the order given. */
function apart(heights: readonly number[]): readonly number[] {
  const result = [...heights];
  let last = -Infinity;
  for (const { at } of heights.map((height, at) => ({ height, at })).toSorted((a, b) => a.height - b.height)) {
    last = Math.max(last + ROW_PX, heights[at] as number);
    result[at] = last;
  }
  return result;
}
