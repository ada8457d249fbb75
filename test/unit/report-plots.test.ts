/** The plots of reports: what they show, in whose words, and that nothing in a name becomes markup. */
import { describe, expect, test } from "vitest";
import { caterpillar } from "../../src/reports/caterpillar.ts";
import { funnelPlot, lifePlot, rateChartPlot } from "../../src/reports/plots.ts";
import { laneyChart } from "../../src/trends/control-charts.ts";
import { meanCumulative } from "../../src/trends/cumulative.ts";
import { funnel } from "../../src/trends/funnel.ts";

const EVIL = `<script>&"'`;
const ESCAPED = "&lt;script&gt;&amp;&quot;";
const words = { title: EVIL, x: EVIL, y: EVIL };
const funnelWords = { ...words, within: "界限之内", above: "above", below: "below", limit95: "95 %", limit998: "99.8 %", target: "fleet" };
const rateWords = { ...words, rate: "rate", limits: "limits", centre: "mean", out: "outside" };

/** How often a text has another in it. */
function count(svg: string, part: string): number {
  return svg.split(part).length - 1;
}

function safe(svg: string): boolean {
  return (
    svg.startsWith("<svg ") &&
    svg.endsWith("</svg>\n") &&
    !svg.includes("<script") &&
    svg.includes(ESCAPED) &&
    !/NaN|Infinity|undefined/.test(svg)
  );
}

describe("a funnel plot", () => {
  const units = "abcdefghijkl".split("").map((key, index) => ({ key, events: 20 + index, exposure: 25 + index }));
  const found = funnel([...units, { key: EVIL, events: 90, exposure: 30 }, { key: "good", events: 5, exposure: 60 }]);
  test("has a dot for every unit, and names those outside the limits", () => {
    const svg = funnelPlot(found, funnelWords, (key) => key);
    expect(safe(svg)).toBe(true);
    // Three more in the key.
    expect(count(svg, "<circle")).toBe(14 + 3);
    expect(svg).toContain(`>${ESCAPED}'</text>`);
    expect(svg).toContain(">good</text>");
    expect(count(svg, ">a</text>")).toBe(0);
    expect(svg).toContain("界限之内");
  });
  test("is the same text for the same figures, and stands empty without units", () => {
    expect(funnelPlot(found, funnelWords, (key) => key)).toBe(funnelPlot(found, funnelWords, (key) => key));
    expect(safe(funnelPlot(funnel([]), funnelWords, (key) => key))).toBe(true);
    expect(safe(funnelPlot(funnel([{ key: "a", events: 0, exposure: 3 }]), funnelWords, (key) => key))).toBe(true);
  });
});

test("a chart of rates marks the periods outside its limits by name, and leaves out those without exposure", () => {
  const counts = [40, 41, 39, 42, 40, 41, 95, 40, 0, 41, 39, 40];
  const periods = counts.map((_, index) => `2026-${String(index + 1).padStart(2, "0")}`);
  const svg = rateChartPlot(laneyChart(counts.map((events, index) => ({ events, exposure: index === 8 ? 0 : 1_000 }))), rateWords, periods);
  expect(safe(svg)).toBe(true);
  expect(count(svg, "<circle")).toBe(11 + 2);
  // Its tick, its tooltip and its name.
  expect(count(svg, ">2026-07<")).toBe(3);
  expect(safe(rateChartPlot(laneyChart([]), rateWords, []))).toBe(true);
});

test("a service-life plot draws a curve and its interval for each group, where enough lifts are under observation", () => {
  const points = meanCumulative(
    [
      { entry: 0, exit: 10, faults: [2, 5, 9] },
      { entry: 1, exit: 6, faults: [3] },
      { entry: 2, exit: 6, faults: [] },
    ],
    [1, 2, 4, 6, 8, 10],
  );
  const curves = [
    { name: EVIL, points },
    { name: "B", points },
  ];
  const svg = lifePlot(curves, words);
  expect(safe(svg)).toBe(true);
  expect([count(svg, "<polygon"), count(svg, `stroke-width="2"`)]).toEqual([2, 4]);
  expect(lifePlot(curves, words, 2)).not.toBe(svg);
  expect(safe(lifePlot([], words))).toBe(true);
});

test("rates with their intervals have a row each, a filled mark where flagged, and an arrow where the interval runs out of the picture", () => {
  const row = { name: EVIL, value: 1, low: 0.5, high: 1.5, flagged: false, note: EVIL };
  const svg = caterpillar([row, { ...row, flagged: true }, { ...row, high: Infinity }], { title: EVIL, x: EVIL, reference: EVIL }, 1);
  expect(safe(svg)).toBe(true);
  expect([count(svg, "<circle"), count(svg, `fill="#ffffff" stroke`), count(svg, "<path")]).toEqual([3, 2, 1]);
  expect(safe(caterpillar([], { title: EVIL, x: EVIL, reference: EVIL }, 0))).toBe(true);
});
