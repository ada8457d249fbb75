/**
 * What the InfluxDB store's worker does. A batch's rows are written first and its offset last, each to a place of its own,
 * so a batch that was written in part is written again upon itself.
 *
 * A request that was given up may still arrive much later. Rows that never change do not mind. Rows that are replaced, which
 * are day counts, newest states of alerts and the offset, are therefore written to places of their *era*: it is claimed
 * before the first such row, at every start and after every failure, and readers take the newest era, or version.
 */
import { randomUUID } from "node:crypto";
import { LIMITS } from "../../config.ts";
import { StoreError } from "../failures.ts";
import { afterRow } from "../packing.ts";
import type { PackedReadings } from "../packing.ts";
import type { AmendRequest, CommitRequest, Engine, QueryRequest, StoreState } from "../protocol.ts";
import type { KeepFrom } from "../store.ts";
import { createAlertSlots } from "./alert-slots.ts";
import { rowClock } from "./clock.ts";
import type { RowClock } from "./clock.ts";
import { InfluxError } from "./answers.ts";
import { createImporter } from "./importing.ts";
import { connect } from "./connection.ts";
import type { InfluxTarget, Policy } from "./connection.ts";
import { createDayTimes } from "../day-begins.ts";
import type { RowTime } from "./lines.ts";
import { changeLines, dayLines, nanoseconds, originOf, quarantineLines, readingLines, workLines } from "./lines.ts";
import { createPlaces, STRAY_RANK } from "./places.ts";
import { createQueries } from "./queries.ts";
import { rollUp } from "./roll-up.ts";
import { CHANGE, checkVersion, ensureSchema, QUARANTINE, STRAY, WORK } from "./schema.ts";
import type { Keeping } from "./schema.ts";
import { sendLines } from "./sending.ts";
import type { RefusedLine } from "./sending.ts";
import { EMPTY_STATE, readState, stateLine } from "./state.ts";
import type { InfluxState } from "./state.ts";

export interface InfluxEngineOptions extends InfluxTarget, Keeping {
  readonly journalId: string;
  /** Newest entry of the journal at the start: a store that knows more is of another past. */
  readonly journalEnd: number;
  /** The site's zone, IANA. */
  readonly timezone: string;
  readonly daysRows: number;
  readonly queries: number;
}

/**
 * Opens the store. Where the server cannot be reached the store opens all the same, with nothing in it as far as it knows,
 * and looks again at every write and query: a store that is down must not keep a start from happening (law L8).
 * @throws StoreError where it can be reached and will not do.
 */
export async function openInfluxEngine(options: InfluxEngineOptions): Promise<Engine> {
  const connection = connect(options);
  const places = createPlaces(connection);
  const alertSlots = createAlertSlots(connection);
  let state: InfluxState = EMPTY_STATE;
  let opened = false;
  /** Whether the era of `state` is ours to write in. */
  let claimed = false;
  let closing = false;
  /** The server has asked not to be bothered before. */
  let restUntil = 0;
  let wakeUp: (() => void) | null = null;
  let writing: Promise<unknown> = Promise.resolve();
  let keeping: Promise<void> | null = null;
  /** Of measurements whose rows are in the order of the journal, since the last failure. */
  const clocks = new Map<string, RowClock>();
  const dayTime = createDayTimes(options.timezone);
  const importer = createImporter(connection, alertSlots, dayTime, () => state.era);
  const queries = createQueries(connection, { daysRows: options.daysRows, atOnce: options.queries, state: () => state });

  function inTurn<T>(body: () => Promise<T>): Promise<T> {
    const result = writing.then(body);
    writing = result.catch(() => undefined);
    return result;
  }

  async function open(): Promise<void> {
    if (opened) return;
    await checkVersion(connection, options);
    await ensureSchema(connection, options, options);
    const found = await readState(connection);
    if (found.journalId !== null && found.journalId !== options.journalId) {
      throw new StoreError(
        "store-of-another-journal",
        `bucket ${options.bucket} is a view of journal ${found.journalId}; expected ${options.journalId}: give this journal a bucket of its own`,
      );
    }
    if (found.offset > options.journalEnd) {
      throw new StoreError(
        "store-ahead-of-journal",
        `bucket ${options.bucket} knows entries up to ${found.offset}, and the journal ends at ${options.journalEnd}: give this journal a bucket of its own`,
      );
    }
    state = found;
    opened = true;
  }

  /** Takes the next era. What is written under it is read back: a server may accept what it cannot show. */
  async function claim(): Promise<void> {
    if (claimed) return;
    state = { ...state, era: state.era + 1, mark: state.mark ?? randomUUID() };
    await connection.write("keep", stateLine(state));
    const found = await readState(connection);
    if (found.era !== state.era) {
      throw new StoreError(
        "store-unreadable",
        `the server takes writes, and its /query does not give them back (era ${found.era}; expected ${state.era}): it cannot be read from, but it can be a mirror (--store embedded)`,
      );
    }
    claimed = true;
  }

  /** What a failed attempt leaves behind is unknown. */
  function failed(error: unknown): void {
    places.forget();
    alertSlots.forget();
    clocks.clear();
    if (!(error instanceof InfluxError)) return;
    if (!error.unsent) claimed = false;
    if (error.retryAfterMs > 0) restUntil = Date.now() + Math.min(error.retryAfterMs, LIMITS.influx.retryAfterMs);
  }

  async function rest(): Promise<void> {
    const ms = restUntil - Date.now();
    if (ms <= 0 || closing) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  async function commit(batch: CommitRequest, pieces: readonly PackedReadings[]): Promise<void> {
    await rest();
    if (closing) throw new StoreError("store-unavailable", "the store is closing");
    await open();
    if (batch.to <= state.offset) return;
    if (batch.from !== state.offset + 1) {
      throw new StoreError("store-gap", `a batch of entries ${batch.from} to ${batch.to} came; expected one from ${state.offset + 1} on`);
    }
    try {
      await claim();
      await write(batch, pieces);
    } catch (error) {
      failed(error);
      throw error;
    }
  }

  async function write(batch: CommitRequest, pieces: readonly PackedReadings[]): Promise<void> {
    const refused: RefusedLine[] = [];
    /** One request is in flight; the next lines are made meanwhile. Nothing else is asked of the server before it is answered. */
    let sending: Promise<void> = Promise.resolve();
    const send = async (policy: Policy, lines: readonly string[]) => {
      await sending;
      if (lines.length === 0) return;
      sending = sendLines(connection, policy, lines).then((some) => void refused.push(...some));
      // It is awaited before the next; until then nobody hears of it.
      sending.catch(() => undefined);
    };
    const ranks = await places.place(pieces, state);
    const strays = ranks.some((own) => own.includes(STRAY_RANK)) ? await clockAfter("readings", STRAY, "entry") : null;
    let { receivedAt } = state;
    let rows = 0;
    let lines: string[] = [];
    for (const [index, piece] of pieces.entries()) {
      const line = readingLines(piece);
      for (let row = 0, start = 0; row < piece.count; row++, start = afterRow(piece.cells, start)) {
        const rank = ranks[index]![row]!;
        const received = piece.cells[start + 4]!;
        receivedAt = Math.max(receivedAt, received);
        const stray = rank === STRAY_RANK;
        lines.push(line(start, stray ? strays!.next(received, 0) : nanoseconds(piece.cells[start + 5]!, rank), stray));
        if (lines.length < LIMITS.influx.bodyLines) continue;
        await send("readings", lines);
        lines = [];
      }
      rows += piece.count;
    }
    await send("readings", lines);
    await sending;

    const kept: string[] = [];
    if (batch.changes) kept.push(...changeLines(batch.changes, (await clockAfter("keep", CHANGE, "seq")).next));
    if (batch.alerts) kept.push(...(await alertSlots.lines(batch.alerts, state.era)));
    if (batch.days)
      kept.push(...dayLines(batch.days, batch.to, (day) => nanoseconds(dayTime(day) + Math.floor(state.era / 1e6), state.era % 1e6)));
    if (batch.works) kept.push(...workLines(batch.works, (await clockAfter("keep", WORK, "entry")).next));
    await send("keep", kept);
    await sending;

    let quarantinedEver = state.quarantinedEver;
    if (batch.quarantined !== null || refused.length > 0) {
      const { next } = await clockAfter("readings", QUARANTINE, "entry");
      const rejected = batch.quarantined === null ? [] : quarantineLines(batch.quarantined, next);
      rejected.push(...refused.flatMap((one) => linesOfRefused(one, batch.to, receivedAt, next)));
      // Of a line about a refused line that is refused in its turn there is nothing more to tell.
      await sendLines(connection, "readings", rejected);
      quarantinedEver += rejected.length;
    }

    const after: InfluxState = {
      ...state,
      journalId: options.journalId,
      offset: batch.to,
      storedReadings: state.storedReadings + rows,
      quarantinedEver,
      receivedAt,
    };
    await connection.write("keep", stateLine(after));
    // The roll-up may have gone on meanwhile.
    state = { ...after, minutesUntil: state.minutesUntil };
    alertSlots.committed();
  }

  async function amend(request: AmendRequest, pieces: readonly PackedReadings[]): Promise<number> {
    await open();
    try {
      await claim();
      if (request.kind === "mark") {
        if (state.mark !== request.from) return 0;
        await say({ ...state, mark: request.to });
        return 1;
      }
      if (request.kind === "reset") {
        const { offset, storedReadings } = request.to;
        if (offset < state.missingUntil) {
          // Ranks were reckoned without the entries that were passed over: rows after them would not land upon themselves.
          throw new StoreError(
            "store-gap",
            `bucket ${options.bucket} has nothing of entry ${state.missingUntil} and some before it, and cannot be given them beside what comes after: begin from entry ${state.missingUntil + 1} or later, or fill an empty bucket`,
          );
        }
        const missingUntil = offset > state.offset ? offset : state.missingUntil;
        // Rows of later entries stay where they are, and what is folded again lands upon them.
        await say({ ...state, journalId: options.journalId, offset, storedReadings, missingUntil, mark: randomUUID() });
        places.forget();
        clocks.clear();
        return 0;
      }
      // Before the first row: what goes wrong after it leaves rows behind.
      await say({ ...state, mark: randomUUID() });
      const readings = pieces.length === 0 ? { added: 0, first: Infinity } : await importer.readings(pieces);
      if (readings.first < state.minutesUntil) {
        // They are to be in the roll-up of their minutes, which is written again.
        await say({ ...state, minutesUntil: Math.floor(readings.first / 60_000) * 60_000 });
      }
      return readings.added + (await importer.rows(request.rows));
    } catch (error) {
      failed(error);
      throw error;
    }
  }

  async function say(next: InfluxState): Promise<void> {
    await connection.write("keep", stateLine(next));
    state = next;
  }

  /** Times for rows of a measurement, after those of its committed rows. `by` is the field that says which entry a row is of. */
  async function clockAfter(policy: Policy, measurement: string, by: "entry" | "seq"): Promise<RowClock> {
    const known = clocks.get(measurement);
    if (known !== undefined) return known;
    const statement = `SELECT "${by}" FROM ${measurement} WHERE "${by}" > 0 AND "${by}" <= ${state.offset} ORDER BY time DESC LIMIT 1`;
    const [table] = await connection.query(policy, [statement], "rfc3339");
    const newest = table!.values[0]?.[0];
    const clock = rowClock(newest === undefined ? null : String(newest));
    clocks.set(measurement, clock);
    return clock;
  }

  async function keep(from: KeepFrom): Promise<void> {
    await inTurn(open);
    if (from.readings === null) return;
    await rollUp(connection, from.readings, () => state, {
      goOn: () => !closing,
      reached(minutesUntil) {
        state = { ...state, minutesUntil };
      },
    });
  }

  try {
    await open();
    await claim();
  } catch (error) {
    failed(error);
    if (!(error instanceof StoreError) || error.code !== "store-unavailable") {
      connection.close();
      throw error;
    }
  }

  return {
    get state(): StoreState {
      return opened ? state : { ...EMPTY_STATE, unknown: true };
    },
    commit: (batch, pieces) => inTurn(() => commit(batch, pieces)),
    amend: (request, pieces) => inTurn(() => amend(request, pieces)),
    async query(request: QueryRequest) {
      if (!opened) await inTurn(open);
      return queries.answer(request);
    },
    async keep(from) {
      keeping ??= keep(from).finally(() => {
        keeping = null;
      });
      await keeping;
    },
    sorted: () => Promise.resolve(),
    async close() {
      closing = true;
      wakeUp?.();
      connection.close();
      await writing;
      await keeping?.catch(() => undefined);
    },
  };
}

/** A line that the server refuses, as a rejected reading with the server's words. */
function linesOfRefused({ line, words }: RefusedLine, entry: number, receivedAt: number, next: RowTime): string[] {
  const origin = originOf(line) ?? { topic: "", entry, index: 0, receivedAt };
  const row = {
    ...origin,
    source: "store",
    reason: "store-rejected",
    path: "",
    message: words,
    excerpt: line.slice(0, LIMITS.reading.excerptChars),
  };
  return quarantineLines(
    [row.entry, row.index, row.receivedAt, row.topic, row.source, row.reason, row.path, row.message, row.excerpt].map((cell) => [cell]),
    next,
  );
}
