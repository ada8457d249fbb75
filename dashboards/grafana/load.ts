/** What alerts ask of the people who watch them. The report on operator load counts pages exactly; these are the raw counts. */
import { type DashboardSpec, zoneVariable } from "./panels.ts";
import { coloursOf, priorities, type Tongue } from "./words.ts";

const RAISED = `FROM "keep"."alert_change" WHERE "change" = 'raised'`;

export function load(tongue: Tongue): DashboardSpec {
  const { say, page } = tongue;
  const ranks = priorities(tongue);
  const acts = [
    ["acknowledged", say("acknowledged", "已确认")],
    ["shelved", say("shelved", "搁置")],
    ["dispatched", say("dispatched", "已派员")],
    ["rescued", say("rescued", "被困人员已救出")],
    ["closed", say("closed", "关闭")],
  ] as const;
  return {
    uid: "hoistway-load",
    title: say("Hoistway: operator load", "Hoistway：值班员负荷"),
    from: "now-7d",
    refresh: "1m",
    variables: [zoneVariable(say)],
    panels: [
      {
        type: "timeseries",
        title: say("Alerts raised in ten minutes", "每十分钟新增报警"),
        description: say(
          "EEMUA 191: about one in ten minutes is manageable, more than ten are a flood. All raised alerts are counted here, of all operator positions; GET /api/reports/operator-load leaves out what pages nobody.",
          "EEMUA 191：每十分钟约一条可以应对，超过十条即为报警泛滥。此处统计全部岗位的全部新增报警；GET /api/reports/operator-load 不计不呼叫值班员的报警。",
        ),
        queries: [
          { text: `SELECT count("n") AS "${say("alerts", "报警")}" ${RAISED} AND $timeFilter GROUP BY time(10m) fill(0)`, alias: "$col" },
        ],
        width: 24,
        height: 9,
        bars: true,
        limits: [2, 10],
      },
      {
        type: "timeseries",
        title: say("Alerts raised a day, by priority", "每日新增报警（按优先级）"),
        description: say("EEMUA 191 asks for about 5 % high and 15 % medium.", "EEMUA 191 建议高优先级约 5 %，中优先级约 15 %。"),
        queries: ranks.map(({ field, title }) => ({
          text: `SELECT count("n") AS "${title}" ${RAISED} AND "priority" = '${field}' AND $timeFilter GROUP BY time(1d) fill(0) tz('$zone')`,
          alias: "$col",
        })),
        width: 12,
        height: 9,
        bars: true,
        stacked: true,
        colours: coloursOf(ranks),
      },
      {
        type: "timeseries",
        title: say("Open alerts", "未结报警"),
        queries: [
          {
            text: `SELECT max("alerts_open") AS "${say("open", "未结")}" FROM "readings"."hoistway_health" WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 9,
      },
      {
        type: "timeseries",
        title: say("What operators did, an hour", "值班员每小时操作"),
        queries: acts.map(([change, title]) => ({
          text: `SELECT count("n") AS "${title}" FROM "keep"."alert_change" WHERE "change" = '${change}' AND $timeFilter GROUP BY time(1h) fill(0)`,
          alias: "$col",
        })),
        width: 12,
        height: 9,
        bars: true,
        stacked: true,
      },
      {
        type: "timeseries",
        title: say("Changes an hour, by hazard", "每小时变化（按隐患）"),
        description: say("Every change counts, also what clears and returns.", "包括解除与再次发生在内的全部变化。"),
        queries: [
          {
            text: `SELECT count("n") FROM "keep"."alert_change" WHERE $timeFilter GROUP BY time(1h), "hazard" fill(none)`,
            alias: "$tag_hazard",
          },
        ],
        width: 12,
        height: 9,
        bars: true,
        stacked: true,
        names: page.hazards,
      },
      {
        type: "table",
        title: say("Hazards that were raised most often", "最常见的隐患"),
        queries: [
          {
            text: `SELECT top("count", "hazard", 10) AS "${say("Raised", "次数")}" FROM (SELECT count("n") ${RAISED} AND $timeFilter GROUP BY "hazard")`,
            table: true,
          },
        ],
        width: 12,
        height: 10,
        words: page.hazards,
      },
      {
        type: "table",
        title: say("Lifts that raised the most", "报警最多的电梯"),
        queries: [
          {
            text: `SELECT top("count", "liftId", 10) AS "${say("Raised", "次数")}" FROM (SELECT count("n") ${RAISED} AND $timeFilter GROUP BY "liftId")`,
            table: true,
          },
        ],
        width: 12,
        height: 10,
      },
    ],
  };
}
