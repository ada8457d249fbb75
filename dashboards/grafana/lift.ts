/** One lift: what it said, what was wrong with it, and its days. */
import { type DashboardSpec, zoneVariable } from "./panels.ts";
import { alertColumns, alertWords, DOOR_COLOURS, doors, type Tongue } from "./words.ts";

const LIFT = `"liftId" = '$lift' AND $timeFilter`;
const EACH = "GROUP BY time($__interval) fill(none)";

export function lift(tongue: Tongue): DashboardSpec {
  const { say, page } = tongue;
  const readings = `FROM "readings"."lift_reading" WHERE ${LIFT}`;
  return {
    uid: "hoistway-lift",
    title: say("Hoistway: one lift", "Hoistway：单台电梯"),
    from: "now-3h",
    refresh: "30s",
    variables: [
      { name: "lift", label: say("Lift", "电梯"), query: 'SHOW TAG VALUES FROM "lift_day" WITH KEY = "liftId"', value: "" },
      zoneVariable(say),
    ],
    panels: [
      {
        type: "timeseries",
        title: say("Speed", "速度"),
        description: say("Up is positive. Greatest and least of each interval.", "向上为正；每个时段的最大值与最小值。"),
        queries: [
          {
            text: `SELECT max("speedMps") AS "${say("greatest", "最大")}", min("speedMps") AS "${say("least", "最小")}" ${readings} ${EACH}`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 8,
        unit: "velocityms",
      },
      {
        type: "timeseries",
        title: say("Floor", "楼层"),
        queries: [{ text: `SELECT last("floor") AS "${say("floor", "楼层")}" ${readings} ${EACH}`, alias: "$col" }],
        width: 12,
        height: 8,
        decimals: 0,
      },
      {
        type: "state-timeline",
        title: say("Doors", "门"),
        queries: [
          {
            text: `SELECT last("state") AS "${say("door", "门")}" FROM "readings"."lift_reading" WHERE "channel" = 'door' AND ${LIFT} ${EACH}`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 5,
        words: doors(tongue),
        colours: DOOR_COLOURS,
      },
      {
        type: "state-timeline",
        title: say("Mode", "运行模式"),
        queries: [{ text: `SELECT last("mode") AS "${say("mode", "模式")}" ${readings} ${EACH}`, alias: "$col" }],
        width: 12,
        height: 5,
        words: page.modes,
      },
      {
        type: "timeseries",
        title: say("Load", "载荷"),
        queries: [{ text: `SELECT max("loadKg") AS "${say("load", "载荷")}" ${readings} ${EACH}`, alias: "$col" }],
        width: 8,
        height: 7,
        unit: "masskg",
      },
      {
        type: "timeseries",
        title: say("Persons in the car", "轿厢内人数"),
        queries: [{ text: `SELECT max("persons") AS "${say("persons", "人数")}" ${readings} ${EACH}`, alias: "$col" }],
        width: 8,
        height: 7,
        decimals: 0,
      },
      {
        type: "timeseries",
        title: say("Motor temperature", "电机温度"),
        queries: [{ text: `SELECT max("motorTemperatureC") AS "${say("motor", "电机")}" ${readings} ${EACH}`, alias: "$col" }],
        width: 8,
        height: 7,
        unit: "celsius",
      },
      {
        type: "table",
        title: say("Alerts", "报警"),
        queries: [
          {
            text: `SELECT ${alertColumns(tongue, ["change", "priority", "hazard", "evidence", "by"])} FROM "keep"."alert_change" WHERE ${LIFT} ORDER BY time DESC LIMIT 100`,
            table: true,
          },
        ],
        width: 12,
        height: 9,
        words: alertWords(tongue),
      },
      {
        type: "table",
        title: say("Fault codes", "故障代码"),
        queries: [
          {
            text: `SELECT "code" AS "${say("Code", "代码")}", "dialect" AS "${say("Dialect", "代码体系")}", "active" AS "${say("Active", "有效")}" FROM "readings"."lift_reading" WHERE "channel" = 'fault' AND ${LIFT} ORDER BY time DESC LIMIT 100`,
            table: true,
          },
        ],
        width: 12,
        height: 9,
      },
      {
        type: "timeseries",
        title: say("Faults a day", "每日故障"),
        queries: [
          {
            text: `SELECT last("faults") AS "${say("faults", "故障")}", last("stoppingFaults") AS "${say("faults that stop it", "停梯故障")}", last("entrapments") AS "${say("entrapments", "困人")}" FROM "keep"."lift_day" WHERE ${LIFT} GROUP BY time(1d) fill(none) tz('$zone')`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 8,
        bars: true,
        timeFrom: "90d",
        decimals: 0,
      },
      {
        type: "timeseries",
        title: say("Greatest speed and load of each interval, from the roll-up by minute", "各时段最大速度与载荷（分钟汇总）"),
        description: say(
          "For days whose raw readings have been rolled up and dropped (--readings-days).",
          "原始读数已汇总并删除的日期（--readings-days）。",
        ),
        queries: [
          {
            text: `SELECT max("speedMaxMps") AS "${say("speed, m/s", "速度（m/s）")}", max("loadMaxKg") AS "${say("load, kg", "载荷（kg）")}" FROM "minutes"."lift_minute" WHERE ${LIFT} ${EACH}`,
            alias: "$col",
          },
        ],
        width: 12,
        height: 8,
        timeFrom: "1y",
      },
    ],
  };
}
