/** What the store says of itself: one row an era, the newest of which counts. */
import { StoreError } from "../failures.ts";
import type { StoreState } from "../protocol.ts";
import type { Connection } from "./connection.ts";
import { nanoseconds } from "./lines.ts";
import { INFLUX_SCHEMA_VERSION, STATE } from "./schema.ts";

export interface InfluxState extends StoreState {
  /** Counts the stretches of time in which one writer's requests came through one after the other. */
  readonly era: number;
  /** Newest monitor's time of a reading, ms. */
  readonly receivedAt: number;
  /** Minutes before this time (ms) are rolled up. */
  readonly minutesUntil: number;
  /** Tells copies of what the store has: another one after everything but a batch. */
  readonly mark: string | null;
  /** Newest entry that was passed over on purpose (`rebuild-store --from`); 0 where none was. */
  readonly missingUntil: number;
}

export const EMPTY_STATE: InfluxState = {
  journalId: null,
  offset: 0,
  storedReadings: 0,
  quarantinedEver: 0,
  era: 0,
  receivedAt: 0,
  minutesUntil: 0,
  mark: null,
  missingUntil: 0,
};

const NUMBERS = ["offset", "storedReadings", "quarantinedEver", "era", "receivedAt", "minutesUntil", "missingUntil"] as const;

export function stateLine(state: InfluxState): string {
  const numbers = NUMBERS.map((field) => `,${field}=${state[field]}i`).join("");
  // Nothing is a view of no journal, and "" is none.
  return `${STATE} schemaVersion=${INFLUX_SCHEMA_VERSION}i,journalId="${state.journalId ?? ""}",mark="${state.mark ?? ""}"${numbers} ${nanoseconds(state.era, 0)}`;
}

/** @throws StoreError `store-too-new`. */
export async function readState(connection: Connection): Promise<InfluxState> {
  const [table] = await connection.query("keep", [`SELECT * FROM ${STATE} ORDER BY time DESC LIMIT 1`], "ms");
  const [row] = table!.values;
  if (row === undefined) return EMPTY_STATE;
  const cell = (field: string) => row[table!.columns.indexOf(field)];
  const version = Number(cell("schemaVersion"));
  if (version > INFLUX_SCHEMA_VERSION) {
    throw new StoreError("store-too-new", `the bucket has schema version ${version}; expected at most ${INFLUX_SCHEMA_VERSION}`);
  }
  const numbers = Object.fromEntries(NUMBERS.map((field) => [field, Number(cell(field) ?? 0)])) as Record<(typeof NUMBERS)[number], number>;
  return { ...numbers, journalId: String(cell("journalId") ?? "") || null, mark: String(cell("mark") ?? "") || null };
}
