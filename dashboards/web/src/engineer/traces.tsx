/** The curves of the lift that is replayed, with the alerts marked, and a line where the replay stands. A click goes there, a drag zooms. */
import { effect, useSignal, useSignalEffect } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { clockTime } from "../format.ts";
import { colour } from "../parts/colour.ts";
import { messages, theme } from "../preferences.ts";
import { zone } from "../site.ts";
import { held } from "./curves.ts";
import { say } from "./messages.ts";
import { cursorAt, extent, liftId, replay, seek } from "./replay-state.ts";
import type { CurveName, Traces as Curves } from "./replay/traces.ts";

interface Row {
  readonly name: CurveName;
  readonly stepped: boolean;
  readonly height: number;
  readonly range?: readonly [number, number];
}

const ROWS: readonly Row[] = [
  { name: "speedMps", stepped: false, height: 110 },
  { name: "positionM", stepped: false, height: 80 },
  { name: "floor", stepped: true, height: 64 },
  { name: "front", stepped: true, height: 52, range: [-0.15, 1.15] },
  { name: "rear", stepped: true, height: 52, range: [-0.15, 1.15] },
  { name: "persons", stepped: true, height: 56 },
  { name: "loadKg", stepped: true, height: 56 },
];
/** Rows without which the picture is no lift, shown though they are empty. */
const ALWAYS: ReadonlySet<CurveName> = new Set(["speedMps", "front"]);
const SYNC = "replay";
const TIMES_PX = 24;
/** A lift speaks each second while it moves: after a longer silence a value is where it was, not on the way to the next. */
const HELD_AFTER_MS = 3_000;
/** The narrowest that one can zoom to. */
const LEAST_MS = 5_000;
const MARKED: ReadonlySet<string> = new Set(["raised", "cleared"]);

/** The stretch that is shown; null for the whole. */
type Window = readonly [from: number, to: number] | null;

export function Traces() {
  const shown = useSignal<Window>(null);
  const words = say.value.traces;
  const loaded = replay.value;
  const whole = extent.value;
  const traces = loaded?.traces[liftId.value];
  // Playing on beyond what is shown turns the page.
  useSignalEffect(() => {
    const window = shown.value;
    const at = cursorAt.value;
    if (window === null || (at >= window[0] && at <= window[1])) return;
    const span = window[1] - window[0];
    shown.value = [at - span * 0.1, at + span * 0.9];
  });
  if (loaded === null || whole === null) return null;
  if (traces === undefined) return <p class="empty">{words.none}</p>;
  const zoom = (factor: number): void => {
    const [from, to] = shown.value ?? [whole.from, whole.to];
    const span = Math.max(LEAST_MS, (to - from) * factor);
    if (span >= whole.to - whole.from) shown.value = null;
    else {
      const begin = Math.max(whole.from, Math.min(whole.to - span, cursorAt.value - span / 2));
      shown.value = [begin, begin + span];
    }
  };
  const rows = ROWS.filter(({ name }) => ALWAYS.has(name) || traces.curves[name].at.length > 0);
  return (
    <section class="traces" aria-label={words.title}>
      <div class="traces-zoom">
        <button type="button" onClick={() => zoom(0.5)}>
          {words.zoomIn}
        </button>
        <button type="button" onClick={() => zoom(2)} disabled={shown.value === null}>
          {words.zoomOut}
        </button>
        <button type="button" onClick={() => (shown.value = null)} disabled={shown.value === null}>
          {words.whole}
        </button>
        <span class="quiet">{words.clock}</span>
      </div>
      {rows.map((row, at) => (
        <Plot
          key={row.name}
          row={row}
          hasTimes={at === rows.length - 1}
          traces={traces}
          window={shown.value ?? [whole.from, whole.to]}
          onWindow={(window) => (shown.value = window)}
        />
      ))}
      {traces.truncated && <p class="note">{words.truncated}</p>}
    </section>
  );
}

interface PlotProps {
  readonly row: Row;
  /** The last one has the times for all. */
  readonly hasTimes: boolean;
  readonly traces: Curves;
  readonly window: readonly [number, number];
  readonly onWindow: (window: Window) => void;
}

function Plot({ row, hasTimes, traces, window: shown, onWindow }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const line = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const window = useRef(shown);
  window.current = shown;
  const label = say.value.traces.rows[row.name];
  const height = row.height + (hasTimes ? TIMES_PX : 0);

  useEffect(() => {
    const host = place.current;
    if (host === null) return undefined;
    const { at, value } = held(traces.curves[row.name], row.stepped ? Infinity : HELD_AFTER_MS, extent.peek()?.to ?? 0);
    const made = new uPlot(
      options({ ...row, height }, hasTimes, host.clientWidth, () => window.current, onWindow, moveLine),
      // Gaps, not zeros, where something was unknown.
      [at, value.map((each) => (Number.isNaN(each) ? null : each))],
      host,
    );
    plot.current = made;
    const resized = new ResizeObserver(() => {
      made.setSize({ width: host.clientWidth, height });
      moveLine();
    });
    resized.observe(host);
    const stop = effect(() => {
      // Read, so that it is drawn anew in the other theme's colours, and other words.
      void [theme.value, messages.value, zone.value];
      made.redraw(false, true);
    });
    const follow = effect(() => {
      void cursorAt.value;
      moveLine();
    });
    return () => {
      stop();
      follow();
      resized.disconnect();
      made.destroy();
    };
  }, [traces, row, hasTimes]);

  useEffect(() => {
    plot.current?.setScale("x", { min: shown[0], max: shown[1] });
  }, [shown[0], shown[1]]);

  function moveLine(): void {
    const [made, mark] = [plot.current, line.current];
    if (made === null || mark === null) return;
    const x = made.valToPos(cursorAt.peek(), "x");
    mark.hidden = !(x >= 0 && x <= made.over.clientWidth);
    mark.style.transform = `translateX(${x + made.over.offsetLeft}px)`;
  }

  return (
    <div class="trace">
      <p class="trace-name">{label}</p>
      <div class="trace-plot" ref={place} role="img" aria-label={describe(row.name, traces)}>
        <div class="trace-now" ref={line} hidden />
      </div>
    </div>
  );
}

/** For those who do not see the curve: how many points, between what values. */
function describe(name: CurveName, traces: Curves): string {
  const words = say.value.traces;
  const values = Array.from(traces.curves[name].value).filter((value) => !Number.isNaN(value));
  if (values.length === 0) return words.empty(words.rows[name]);
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) [least, most] = [Math.min(least, value), Math.max(most, value)];
  return words.described(words.rows[name], values.length, least, most);
}

function options(
  row: Row,
  hasTimes: boolean,
  width: number,
  shown: () => readonly [number, number],
  onWindow: (window: Window) => void,
  onDrawn: () => void,
): uPlot.Options {
  const axis = { stroke: () => colour("--quiet"), grid: { stroke: () => colour("--line"), width: 1 }, ticks: { show: false } };
  return {
    width,
    height: row.height,
    ms: 1,
    // The same for all, so that one moment stands under the other.
    padding: [6, 12, 2, 0],
    legend: { show: false },
    cursor: { sync: { key: SYNC }, y: false, points: { show: false }, drag: { x: true, y: false, setScale: false } },
    scales: {
      x: { time: true, range: () => [...shown()] as [number, number] },
      y: row.range === undefined ? {} : { range: () => [...(row.range ?? [0, 1])] as [number, number] },
    },
    axes: [
      {
        ...axis,
        size: hasTimes ? TIMES_PX : 0,
        values: (_plot, splits) =>
          hasTimes ? splits.map((at) => clockTime(at, at, zone.value, messages.value.tag)) : splits.map(() => ""),
        space: 90,
      },
      {
        ...axis,
        size: 56,
        ...(row.range === undefined
          ? {}
          : {
              splits: () => [0, 1],
              values: () => [say.value.traces.closed, say.value.traces.open],
            }),
      },
    ],
    series: [
      {},
      {
        stroke: () => colour("--text"),
        width: 1.5,
        points: { show: false },
        ...(row.stepped ? { paths: stepped } : {}),
      },
    ],
    hooks: {
      draw: [drawAlerts, onDrawn],
      ready: [listen(onWindow)],
      setSelect: [
        (made) => {
          const { left, width: wide } = made.select;
          if (wide < 6) return;
          onWindow([made.posToVal(left, "x"), Math.max(made.posToVal(left, "x") + LEAST_MS, made.posToVal(left + wide, "x"))]);
          made.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
        },
      ],
    },
  };
}

const stepped: uPlot.Series.PathBuilder = (made, series, from, to) => {
  const build = uPlot.paths.stepped?.({ align: 1 });
  return build === undefined ? null : build(made, series, from, to);
};

function listen(onWindow: (window: Window) => void): (made: uPlot) => void {
  return (made) => {
    made.over.addEventListener("click", (event) => {
      if (made.select.width < 6) seek(made.posToVal(event.offsetX, "x"));
    });
    made.over.addEventListener("dblclick", () => onWindow(null));
  };
}

/** A line where the replay told of an alert, heavier and darker the graver; dashed where it ended. */
function drawAlerts(made: uPlot): void {
  const { ctx, bbox } = made;
  ctx.save();
  for (const { at, change, alert } of replay.value?.changes ?? []) {
    if (!MARKED.has(change) || alert.liftId !== liftId.value) continue;
    const x = made.valToPos(at, "x", true);
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = change === "cleared" ? colour("--quiet") : colour(`--${alert.priority}`);
    ctx.lineWidth = change === "cleared" ? 1 : 2 * devicePixelRatio;
    ctx.setLineDash(change === "cleared" ? [4, 4] : []);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
  }
  ctx.restore();
}
