/** The Grafana dashboards as files: up to date, whole, and the same in both languages. Their queries are asked in test/integration. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { dashboardFiles } from "../../dashboards/grafana/all.ts";

const ROOT = join(import.meta.dirname, "../../dashboards/grafana");

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly datasource: { readonly type: string; readonly uid: string };
  readonly targets: readonly {
    readonly refId: string;
    readonly rawQuery: boolean;
    readonly query: string;
    readonly resultFormat: string;
  }[];
}
interface Dashboard {
  readonly uid: string;
  readonly title: string;
  readonly schemaVersion: number;
  readonly templating: { readonly list: readonly { readonly name: string }[] };
  readonly panels: readonly Panel[];
}

const files = [...dashboardFiles()];
const dashboards = files.map(([name, text]) => ({ name, dashboard: JSON.parse(text) as Dashboard }));

describe("the Grafana dashboards", () => {
  it.each(files)("%s is what `npm run grafana` makes", (name, text) => {
    expect(readFileSync(join(ROOT, name), "utf8")).toBe(text);
  });

  it("are five in each language, with the same panels at the same places", () => {
    expect(dashboards).toHaveLength(10);
    const shape = (language: string) =>
      dashboards
        .filter(({ name }) => name.startsWith(`${language}/`))
        .map(({ dashboard }) => dashboard.panels.map(({ id, type, gridPos, targets }) => [id, type, gridPos, targets.length]));
    expect(shape("zh-CN")).toEqual(shape("en"));
  });

  it("have ids of their own that Grafana takes, and titles in their language", () => {
    const uids = dashboards.map(({ dashboard }) => dashboard.uid);
    expect(new Set(uids).size).toBe(uids.length);
    for (const { name, dashboard } of dashboards) {
      expect(dashboard.uid).toMatch(/^[a-z0-9-]{1,40}$/);
      expect(dashboard.schemaVersion).toBeGreaterThanOrEqual(39);
      const titles = dashboard.panels.map(({ title }) => title);
      // The names that are the same in both languages are of things, not of panels.
      for (const title of titles) expect(/\p{Script=Han}/u.test(title), `${name}: ${title}`).toBe(name.startsWith("zh-CN"));
    }
  });

  it("have panels that stand beside one another, each with an InfluxQL query to the chosen data source", () => {
    for (const { name, dashboard } of dashboards) {
      const taken = new Set<string>();
      expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
      for (const { gridPos, targets, datasource, title } of dashboard.panels) {
        expect(datasource, name).toEqual({ type: "influxdb", uid: "${source}" });
        expect(targets.length, title).toBeGreaterThan(0);
        expect(new Set(targets.map(({ refId }) => refId)).size).toBe(targets.length);
        for (const { rawQuery, query } of targets) {
          expect(rawQuery).toBe(true);
          expect(query).toMatch(/^SELECT .*\$timeFilter/);
        }
        expect(gridPos.x + gridPos.w).toBeLessThanOrEqual(24);
        for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
          for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
            expect(taken.has(`${x} ${y}`), `${name}: ${title}`).toBe(false);
            taken.add(`${x} ${y}`);
          }
        }
      }
    }
  });

  it("use no variable that is not there", () => {
    for (const { name, dashboard } of dashboards) {
      const known = new Set(["timeFilter", "__interval", ...dashboard.templating.list.map((variable) => variable.name)]);
      const used = dashboard.panels.flatMap(({ targets }) =>
        targets.flatMap(({ query }) => [...query.matchAll(/\$(\w+)/g)].map(([, word]) => word!)),
      );
      expect(
        used.filter((word) => !known.has(word)),
        name,
      ).toEqual([]);
    }
  });
});

describe("Grafana's provisioning", () => {
  it("has the data source that the dashboards begin with, and no secret in it", () => {
    const text = readFileSync(join(ROOT, "provisioning/datasources/hoistway.yaml"), "utf8");
    const { datasources } = parse(text) as { datasources: Record<string, unknown>[] };
    expect(datasources).toHaveLength(1);
    expect(datasources[0]).toMatchObject({ uid: "hoistway", type: "influxdb", jsonData: { dbName: "hoistway" } });
    expect(datasources[0]!["secureJsonData"]).toEqual({ password: "$__file{/run/secrets/influx_grafana_password}" });
  });

  it("has a folder for each language's dashboards", () => {
    const { providers } = parse(readFileSync(join(ROOT, "provisioning/dashboards/hoistway.yaml"), "utf8")) as {
      providers: { options: { path: string }; folder: string; allowUiUpdates: boolean }[];
    };
    expect(providers.map(({ options }) => options.path)).toEqual(["/etc/hoistway/dashboards/en", "/etc/hoistway/dashboards/zh-CN"]);
    expect(new Set(providers.map(({ folder }) => folder)).size).toBe(2);
  });
});
