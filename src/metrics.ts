/** Prometheus metrics. Nothing is counted here: values are read from the parts' own plain counters when somebody scrapes. */
import { Counter, Gauge, Registry, collectDefaultMetrics } from "prom-client";
import type { Stats } from "./api/backend.ts";

export interface Metrics {
  readonly contentType: string;
  text(): Promise<string>;
}

type Read = (stats: Stats) => number;

const COUNTERS: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  hoistway_readings_received_total: ["Readings received, with those that could not be parsed", ({ ledger }) => ledger.received],
  hoistway_readings_accepted_total: ["Readings accepted", ({ ledger }) => ledger.accepted],
  hoistway_readings_duplicate_total: ["Readings that had come before", ({ ledger }) => ledger.duplicate],
  hoistway_readings_late_total: ["Accepted readings that came after their lift was judged past them", ({ ledger }) => ledger.late],
  hoistway_readings_quarantined_total: ["Readings rejected", ({ ledger }) => ledger.quarantined],
  hoistway_readings_stored_total: ["Readings committed to the store", ({ ledger }) => ledger.stored],
  hoistway_mqtt_publishes_total: ["Publishes delivered, refused ones included", ({ ingress }) => ingress.publishes],
  hoistway_mqtt_payload_bytes_total: ["Bytes of their payloads", ({ ingress }) => ingress.bytes],
  hoistway_mqtt_refused_publishes_total: ["Publishes delivered with a refusal", ({ ingress }) => ingress.refusedPublishes],
  hoistway_mqtt_oversized_total: ["Publishes that were too large", ({ ingress }) => ingress.oversized],
  hoistway_mqtt_failed_publishes_total: ["Publishes not taken and not acknowledged", ({ ingress }) => ingress.failedPublishes],
  hoistway_mqtt_refused_connections_total: ["Connections closed at the limit", ({ ingress }) => ingress.refusedConnections],
  hoistway_mqtt_refused_sign_ins_total: ["Sign-ins with an unknown name or token", ({ ingress }) => ingress.refusedSignIns],
  hoistway_mqtt_protocol_errors_total: ["Connections closed for breaking MQTT", ({ ingress }) => ingress.protocolErrors],
  hoistway_mqtt_timeouts_total: ["Connections closed because they fell silent", ({ ingress }) => ingress.timeouts],
  hoistway_mqtt_slow_clients_total: ["Connections closed because they read nothing", ({ ingress }) => ingress.slowClients],
  hoistway_mqtt_reconnects_total: ["Connections to an external broker that were lost", ({ ingress }) => ingress.reconnects],
  hoistway_store_failures_total: ["Writes to the store that failed and were tried again", ({ follower }) => follower.failures],
  hoistway_alert_changes_total: ["Changes of alerts", ({ monitor }) => monitor.changes],
  hoistway_notifications_sent_total: ["Notifications that were taken by their target", ({ notify }) => notify?.sent ?? 0],
  hoistway_notifications_failed_total: ["Notifications given up after their last attempt", ({ notify }) => notify?.failed ?? 0],
  hoistway_notifications_expired_total: ["Notifications that grew too old to be sent", ({ notify }) => notify?.expired ?? 0],
  hoistway_notifications_dropped_total: ["Notifications whose target is not set up any more", ({ notify }) => notify?.dropped ?? 0],
  hoistway_notifications_retried_total: ["Attempts that failed and were made again", ({ notify }) => notify?.retried ?? 0],
  hoistway_feed_frames_total: ["Frames sent to clients of the feed", ({ feed }) => feed.frames],
  hoistway_feed_connected_total: ["Clients that the feed has let in", ({ feed }) => feed.connected],
  hoistway_feed_resumed_total: ["Clients that went on from their cursor", ({ feed }) => feed.resumed],
  hoistway_feed_resynced_total: ["Clients whose cursor could not be resumed", ({ feed }) => feed.resynced],
  hoistway_feed_closed_slow_total: ["Clients closed because they were too slow", ({ feed }) => feed.closedSlow],
  hoistway_feed_refused_total: ["Clients that the feed has refused", ({ feed }) => feed.refused],
};

const GAUGES: Readonly<Record<string, readonly [help: string, read: Read]>> = {
  hoistway_readings_pending: ["Readings accepted and not yet stored", ({ ledger }) => ledger.pending],
  hoistway_mqtt_up: ["1 when messages can come in", ({ ingress }) => (ingress.state === "up" ? 1 : 0)],
  hoistway_mqtt_connections: ["MQTT connections", ({ ingress }) => ingress.connections],
  hoistway_mqtt_in_flight: ["Publishes that wait to become durable", ({ ingress }) => ingress.inFlight],
  hoistway_journal_ok: ["1 when the journal takes writes", ({ journal }) => (journal.state === "ok" ? 1 : 0)],
  hoistway_journal_pending_records: ["Records that wait for the disk", ({ journal }) => journal.pendingRecords],
  hoistway_journal_pending_bytes: ["Bytes that wait for the disk", ({ journal }) => journal.pendingBytes],
  hoistway_journal_size_bytes: ["Bytes of the journal on disk", ({ journal }) => journal.sizeBytes],
  hoistway_journal_first_seq: ["Oldest entry kept", ({ journal }) => journal.firstSeq],
  hoistway_journal_last_seq: ["Newest durable entry", ({ journal }) => journal.lastSeq],
  hoistway_journal_damages: ["Stretches of the journal that were found unreadable", ({ journal }) => journal.damages],
  hoistway_monitor_seq: ["Newest entry that the monitor has applied", ({ monitor }) => monitor.position],
  hoistway_lifts: ["Lifts registered or heard", ({ monitor }) => monitor.lifts],
  hoistway_alerts_open: ["Alerts active, or cleared and not acknowledged", ({ monitor }) => monitor.alerts],
  hoistway_store_seq: ["Newest entry whose effects are stored", ({ follower }) => follower.offset],
  hoistway_store_queued_rows: ["Rows that wait for the store", ({ follower }) => follower.rowsWaiting],
  hoistway_store_behind_entries: ["Entries applied whose effects are not stored", ({ follower }) => follower.behindEntries],
  hoistway_store_rows_per_second: ["Rows written a second, over about ten seconds", ({ follower }) => follower.ratePerS],
  hoistway_store_left_seconds: [
    "Time until the store has caught up, at the pace of now; NaN where that cannot be told",
    ({ follower }) => follower.leftS ?? Number.NaN,
  ],
  hoistway_notifications_pending: ["Notifications that wait or are under way", ({ notify }) => notify?.pending ?? 0],
  hoistway_notifications_failing_targets: ["Targets whose last attempt failed", ({ notify }) => notify?.failingTargets ?? 0],
  hoistway_notifications_seq: ["Newest entry whose changes are in the outbox", ({ notify }) => notify?.offset ?? 0],
  hoistway_feed_clients: ["Clients of the feed", ({ feed }) => feed.clients],
};

/** All of them at one instant, without the `hoistway_` that they begin with at `/metrics`. */
export function numbersOf(stats: Stats): Record<string, number> {
  return Object.fromEntries(
    Object.entries({ ...COUNTERS, ...GAUGES }).map(([name, [, read]]) => [name.slice("hoistway_".length), read(stats)]),
  );
}

export function createMetrics(stats: () => Stats): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const counters = Object.entries(COUNTERS).map(([name, [help, read]]) => ({
    metric: new Counter({ name, help, registers: [registry] }),
    read,
  }));
  const gauges = Object.entries(GAUGES).map(([name, [help, read]]) => ({ metric: new Gauge({ name, help, registers: [registry] }), read }));
  return {
    contentType: registry.contentType,
    text() {
      // One reading of all counters, so that the ledger of a scrape adds up.
      const now = stats();
      for (const { metric, read } of counters) {
        metric.reset();
        metric.inc(read(now));
      }
      for (const { metric, read } of gauges) metric.set(read(now));
      return registry.metrics();
    },
  };
}
