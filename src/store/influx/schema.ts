/**
 * Names of what the InfluxDB store writes, and what it makes sure of before it writes (docs/schema.md describes it for people).
 * Version of the schema: a newer one is refused.
 */
import { StoreError } from "../failures.ts";
import { bucketName, POLICIES } from "./connection.ts";
import type { Connection, InfluxTarget, Policy } from "./connection.ts";

export const INFLUX_SCHEMA_VERSION = 1;

/** Measurements; the policy in which each stands. */
export const READING = "lift_reading";
export const STRAY = "lift_stray";
export const QUARANTINE = "quarantine";
export const MINUTE = "lift_minute";
export const CHANGE = "alert_change";
export const ALERT = "alert";
export const DAY = "lift_day";
export const WORK = "lift_work";
export const STATE = "store_state";

export interface Keeping {
  /** Days that readings and minutes are kept; null for ever. */
  readonly readingsDays: number | null;
  readonly minutesDays: number | null;
}

/** Readings stay a week longer than asked for: so long a backlog may still come, and be rolled up; and a shard goes as a whole. */
const READINGS_SPARE_DAYS = 9;
const LEAST_READINGS_DAYS = 7;
const MINUTES_SPARE_DAYS = 8;

function retentionDays(policy: Policy, keeping: Keeping): number | null {
  if (policy === "readings" && keeping.readingsDays !== null)
    return Math.max(keeping.readingsDays, LEAST_READINGS_DAYS) + READINGS_SPARE_DAYS;
  if (policy === "minutes" && keeping.minutesDays !== null) return keeping.minutesDays + MINUTES_SPARE_DAYS;
  return null;
}

/** A shard a day for readings, so that few are dropped at a time; a year for what stays, whose times can be anything. */
const SHARD_DAYS: Readonly<Record<Policy, number>> = { keep: 364, readings: 1, minutes: 7 };

/** An identifier in InfluxQL. */
export function name(text: string): string {
  return `"${text.replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`;
}

/** A string in InfluxQL. */
export function quote(text: string): string {
  return `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'").replaceAll("\n", "\\n")}'`;
}

/** @throws StoreError `store-version` where the server is of another generation than it was said to be. */
export async function checkVersion(connection: Connection, target: InfluxTarget): Promise<void> {
  const said = await connection.ping();
  const major = /^v?(\d+)\./.exec(said)?.[1];
  if (major !== undefined && Number(major) !== target.version) {
    throw new StoreError(
      "store-version",
      `the server says that it is InfluxDB ${said}; --influx-version is ${target.version}, expected ${major}`,
    );
  }
}

/** Makes the database and policies, or the buckets and their mapping, where they are missing, and sets what they keep. */
export async function ensureSchema(connection: Connection, target: InfluxTarget, keeping: Keeping): Promise<void> {
  if (target.version === 1) await ensureDatabase(connection, target, keeping);
  else if (target.version === 2) await ensureBuckets(connection, target, keeping);
  // 3 makes a database with the first write to it; what it keeps is set by its own tool.
}

async function ensureDatabase(connection: Connection, { bucket }: InfluxTarget, keeping: Keeping): Promise<void> {
  const [databases] = await connection.query("keep", ["SHOW DATABASES"], "ms");
  if (!databases!.values.some(([database]) => database === bucket))
    await define(
      connection,
      `CREATE DATABASE ${name(bucket)} WITH DURATION INF REPLICATION 1 SHARD DURATION ${SHARD_DAYS.keep}d NAME "keep"`,
      bucket,
    );
  const [known] = await connection.query("keep", [`SHOW RETENTION POLICIES ON ${name(bucket)}`], "ms");
  const column = (title: string) => known!.columns.indexOf(title);
  for (const policy of POLICIES) {
    const days = retentionDays(policy, keeping);
    const row = known!.values.find((cells) => cells[column("name")] === policy);
    const isDefault = policy === "keep";
    const hours = days === null ? "0s" : `${days * 24}h0m0s`;
    const asWanted = row?.[column("duration")] === hours && row[column("default")] === isDefault;
    if (asWanted) continue;
    const terms = `${days === null ? "INF" : `${days}d`} REPLICATION 1 SHARD DURATION ${SHARD_DAYS[policy]}d${isDefault ? " DEFAULT" : ""}`;
    await define(
      connection,
      `${row === undefined ? "CREATE" : "ALTER"} RETENTION POLICY ${name(policy)} ON ${name(bucket)} DURATION ${terms}`,
      bucket,
    );
  }
}

async function define(connection: Connection, statement: string, bucket: string): Promise<void> {
  try {
    await connection.query("keep", [statement], "ms");
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "store-unauthorized") throw error;
    throw new StoreError(
      "store-unauthorized",
      `the user may not run ${statement}; expected one who may, or that it is done already (database ${bucket})`,
    );
  }
}

interface Bucket {
  readonly id: string;
  readonly name: string;
  readonly retentionRules: readonly { readonly everySeconds: number }[];
}

async function ensureBuckets(connection: Connection, target: InfluxTarget, keeping: Keeping): Promise<void> {
  const { orgs = [] } = await organisations(connection, target);
  const orgID = orgs[0]?.id;
  if (orgID === undefined)
    throw new StoreError(
      "store-unauthorized",
      `the token sees no organisation ${JSON.stringify(target.org)}; expected --influx-org to name one of the token's`,
    );
  for (const policy of POLICIES) {
    const wanted = bucketName(target.bucket, policy);
    const query = new URLSearchParams({ orgID, name: wanted });
    const { buckets = [] } = (await connection.manage("GET", `/api/v2/buckets?${query.toString()}`)) as { buckets?: Bucket[] };
    const everySeconds = (retentionDays(policy, keeping) ?? 0) * 86_400;
    const retentionRules =
      everySeconds === 0 ? [] : [{ type: "expire", everySeconds, shardGroupDurationSeconds: SHARD_DAYS[policy] * 86_400 }];
    let bucket = buckets.find((one) => one.name === wanted);
    if (bucket === undefined)
      bucket = (await connection.manage("POST", "/api/v2/buckets", { orgID, name: wanted, retentionRules })) as Bucket;
    else if ((bucket.retentionRules[0]?.everySeconds ?? 0) !== everySeconds) {
      await connection.manage("PATCH", `/api/v2/buckets/${bucket.id}`, { retentionRules });
    }
    const mapping = new URLSearchParams({ orgID, db: target.bucket, rp: policy });
    const { content = [] } = (await connection.manage("GET", `/api/v2/dbrps?${mapping.toString()}`)) as { content?: unknown[] };
    if (content.length > 0) continue;
    const dbrp = { orgID, bucketID: bucket.id, database: target.bucket, retention_policy: policy, default: policy === "keep" };
    await connection.manage("POST", "/api/v2/dbrps", dbrp);
  }
}

async function organisations(connection: Connection, { org }: InfluxTarget): Promise<{ orgs?: { id: string }[] }> {
  try {
    return (await connection.manage("GET", `/api/v2/orgs?${new URLSearchParams({ org }).toString()}`)) as { orgs?: { id: string }[] };
  } catch (error) {
    if (!(error instanceof StoreError) || error.code !== "store-rejected") throw error;
    throw new StoreError(
      "store-unreadable",
      `the server has no management of buckets (${error.message}); expected InfluxDB 2; VictoriaMetrics can be a mirror (--store embedded)`,
    );
  }
}
