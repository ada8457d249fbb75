/** Grafana's dashboards as data: what a panel asks in InfluxQL and how it is drawn. One table makes every language. */

export const LANGUAGES = ["en", "zh-CN"] as const;
export type Language = (typeof LANGUAGES)[number];

/** Every panel asks the data source that is chosen at the top of the dashboard; the provisioned one unless told otherwise. */
const SOURCE = { type: "influxdb", uid: "${source}" };
const COLUMNS = 24;

export interface Query {
  /** InfluxQL with Grafana's $timeFilter, $__interval and variables. */
  readonly text: string;
  /** Series' names: `$col` the column, `$tag_NAME` a tag. */
  readonly alias?: string;
  readonly table?: boolean;
}

export interface PanelSpec {
  readonly type: "timeseries" | "stat" | "table" | "state-timeline";
  readonly title: string;
  /** Shown behind the i of the panel. */
  readonly description?: string;
  readonly queries: readonly Query[];
  /** In 24ths of the page. */
  readonly width: number;
  readonly height: number;
  /** Grafana's name of a unit, https://grafana.com/docs/grafana/latest/panels-visualizations/configure-standard-options. */
  readonly unit?: string;
  readonly decimals?: number;
  readonly bars?: boolean;
  readonly stacked?: boolean;
  /** Colours by series' or values' name. */
  readonly colours?: Readonly<Record<string, string>>;
  /** What stands for a value in the reader's language. */
  readonly words?: Readonly<Record<string, string>>;
  /** What stands for a series' name in the reader's language. */
  readonly names?: Readonly<Record<string, string>>;
  /** From so long ago, whatever the dashboard shows: `90d`. */
  readonly timeFrom?: string;
  /** From here on a value is drawn in orange, and in red. */
  readonly limits?: readonly [number, number];
}

export interface VariableSpec {
  readonly name: string;
  readonly label: string;
  /** InfluxQL that gives its values; absent for a text that is typed. */
  readonly query?: string;
  readonly value: string;
}

export interface DashboardSpec {
  /** The same in every language; `-zh` is added. */
  readonly uid: string;
  readonly title: string;
  readonly from: string;
  readonly refresh: string;
  readonly variables: readonly VariableSpec[];
  readonly panels: readonly PanelSpec[];
}

/** Days begin at the site's midnight, so the queries by day name its zone. */
export function zoneVariable(say: (english: string, chinese: string) => string): VariableSpec {
  return { name: "zone", label: say("Time zone of days", "按日统计的时区"), value: "Asia/Shanghai" };
}

/** JSON of a dashboard as Grafana 11 and later import it. */
export function dashboardJson(spec: DashboardSpec, language: Language): Record<string, unknown> {
  return {
    uid: language === "en" ? spec.uid : `${spec.uid}-zh`,
    title: spec.title,
    tags: ["hoistway", language],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    timezone: "browser",
    refresh: spec.refresh,
    time: { from: spec.from, to: "now" },
    timepicker: {},
    annotations: { list: [] },
    links: [
      {
        type: "dashboards",
        tags: ["hoistway", language],
        title: language === "en" ? "Dashboards" : "看板",
        asDropdown: true,
        keepTime: false,
        includeVars: false,
      },
    ],
    templating: { list: [sourceVariable(language), ...spec.variables.map(variableJson)] },
    panels: placed(spec.panels),
  };
}

function sourceVariable(language: Language): Record<string, unknown> {
  return {
    type: "datasource",
    name: "source",
    label: language === "en" ? "Data source" : "数据源",
    query: "influxdb",
    current: { text: "Hoistway", value: "hoistway" },
    options: [],
    hide: 0,
  };
}

function variableJson({ name, label, query, value }: VariableSpec): Record<string, unknown> {
  if (query === undefined) return { type: "textbox", name, label, query: value, current: { text: value, value }, options: [], hide: 0 };
  return {
    type: "query",
    name,
    label,
    datasource: SOURCE,
    query,
    definition: query,
    current: value === "" ? {} : { text: value, value },
    options: [],
    refresh: 1,
    sort: 1,
    multi: false,
    includeAll: false,
    hide: 0,
  };
}

/** From left to right, as high as the first of its row. */
function placed(specs: readonly PanelSpec[]): Record<string, unknown>[] {
  let [x, y, rowHeight] = [0, 0, 0];
  return specs.map((spec, index) => {
    if (x + spec.width > COLUMNS) [x, y] = [0, y + rowHeight];
    if (x === 0) rowHeight = spec.height;
    const gridPos = { x, y, w: spec.width, h: rowHeight };
    x += spec.width;
    return panelJson(spec, index + 1, gridPos);
  });
}

function panelJson(spec: PanelSpec, id: number, gridPos: Readonly<Record<string, number>>): Record<string, unknown> {
  const { type, title, description, queries, timeFrom } = spec;
  return {
    id,
    type,
    title,
    ...(description === undefined ? {} : { description }),
    ...(timeFrom === undefined ? {} : { timeFrom }),
    gridPos,
    datasource: SOURCE,
    targets: queries.map(({ text, alias, table }, index) => ({
      refId: String.fromCodePoint(65 + index),
      datasource: SOURCE,
      rawQuery: true,
      query: text,
      resultFormat: table === true ? "table" : "time_series",
      ...(alias === undefined ? {} : { alias }),
    })),
    fieldConfig: { defaults: fieldDefaults(spec), overrides: overrides(spec) },
    options: optionsOf(spec),
  };
}

function fieldDefaults({ type, unit, decimals, bars, stacked, words, colours, limits }: PanelSpec): Record<string, unknown> {
  const mapped = Object.entries(words ?? {}).map(([value, text], index) => [
    value,
    { text, index, ...(colours?.[value] === undefined ? {} : { color: colours[value] }) },
  ]);
  const steps = [{ color: limits === undefined ? "text" : "green", value: null }];
  return {
    ...(unit === undefined ? {} : { unit }),
    ...(decimals === undefined ? {} : { decimals }),
    ...(mapped.length === 0 ? {} : { mappings: [{ type: "value", options: Object.fromEntries(mapped) as unknown }] }),
    color: { mode: type === "stat" ? "thresholds" : "palette-classic" },
    thresholds: {
      mode: "absolute",
      steps: limits === undefined ? steps : [...steps, { color: "orange", value: limits[0] }, { color: "red", value: limits[1] }],
    },
    ...(type === "timeseries"
      ? {
          custom: {
            drawStyle: bars === true ? "bars" : "line",
            lineWidth: 1,
            fillOpacity: bars === true ? 80 : 10,
            showPoints: "never",
            spanNulls: false,
            stacking: { mode: stacked === true ? "normal" : "none", group: "A" },
            ...(limits === undefined ? {} : { thresholdsStyle: { mode: "line" } }),
          },
        }
      : {}),
  };
}

function overrides({ type, colours, names }: PanelSpec): Record<string, unknown>[] {
  const renamed = Object.entries(names ?? {})
    .filter(([name, text]) => name !== text)
    .map(([name, text]) => override(name, { id: "displayName", value: text }));
  if (type === "state-timeline" || type === "table") return renamed;
  const coloured = Object.entries(colours ?? {}).map(([name, fixedColor]) =>
    override(name, { id: "color", value: { mode: "fixed", fixedColor } }),
  );
  return [...renamed, ...coloured];
}

function override(name: string, property: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return { matcher: { id: "byName", options: name }, properties: [property] };
}

function optionsOf({ type }: PanelSpec): Record<string, unknown> {
  if (type === "timeseries")
    return { legend: { displayMode: "list", placement: "bottom", showLegend: true }, tooltip: { mode: "multi", sort: "desc" } };
  if (type === "stat")
    return {
      reduceOptions: { calcs: ["lastNotNull"], fields: "", values: false },
      orientation: "auto",
      textMode: "value_and_name",
      colorMode: "value",
      graphMode: "none",
    };
  if (type === "table") return { showHeader: true, cellHeight: "sm" };
  return { mergeValues: true, showValue: "auto", rowHeight: 0.8, legend: { displayMode: "list", placement: "bottom", showLegend: true } };
}
