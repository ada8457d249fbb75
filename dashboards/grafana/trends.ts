/** How often lifts fail, over months. */
import { type DashboardSpec, zoneVariable } from "./panels.ts";
import type { Tongue } from "./words.ts";

/** Ms of 30 days: the rates are for so long in service. */
const THIRTY_DAYS_MS = 30 * 86_400_000;

/** The newest row of each lift and day: a day's row may have been written more than once (docs/schema.md). */
function days(fields: readonly string[]): string {
  const newest = fields.map((field) => `last("${field}") AS "${field}"`).join(", ");
  return `(SELECT ${newest} FROM "keep"."lift_day" WHERE $timeFilter GROUP BY time(1d), "liftId" fill(none) tz('$zone'))`;
}

const BY_DAY = "WHERE $timeFilter GROUP BY time(1d) fill(none) tz('$zone')";

function raised(tag: string): string {
  return `SELECT count("n") FROM "keep"."alert_change" WHERE "change" = 'raised' AND $timeFilter GROUP BY time(1d), "${tag}" fill(none) tz('$zone')`;
}

export function trends({ say, page }: Tongue): DashboardSpec {
  const worst = (field: string, title: string) =>
    `SELECT top("sum", "liftId", 20) AS "${title}" FROM (SELECT sum("${field}") FROM ${days([field])} WHERE $timeFilter GROUP BY "liftId")`;
  return {
    uid: "hoistway-trends",
    title: say("Hoistway: fault-rate trends", "Hoistway：故障率趋势"),
    from: "now-90d",
    refresh: "",
    variables: [zoneVariable(say)],
    panels: [
      {
        type: "timeseries",
        title: say("Faults per lift and 30 days in service", "每台电梯每 30 个运行日的故障数"),
        queries: [
          {
            text: `SELECT sum("faults") / sum("inServiceMs") * ${THIRTY_DAYS_MS} AS "${say("all faults", "全部故障")}", sum("stoppingFaults") / sum("inServiceMs") * ${THIRTY_DAYS_MS} AS "${say("faults that stop the lift", "停梯故障")}" FROM ${days(["faults", "stoppingFaults", "inServiceMs"])} ${BY_DAY}`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 9,
        decimals: 2,
      },
      {
        type: "timeseries",
        title: say("Entrapments a day", "每日困人"),
        queries: [
          { text: `SELECT sum("entrapments") AS "${say("entrapments", "困人")}" FROM ${days(["entrapments"])} ${BY_DAY}`, alias: "$col" },
        ],
        width: 12,
        height: 9,
        bars: true,
        decimals: 0,
        colours: { [say("entrapments", "困人")]: "#e5484d" },
      },
      {
        type: "timeseries",
        title: say("Faults a day", "每日故障"),
        queries: [
          {
            text: `SELECT sum("faults") AS "${say("all faults", "全部故障")}", sum("stoppingFaults") AS "${say("faults that stop the lift", "停梯故障")}" FROM ${days(["faults", "stoppingFaults"])} ${BY_DAY}`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 9,
        bars: true,
        decimals: 0,
      },
      {
        type: "timeseries",
        title: say("Alerts raised a day, by hazard", "每日新增报警（按隐患）"),
        queries: [{ text: raised("hazard"), alias: "$tag_hazard" }],
        width: 12,
        height: 9,
        bars: true,
        stacked: true,
        names: page.hazards,
      },
      {
        type: "timeseries",
        title: say("Alerts raised a day, by district", "每日新增报警（按区县）"),
        queries: [{ text: raised("district"), alias: "$tag_district" }],
        width: 12,
        height: 9,
        bars: true,
        stacked: true,
      },
      {
        type: "timeseries",
        title: say("Alerts raised a day, by maintenance firm", "每日新增报警（按维保单位）"),
        queries: [{ text: raised("firm"), alias: "$tag_firm" }],
        width: 12,
        height: 9,
        bars: true,
        stacked: true,
      },
      {
        type: "table",
        title: say("Lifts with the most faults", "故障最多的电梯"),
        queries: [{ text: worst("faults", say("Faults", "故障")), table: true }],
        width: 12,
        height: 10,
      },
      {
        type: "table",
        title: say("Lifts that were stopped most often", "停梯最多的电梯"),
        queries: [{ text: worst("stoppingFaults", say("Faults that stop it", "停梯故障")), table: true }],
        width: 12,
        height: 10,
      },
    ],
  };
}
