/** The program with the InfluxDB store, and what is in that InfluxDB by InfluxQL from outside. */
import { influxql } from "./databases.ts";

export function influxFlags(url: string): string[] {
  return ["--store", "influx", "--influx-url", url, "--influx-version", "1"];
}

/** Readings in the InfluxDB, by lift. */
export async function countsByLift(url: string, liftIds: readonly string[]): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const liftId of liftIds) {
    const { values } = await influxql(url, `SELECT count("entry") FROM lift_reading WHERE "liftId" = '${liftId}'`, "hoistway", "readings");
    counts[liftId] = Number(values[0]?.[1] ?? 0);
  }
  return counts;
}

/** How many changes of alerts are in the InfluxDB. */
export async function countOfChanges(url: string): Promise<number> {
  const { values } = await influxql(url, `SELECT count("n") FROM alert_change`);
  return Number(values[0]?.[1] ?? 0);
}
