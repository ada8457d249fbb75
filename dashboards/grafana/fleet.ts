/** The whole fleet now: how many lifts are well, what is wrong, and what has just happened. */
import type { DashboardSpec } from "./panels.ts";
import { alertColumns, alertWords, coloursOf, conditions, newestOf, priorities, type Tongue } from "./words.ts";

export function fleet(tongue: Tongue): DashboardSpec {
  const { say, page } = tongue;
  const [states, ranks] = [conditions(tongue), priorities(tongue)];
  return {
    uid: "hoistway-fleet",
    title: say("Hoistway: live fleet", "Hoistway：电梯实时总览"),
    from: "now-6h",
    refresh: "10s",
    variables: [],
    panels: [
      {
        type: "stat",
        title: say("Lifts", "电梯"),
        queries: [{ text: `SELECT ${newestOf(states, "lifts_")} FROM "readings"."hoistway_health" WHERE $timeFilter`, alias: "$col" }],
        width: 14,
        height: 5,
        colours: coloursOf(states),
      },
      {
        type: "stat",
        title: say("Open alerts", "未结报警"),
        description: say("Active, or cleared and not acknowledged.", "仍然有效，或已解除但尚未确认。"),
        queries: [{ text: `SELECT ${newestOf(ranks, "alerts_")} FROM "readings"."hoistway_health" WHERE $timeFilter`, alias: "$col" }],
        width: 10,
        height: 5,
        colours: coloursOf(ranks),
      },
      {
        type: "timeseries",
        title: say("Lifts that are not in service", "未正常运行的电梯"),
        queries: [
          {
            text: `SELECT ${newestOf(states.slice(1), "lifts_")} FROM "readings"."hoistway_health" WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 8,
        stacked: true,
        colours: coloursOf(states.slice(1)),
      },
      {
        type: "timeseries",
        title: say("Open alerts by priority", "各优先级未结报警"),
        queries: [
          {
            text: `SELECT ${newestOf(ranks, "alerts_")} FROM "readings"."hoistway_health" WHERE $timeFilter GROUP BY time($__interval) fill(none)`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 8,
        stacked: true,
        colours: coloursOf(ranks),
      },
      {
        type: "table",
        title: say("By district", "各区县"),
        queries: [
          {
            text: `SELECT ${newestOf(states, "")} FROM "readings"."fleet_count" WHERE $timeFilter GROUP BY "district"`,
            table: true,
          },
        ],
        width: 12,
        height: 9,
      },
      {
        type: "timeseries",
        title: say("Alerts raised, by hazard", "新增报警（按隐患）"),
        queries: [
          {
            text: `SELECT count("n") FROM "keep"."alert_change" WHERE "change" = 'raised' AND $timeFilter GROUP BY time($__interval), "hazard" fill(none)`,
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
        title: say("What has just happened", "最新动态"),
        queries: [
          {
            text: `SELECT ${alertColumns(tongue, ["change", "priority", "hazard", "evidence", "liftId", "district", "by"])} FROM "keep"."alert_change" WHERE $timeFilter ORDER BY time DESC LIMIT 100`,
            table: true,
          },
        ],
        width: 24,
        height: 11,
        words: alertWords(tongue),
      },
    ],
  };
}
