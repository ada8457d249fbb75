/** `npm run plots [-- --out DIR --seed N]`: draws the page of plots of docs/simulator.md from the model as it is. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { cityFleet } from "../fleet/city.ts";
import { drawYears, faultCounts, faultTimes } from "./faults.ts";
import { doorCycle, someMinutes, speedProfile } from "./motion.ts";
import type { Plot } from "./plot.ts";
import { tripsByHour } from "./traffic.ts";

const LIFTS_OF_EACH_USE = 40;

const { values } = parseArgs({ options: { out: { type: "string", default: "docs" }, seed: { type: "string", default: "1" } } });
const seed = Number(values.seed);
const city = cityFleet(seed);
const years = drawYears(city, seed);
const plots: readonly Plot[] = [
  speedProfile(),
  doorCycle(seed),
  someMinutes(seed),
  tripsByHour(city, { seed, lifts: LIFTS_OF_EACH_USE }),
  faultCounts(years),
  faultTimes(years),
];
mkdirSync(join(values.out, "plots"), { recursive: true });
for (const { name, svg } of plots) writeFileSync(join(values.out, "plots", `${name}.svg`), svg);
writeFileSync(
  join(values.out, "simulator-plots.md"),
  [
    "# The simulator in pictures",
    "",
    "Drawn from the model by `npm run plots`; same seed and version, same bytes. The model and its constants: [simulator.md](simulator.md).",
    "",
    ...plots.flatMap(({ name, title, says }) => [`## ${title}`, "", `![${title}](plots/${name}.svg)`, "", says, ""]),
  ].join("\n"),
);
process.stdout.write(`plots ${JSON.stringify({ files: plots.length, out: values.out })}\n`);
