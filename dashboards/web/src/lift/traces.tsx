/** The lift's curves one under the other, with its alerts marked. A drag looks closer; the buttons say the same without a mouse. */
import { effect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import type { Alert } from "../../../../src/core/effects.ts";
import { clockTime, dateTime } from "../format.ts";
import { rank } from "../order.ts";
import { colour } from "../parts/colour.ts";
import { messages, theme } from "../preferences.ts";
import { setParams } from "../router.ts";
import { now, zone } from "../site.ts";
import type { Curve, RowName } from "./curves.ts";
import { alerts, drawing, drawn } from "./lift-state.ts";
import { isShown, move, showBetween, showSpan, SPANS, type Stretch } from "./stretch.ts";
import { words } from "./words.ts";

const HEIGHTS: Readonly<Partial<Record<RowName, number>>> = { speed: 130, speedRange: 130, position: 130, floor: 110, door: 80, rear: 80 };
const HEIGHT = 90;
const SYNC = "lift";
/** A drag of fewer pixels was a click. */
const DRAG_PX = 6;

export function Traces() {
  const say = words.value;
  const shown = drawn.value;
  return (
    <section class="traces" aria-labelledby="traces-title">
      <div class="bar">
        <h2 id="traces-title">{say.traces}</h2>
        <div class="spans" role="group" aria-label={say.span}>
          {SPANS.map((span) => (
            <button key={span} type="button" aria-pressed={isShown(span)} onClick={() => showSpan(span)}>
              {say.spans[span]}
            </button>
          ))}
        </div>
      </div>
      {shown !== null && <Position stretch={shown.stretch} />}
      {drawing.value === "failed" && <p role="alert">⚠ {messages.value.parts.failed}</p>}
      {shown === null ? (
        <p class="empty" aria-busy="true">
          {messages.value.parts.loading}
        </p>
      ) : shown.curves.every(({ at }) => at.length === 0) ? (
        <p class="empty">{say.nothing}</p>
      ) : (
        shown.curves.map((curve) => <Plot key={`${curve.name} ${curve.look}`} curve={curve} stretch={shown.stretch} />)
      )}
      {shown?.truncated === true && <p class="note">⚠ {say.truncated}</p>}
    </section>
  );
}

function Position({ stretch }: { readonly stretch: Stretch }) {
  const say = words.value;
  const { tag } = messages.value;
  const here = (alerts.value ?? []).filter((alert) => within(alert, stretch)).length;
  return (
    <div class="bar position">
      <span>
        {dateTime(stretch.from, zone.value, tag)} – {stretch.live ? say.live : dateTime(stretch.to, zone.value, tag)}{" "}
        <span class="quiet">
          · {say.resolution[stretch.grain]} · {say.alertsHere(here)}
        </span>
      </span>
      <span class="acts">
        <button type="button" onClick={() => move(stretch, -0.5, now.peek())}>
          ◂ {say.earlier}
        </button>
        <button type="button" disabled={stretch.live} onClick={() => move(stretch, 0.5, now.peek())}>
          {say.later} ▸
        </button>
        <button type="button" disabled={stretch.live} onClick={() => setParams({ at: null })}>
          {say.toNow}
        </button>
      </span>
    </div>
  );
}

function within({ raisedAt, clearedAt }: Alert, { from, to }: Stretch): boolean {
  return raisedAt < to && (clearedAt ?? Number.POSITIVE_INFINITY) >= from;
}

interface PlotProps {
  readonly curve: Curve;
  readonly stretch: Stretch;
}

function Plot({ curve, stretch }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const shown = useRef(stretch);
  shown.current = stretch;
  const { name, look, values } = curve;
  useEffect(() => {
    const host = place.current;
    if (host === null) return undefined;
    const made = new uPlot(options(curve, host.clientWidth, shown), data(curve), host);
    plot.current = made;
    const resized = new ResizeObserver(() => made.setSize({ width: host.clientWidth, height: HEIGHTS[name] ?? HEIGHT }));
    resized.observe(host);
    const stop = effect(() => {
      // Read, so that it is drawn anew in the other theme's colours, and with new alerts.
      void [theme.value, messages.value, zone.value, alerts.value];
      made.redraw(false, true);
    });
    return () => {
      stop();
      resized.disconnect();
      made.destroy();
      plot.current = null;
    };
  }, [name, look, values.length]);
  useEffect(() => plot.current?.setData(data(curve)), [curve, stretch]);
  return (
    <div class="trace">
      <h3>{words.value.rows[name]}</h3>
      <div ref={place} role="img" aria-label={describe(curve)} />
    </div>
  );
}

function text(value: number): string {
  return value.toLocaleString(messages.value.tag, { maximumFractionDigits: 2 });
}

/** For those who do not see the curve. */
function describe({ name, values }: Curve): string {
  const known = values.flat().filter((value) => value !== null);
  const say = words.value;
  if (known.length === 0) return say.empty(say.rows[name]);
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of known) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return say.described(say.rows[name], known.length, text(least), text(most));
}

function data({ at, values }: Curve): uPlot.AlignedData {
  return [[...at], ...values.map((each) => [...each])] as uPlot.AlignedData;
}

function options({ name, look, values, bounds }: Curve, width: number, shown: { readonly current: Stretch }): uPlot.Options {
  const axis = {
    stroke: () => colour("--quiet"),
    grid: { stroke: () => colour("--line"), width: 1 },
    ticks: { show: false },
    font: "12px system-ui",
  };
  const isDoor = name === "door" || name === "rear";
  return {
    width,
    height: HEIGHTS[name] ?? HEIGHT,
    ms: 1,
    legend: { show: false },
    cursor: { sync: { key: SYNC }, y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: true, range: () => [shown.current.from, shown.current.to] },
      y: { range: (_plot, least, most) => range(bounds, least, most, look === "bar") },
    },
    axes: [
      { ...axis, size: 22, space: 90, values: (_plot, splits) => splits.map((at) => tick(at, shown.current.spanMs)) },
      {
        ...axis,
        size: 54,
        space: 26,
        ...(isDoor ? { splits: () => [0, 1], values: () => [words.peek().closed, words.peek().open] } : {}),
      },
    ],
    series: [
      {},
      ...values.map((_, index) => ({
        stroke: () => colour(index === 0 ? "--text" : "--quiet"),
        width: 1.5,
        points: { show: false },
        spanGaps: false,
        ...pathsOf(look),
      })),
    ],
    hooks: {
      drawClear: [markAlerts],
      setSelect: [
        (made) => {
          const { left, width: wide } = made.select;
          if (wide >= DRAG_PX) showBetween(made.posToVal(left, "x"), made.posToVal(left + wide, "x"));
          made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

/** A flat curve gets room, so that its line is seen. */
function range(bounds: Curve["bounds"], least: number | null, most: number | null, fromZero: boolean): [number, number] {
  if (bounds !== undefined) return [bounds[0], bounds[1]];
  const low = Math.min(fromZero ? 0 : (least ?? 0), least ?? 0);
  const high = Math.max(most ?? 1, low);
  const room = Math.max((high - low) * 0.08, high === low ? 1 : 0);
  return [fromZero ? low : low - room, high + room];
}

function pathsOf(look: Curve["look"]): Partial<uPlot.Series> {
  if (look === "line") return {};
  const paths = look === "step" ? uPlot.paths.stepped?.({ align: 1 }) : uPlot.paths.bars?.({ size: [0.7, 24, 1] });
  return paths === undefined ? {} : { paths, ...(look === "bar" ? { fill: () => colour("--quiet") } : {}) };
}

function tick(at: number, spanMs: number): string {
  const { tag } = messages.peek();
  if (spanMs > 3 * 86_400_000) return new Intl.DateTimeFormat(tag, { timeZone: zone.peek(), month: "short", day: "numeric" }).format(at);
  return clockTime(at, spanMs > 86_400_000 ? 0 : at, zone.peek(), tag).replace(/:00$/, "");
}

const BAND_PX = 5;

/** A band along the top from the raise to the end, a line at the raise, and the priority's number by it. */
function markAlerts(made: uPlot): void {
  const { ctx, bbox } = made;
  const [from, to] = [made.scales["x"]?.min ?? 0, made.scales["x"]?.max ?? 0];
  ctx.save();
  const dot = devicePixelRatio;
  ctx.font = `600 ${11 * dot}px system-ui`;
  for (const { raisedAt, clearedAt, priority } of (alerts.peek() ?? []).toReversed()) {
    if (raisedAt > to || (clearedAt ?? to) < from) continue;
    const left = Math.max(bbox.left, made.valToPos(raisedAt, "x", true));
    const right = Math.min(bbox.left + bbox.width, made.valToPos(clearedAt ?? to, "x", true));
    ctx.fillStyle = colour(`--${priority}`);
    ctx.fillRect(left, bbox.top, Math.max(2 * dot, right - left), BAND_PX * dot);
    if (raisedAt < from) continue;
    ctx.fillRect(left - dot / 2, bbox.top, dot, bbox.height);
    ctx.fillStyle = colour("--text");
    ctx.fillText(String(rank(priority)), left + 3 * dot, bbox.top + (BAND_PX + 11) * dot);
  }
  ctx.restore();
}
