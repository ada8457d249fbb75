/** Every dashboard's file: path below this directory, and its text. */
import { fleet } from "./fleet.ts";
import { health } from "./health.ts";
import { lift } from "./lift.ts";
import { load } from "./load.ts";
import { dashboardJson } from "./panels.ts";
import { trends } from "./trends.ts";
import { TONGUES } from "./words.ts";

const DASHBOARDS = { fleet, lift, trends, load, health } as const;

export function dashboardFiles(): Map<string, string> {
  return new Map(
    TONGUES.flatMap((tongue) =>
      Object.entries(DASHBOARDS).map(([name, dashboard]): [string, string] => [
        `${tongue.language}/${name}.json`,
        `${JSON.stringify(dashboardJson(dashboard(tongue), tongue.language), null, 2)}\n`,
      ]),
    ),
  );
}
