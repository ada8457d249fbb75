/** A made-up history as tables of a database that knows nothing of this program, so that figures can be counted a second time. */
import { DuckDBInstance } from "@duckdb/node-api";

export interface HistoryTables {
  sql(text: string): Promise<Record<string, unknown>[]>;
  close(): void;
}

/** `events` of lifts that stopped, in ms of the site's zone (which has no summer time), and `lifts` as the register has them. */
export async function historyTables(history: string, fleet: string): Promise<HistoryTables> {
  const instance = await DuckDBInstance.create(":memory:");
  const connection = await instance.connect();
  const sql = async (text: string) => (await connection.runAndReadAll(text)).getRowObjectsJS();
  await sql(
    `CREATE TABLE events AS SELECT "liftId", kind, code, epoch_ms("at"::TIMESTAMP) AS "from", epoch_ms("repairedAt"::TIMESTAMP) AS "until", epoch_ms("reportedAt"::TIMESTAMP) AS told,
       epoch_ms("arrivedAt"::TIMESTAMP) AS arrived, epoch_ms("rescuedAt"::TIMESTAMP) AS rescued
     FROM read_csv('${history}', all_varchar = true) WHERE kind IN ('entrapment', 'stopping-fault', 'repeat')`,
  );
  await sql(`CREATE TABLE lifts AS SELECT * FROM read_csv('${fleet}', all_varchar = true)`);
  return {
    sql,
    close() {
      connection.disconnectSync();
      instance.closeSync();
    },
  };
}
