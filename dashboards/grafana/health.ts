/** Hoistway itself: what comes in, what waits, and what it costs. */
import type { DashboardSpec, PanelSpec } from "./panels.ts";
import type { Tongue } from "./words.ts";

type Series = readonly (readonly [field: string, title: string])[];

const HEALTH = `FROM "readings"."hoistway_health" WHERE $timeFilter`;
const EACH = "GROUP BY time($__interval) fill(none)";

function gauges(series: Series): PanelSpec["queries"] {
  return [
    { text: `SELECT ${series.map(([field, title]) => `max("${field}") AS "${title}"`).join(", ")} ${HEALTH} ${EACH}`, alias: "$col" },
  ];
}

/** Of counters, a second; a restart, which sets them back, shows as nothing. */
function rates(series: Series): PanelSpec["queries"] {
  const columns = series.map(([field, title]) => `non_negative_derivative(max("${field}"), 1s) AS "${title}"`);
  return [{ text: `SELECT ${columns.join(", ")} ${HEALTH} ${EACH}`, alias: "$col" }];
}

export function health({ say }: Tongue): DashboardSpec {
  return {
    uid: "hoistway-health",
    title: say("Hoistway: its own health", "Hoistway：系统自身状态"),
    from: "now-6h",
    refresh: "10s",
    variables: [],
    panels: [
      {
        type: "stat",
        title: say("Up (1) or down (0)", "正常（1）或异常（0）"),
        queries: [
          {
            text: `SELECT last("mqtt_up") AS "MQTT", last("journal_ok") AS "${say("journal", "日志")}" ${HEALTH}`,
            alias: "$col",
          },
        ],
        width: 6,
        height: 5,
      },
      {
        type: "stat",
        title: say("Accepted and not yet stored", "已接收未入库"),
        queries: [
          {
            text: `SELECT last("readings_pending") AS "${say("readings", "读数")}", last("store_behind_entries") AS "${say("journal entries", "日志条目")}", last("store_left_seconds") AS "${say("s left", "剩余秒数")}" ${HEALTH}`,
            alias: "$col",
          },
        ],
        width: 10,
        height: 5,
      },
      {
        type: "stat",
        title: say("Connections", "连接数"),
        queries: [
          {
            text: `SELECT last("mqtt_connections") AS "MQTT", last("feed_clients") AS "${say("live feed", "实时通道")}" ${HEALTH}`,
            alias: "$col",
          },
        ],
        width: 8,
        height: 5,
      },
      {
        type: "timeseries",
        title: say("Readings a second", "每秒读数"),
        queries: rates([
          ["readings_accepted_total", say("accepted", "接收")],
          ["readings_stored_total", say("stored", "入库")],
          ["readings_duplicate_total", say("duplicate", "重复")],
          ["readings_late_total", say("late", "迟到")],
          ["readings_quarantined_total", say("quarantined", "隔离")],
        ]),
        width: 12,
        height: 8,
        unit: "cps",
      },
      {
        type: "timeseries",
        title: say("What waits", "排队"),
        queries: gauges([
          ["readings_pending", say("readings not stored", "未入库读数")],
          ["journal_pending_records", say("records for the disk", "待写盘记录")],
          ["mqtt_in_flight", say("publishes unacknowledged", "未应答发布")],
          ["notifications_pending", say("notifications", "通知")],
        ]),
        width: 12,
        height: 8,
      },
      {
        type: "timeseries",
        title: say("MQTT connections", "MQTT 连接"),
        queries: gauges([["mqtt_connections", say("connections", "连接")]]),
        width: 8,
        height: 8,
      },
      {
        type: "timeseries",
        title: say("What MQTT refused, a second", "MQTT 每秒拒绝"),
        queries: rates([
          ["mqtt_refused_publishes_total", say("publishes", "发布")],
          ["mqtt_refused_sign_ins_total", say("sign-ins", "登录")],
          ["mqtt_refused_connections_total", say("connections", "连接")],
          ["mqtt_protocol_errors_total", say("protocol errors", "协议错误")],
          ["mqtt_timeouts_total", say("fell silent", "超时")],
        ]),
        width: 8,
        height: 8,
        unit: "cps",
      },
      {
        type: "timeseries",
        title: say("Failures", "失败次数"),
        queries: gauges([
          ["store_failures_total", say("writes to the store, tried again", "入库失败并重试")],
          ["notifications_failed_total", say("notifications given up", "放弃的通知")],
          ["feed_closed_slow_total", say("slow clients of the feed", "过慢的实时客户端")],
          ["journal_damages", say("damage in the journal", "日志损坏")],
        ]),
        width: 8,
        height: 8,
      },
      {
        type: "timeseries",
        title: say("CPU cores", "CPU 核"),
        queries: gauges([["process_cpu_cores", say("cores", "核")]]),
        width: 8,
        height: 8,
        decimals: 2,
      },
      {
        type: "timeseries",
        title: say("Memory and journal", "内存与日志"),
        queries: gauges([
          ["process_resident_memory_bytes", say("memory", "内存")],
          ["journal_size_bytes", say("journal on disk", "磁盘日志")],
        ]),
        width: 8,
        height: 8,
        unit: "bytes",
      },
      {
        type: "timeseries",
        title: say("Main thread's delay, p99", "主线程延迟 p99"),
        queries: gauges([["process_event_loop_delay_p99_seconds", say("delay", "延迟")]]),
        width: 8,
        height: 8,
        unit: "s",
        limits: [0.02, 0.1],
      },
      {
        type: "timeseries",
        title: say("Rejected readings, by reason", "被拒读数（按原因）"),
        queries: [
          {
            text: `SELECT count("entry") FROM "readings"."quarantine" WHERE $timeFilter GROUP BY time($__interval), "reason" fill(none)`,
            alias: "$tag_reason",
          },
        ],
        width: 12,
        height: 9,
        bars: true,
        stacked: true,
      },
      {
        type: "table",
        title: say("Newest rejected readings", "最新被拒读数"),
        queries: [
          {
            text: `SELECT "reason" AS "${say("Reason", "原因")}", "topic" AS "${say("Topic", "主题")}", "source" AS "${say("Source", "来源")}", "message" AS "${say("Message", "说明")}" FROM "readings"."quarantine" WHERE $timeFilter ORDER BY time DESC LIMIT 50`,
            table: true,
          },
        ],
        width: 12,
        height: 9,
      },
    ],
  };
}
