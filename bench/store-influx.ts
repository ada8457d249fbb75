/**
 * The InfluxDB store against what a script does with the client's default WriteApi, in the same influxd: readings a second, CPU of both ends,
 * and what is lost when influxd is killed in the middle and comes back.
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setImmediate as turn, setTimeout as sleep } from "node:timers/promises";
import { InfluxDB, Point, setLogger, type Transport } from "@influxdata/influxdb-client";
import { LIMITS } from "../src/config.ts";
import type { StoredReading } from "../src/core/effects.ts";
import { openInfluxStore } from "../src/store/influx/influx.ts";
import { packReadings } from "../src/store/packing.ts";
import { influxCount, type Influxd, startInfluxd } from "./influxd.ts";
import { against, type BenchRow, cpuMs } from "./row.ts";
import { makeReadings } from "./store.ts";

export interface StoreInfluxOptions {
  readonly readings: number;
  /** How long influxd is away, ms. */
  readonly outageMs: number;
}

const DAY_MS = 86_400_000;

interface Run {
  readonly perS: number;
  /** CPU-seconds a million readings. */
  readonly clientPerM: number;
  readonly serverPerM: number;
  readonly lost: number;
}

/** Opened before it is measured. `write` resolves when the writer says that it is done. */
type Open = (url: string) => Promise<{ write(readings: readonly StoredReading[], half: () => Promise<void>): Promise<void> }>;

export async function benchStoreInflux(options: StoreInfluxOptions = { readings: 150_000, outageMs: 1_500 }): Promise<BenchRow[]> {
  const dir = await mkdtemp(join(tmpdir(), "hoistway-bench-influx-"));
  const influxd = await startInfluxd(join(dir, "influxd"));
  try {
    if (influxd === null) return [];
    // Of today: the retention of readings would refuse older ones.
    const today = Math.floor(Date.now() / DAY_MS) * DAY_MS;
    const readings = makeReadings(options.readings, 1, today);
    let back: Promise<void> = Promise.resolve();
    const count = async () => {
      // A script may have given up before it is there again.
      await back;
      return influxCount(influxd.url, "bench", "readings", 'SELECT count("entry") FROM lift_reading');
    };
    const measured: Record<string, Run> = {};
    for (const [name, open] of [
      ["ours", ours],
      ["usual", usualWay],
    ] as const) {
      measured[name] = await measure(influxd, readings, open, count, async () => undefined);
      measured[`${name} with an outage`] = await measure(influxd, readings, open, count, async () => {
        await influxd.kill();
        back = sleep(options.outageMs).then(() => influxd.start());
      });
    }
    const row = (title: string, unit: string, of: (run: Run) => number, run = "ours"): BenchRow =>
      against(`store: InfluxDB, ${title}`, of(measured[run]!), unit, {
        name: "script with the client's default WriteApi",
        value: of(measured[run.replace("ours", "usual")]!),
      });
    return [
      row("readings through write()", "readings/s", ({ perS }) => perS),
      row("CPU of the writer", "CPU-s a million", ({ clientPerM }) => clientPerM),
      row("CPU of influxd 1.6", "CPU-s a million", ({ serverPerM }) => serverPerM),
      row("readings lost", `of ${options.readings}`, ({ lost }) => lost),
      row(
        `readings lost with influxd away for ${options.outageMs} ms`,
        `of ${options.readings}`,
        ({ lost }) => lost,
        "ours with an outage",
      ),
    ];
  } finally {
    await influxd?.kill();
    await rm(dir, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function measure(
  influxd: Influxd,
  readings: readonly StoredReading[],
  open: Open,
  count: () => Promise<number>,
  half: () => Promise<void>,
): Promise<Run> {
  await influxCount(influxd.url, "", "", "DROP DATABASE bench");
  const writer = await open(influxd.url);
  const [client, server, began] = [cpuMs(), influxd.cpuMs(), performance.now()];
  await writer.write(readings, half);
  const [tookMs, clientMs, serverMs] = [performance.now() - began, cpuMs() - client, influxd.cpuMs() - server];
  const perM = (ms: number) => (ms * 1_000) / readings.length;
  return {
    perS: (readings.length * 1_000) / tookMs,
    clientPerM: perM(clientMs),
    serverPerM: perM(serverMs),
    lost: readings.length - (await count()),
  };
}

/** As the follower writes what waits: batches of its largest size, one at a time, each again until it is in. */
async function ours(url: string): ReturnType<Open> {
  const target = { url, version: 1, bucket: "bench", org: "", token: "", username: "", password: "" } as const;
  const keeping = {
    readingsDays: null,
    minutesDays: null,
    journalId: "bench",
    journalEnd: Number.MAX_SAFE_INTEGER,
    timezone: "Asia/Shanghai",
  };
  const store = await openInfluxStore({ ...target, ...keeping });
  return {
    async write(readings, half) {
      const rows = Math.min(LIMITS.store.batchRows, Math.ceil(readings.length / 4));
      for (let start = 0; start < readings.length; start += rows) {
        if (start >= readings.length / 2 && start - rows < readings.length / 2) await half();
        const part = readings.slice(start, start + rows);
        const packed = packReadings(part, LIMITS.store.packRows);
        const batch = { from: start + 1, to: start + part.length, readings: packed, changes: [], quarantined: [], days: [], works: [] };
        for (;;) {
          const isIn = await store.write(batch).then(
            () => true,
            () => false,
          );
          if (isIn) break;
          await sleep(100);
        }
      }
      await store.close();
    },
  };
}

/** As its documentation shows it. 1.x has another path, which is all that is changed. */
async function usualWay(url: string): ReturnType<Open> {
  setLogger({ error: () => undefined, warn: () => undefined });
  await influxCount(url, "", "", 'CREATE DATABASE bench WITH NAME "readings"');
  const { transport } = new InfluxDB({ url });
  const sender: Transport = {
    chunkCombiner: transport.chunkCombiner,
    request: (path, body, options, started) => transport.request(path, body, options, started),
    iterate: (path, body, options) => transport.iterate(path, body, options),
    send: (_path, body, options, callbacks) => transport.send("/write?db=bench&precision=ns", body, options, callbacks),
  };
  const api = new InfluxDB({ url, transport: sender }).getWriteApi("", "bench", "ns");
  return {
    async write(readings, half) {
      const middle = Math.floor(readings.length / 2);
      for (const [index, { liftId, channel, entry, receivedAt, reading }] of readings.entries()) {
        if (index === middle) await half();
        const point = new Point("lift_reading").tag("liftId", liftId).tag("channel", channel).timestamp(`${reading.at}000000`);
        point.intField("entry", entry).intField("receivedAt", receivedAt).intField("seq", reading.seq);
        if ("speedMps" in reading) point.floatField("speedMps", reading.speedMps);
        if ("floor" in reading && reading.floor !== undefined) point.intField("floor", reading.floor);
        if ("doorZone" in reading && reading.doorZone !== undefined) point.booleanField("doorZone", reading.doorZone);
        api.writePoint(point);
        // What arrives over a network comes in pieces, too.
        if (index % 1_000 === 999) await turn();
      }
      await api.close().catch(() => undefined);
    },
  };
}
