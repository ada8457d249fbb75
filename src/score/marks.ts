/** Shapes of the picture: each verdict has its own, so that nothing rests on colour alone. */
import { element, pixels, text, textWidth } from "../svg.ts";
import type { Verdict } from "./matching.ts";
import type { Words } from "./words.ts";

/** Colours that differ in lightness too, so that they survive a grey print; critical red as on the page. */
export const INK = {
  text: "#1c2125",
  quiet: "#4f585f",
  grid: "#d5dade",
  found: "#5b8fb9",
  missed: "#b00020",
  right: "#1f5f8b",
  wrong: "#b00020",
  confused: "#7a3e9d",
  aside: "#8a939a",
} as const;

/** Height of an event's bar, px. */
const BAR = 10;
/** Half the size of an alert's mark, px. */
const HALF = 4.5;

/** Found: a filled bar. Missed: an empty one with a cross. Cut off: a broken line at its end. */
export function eventMark(from: number, to: number, y: number, missed: boolean, cutOff: boolean): string {
  const bar = element("rect", {
    x: from,
    y,
    width: to - from,
    height: BAR,
    rx: 1.5,
    fill: missed ? "#ffffff" : INK.found,
    stroke: missed ? INK.missed : INK.right,
    "stroke-width": missed ? 1.5 : 0.75,
    "stroke-dasharray": cutOff ? "3 2" : undefined,
  });
  if (!missed) return bar;
  const [x, middle] = [(from + to) / 2, y + BAR / 2];
  const cross = `M${pixels(x - 5)} ${pixels(middle - 5)}l10 10m0-10l-10 10`;
  return (
    bar +
    element("path", { d: cross, stroke: "#ffffff", "stroke-width": 5 }) +
    element("path", { d: cross, stroke: INK.missed, "stroke-width": 2.5 })
  );
}

/** A mark when people were told, and a line for as long as the alert was active. */
export function alertMark(from: number, to: number, y: number, verdict: Verdict): string {
  const fill =
    verdict === "false"
      ? INK.wrong
      : verdict === "confused"
        ? INK.confused
        : verdict === "suppressed" || verdict === "owned"
          ? INK.aside
          : INK.right;
  const line = to - from > HALF ? element("line", { x1: from, x2: to, y1: y, y2: y, stroke: fill, "stroke-width": 1.5 }) : "";
  return line + shape(from, y, verdict, fill);
}

function shape(x: number, y: number, verdict: Verdict, fill: string): string {
  const round = { cx: x, cy: y, stroke: fill, "stroke-width": 1.5 };
  const square = { x: x - HALF + 1, y: y - HALF + 1, width: 2 * HALF - 2, height: 2 * HALF - 2, stroke: fill, "stroke-width": 1.25 };
  const pointed = { fill, stroke: "#ffffff", "stroke-width": 0.75 };
  const shapes: Readonly<Record<Verdict, () => string>> = {
    right: () => element("circle", { ...round, r: HALF - 0.5, fill }),
    repeat: () => element("circle", { ...round, r: HALF - 1, fill: "#ffffff" }),
    false: () => element("path", { ...pointed, d: `M${pixels(x)} ${pixels(y - HALF - 2)}l6.5 11h-13z` }),
    confused: () => element("path", { ...pointed, d: `M${pixels(x)} ${pixels(y - 6)}l6 6l-6 6l-6-6z` }),
    suppressed: () => element("rect", { ...square, fill: "#ffffff" }),
    owned: () => element("rect", { ...square, fill }),
  };
  return shapes[verdict]();
}

/** One line of samples with their names, from (x, y) on. */
export function legend(words: Words, x: number, y: number): string {
  const samples: readonly (readonly [sample: (at: number) => string, width: number, name: string])[] = [
    [(at) => eventMark(at, at + 26, y - 9, false, false), 26, words.found],
    [(at) => eventMark(at, at + 26, y - 9, true, false), 26, words.missed],
    [(at) => eventMark(at, at + 26, y - 9, false, true), 26, words.cutOff],
    ...(["right", "repeat", "confused", "false", "suppressed", "owned"] as const).map(
      (verdict) => [(at: number) => alertMark(at + 6, at + 20, y - 4, verdict), 20, words.verdicts[verdict]] as const,
    ),
  ];
  let at = x;
  const parts = samples.map(([sample, width, name]) => {
    const drawn = sample(at) + element("text", { x: at + width + 6, y, "font-size": 12, fill: INK.text }, text(name));
    at += width + 6 + textWidth(name, 12) + 20;
    return drawn;
  });
  return element("g", {}, ...parts);
}
