/** `npm run grafana`: writes the dashboards' files, which Grafana's provisioning reads. A test says when they are not up to date. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { dashboardFiles } from "./all.ts";

for (const [name, text] of dashboardFiles()) {
  const file = join(import.meta.dirname, name);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
