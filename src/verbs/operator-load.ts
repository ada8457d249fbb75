/** `operator-load`: how much the alerts ask of the people who watch them (docs/operator-load.md). */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../clock.ts";
import { LIMITS } from "../config.ts";
import { isTimeZone } from "../core/rules.ts";
import { OperationalError, UsageError } from "../errors.ts";
import { openJournalReader } from "../journal/reader.ts";
import { readLines } from "../files/lines.ts";
import { DAY_MS, type LoadChange, type OperatorLoadReport } from "../reports/load-figures.ts";
import { changeOf } from "../reports/load-lines.ts";
import { loadText } from "../reports/load-text.ts";
import { OperatorLoad } from "../reports/operator-load.ts";
import { storedLoad } from "../reports/stored-load.ts";
import { timeOf } from "./score.ts";
import { openEmbeddedStore } from "../store/embedded.ts";

interface OperatorLoadFlags {
  readonly data?: string;
  readonly alerts?: string;
  readonly from?: string;
  readonly to?: string;
  readonly positions: string;
  readonly timezone: string;
  readonly json?: boolean;
  readonly lang: string;
}

interface Given {
  readonly from: number | null;
  readonly to: number | null;
  readonly positions: number;
  readonly timezone: string;
}

const WEEK_MS = 7 * DAY_MS;
/** Mistakes told of one file; whoever has more has another format. */
const MISTAKES = 20;

export async function operatorLoad(flags: OperatorLoadFlags): Promise<void> {
  const { data, alerts, lang, timezone } = flags;
  if (lang !== "en" && lang !== "zh") throw new UsageError(`--lang: expected en or zh; found ${lang}`);
  if (!isTimeZone(timezone)) throw new UsageError(`--timezone: expected an IANA time zone such as Asia/Shanghai; found ${timezone}`);
  const positions = Number(flags.positions);
  if (!(Number.isInteger(positions) && positions >= 1 && positions <= LIMITS.report.positions))
    throw new UsageError(`--positions: expected 1 to ${LIMITS.report.positions}; found ${flags.positions}`);
  const given: Given = { from: timeOf("--from", flags.from), to: timeOf("--to", flags.to), positions, timezone };
  if (given.from !== null && given.to !== null && given.to <= given.from) throw new UsageError("--to: expected a time after --from");
  if ((data === undefined) === (alerts === undefined)) throw new UsageError("expected either --data DIR or --alerts FILE");
  const report = alerts === undefined ? await ofData(data ?? "", given) : await ofFile(alerts, given);
  process.stdout.write(flags.json === true ? `${JSON.stringify(report)}\n` : loadText(report, lang, timezone));
}

/** Of the store in a data directory; by default of the week until now. */
async function ofData(data: string, { from, to, ...rest }: Given): Promise<OperatorLoadReport> {
  const dir = join(data, "store");
  if (!existsSync(join(dir, "store.duckdb")))
    throw new UsageError(`--data ${data}: holds no store; a program with another store answers GET /api/reports/operator-load`);
  const end = to ?? (from === null ? systemClock().now() : Math.max(from + 1, systemClock().now()));
  const journal = await openJournalReader(join(data, "journal"), () => undefined);
  const store = await openEmbeddedStore({ dir, journalId: journal.id }).catch((error: unknown) => {
    if (error instanceof OperationalError && error.code === "data-directory-in-use") {
      throw new OperationalError(error.code, `${data}: is in use; ask the running program: GET /api/reports/operator-load`, {
        cause: error,
      });
    }
    throw error;
  });
  try {
    return await storedLoad(store, { ...rest, from: from ?? end - WEEK_MS, to: end });
  } finally {
    await store.close();
  }
}

/** Of a file of changes; by default from the first to the last of them. */
async function ofFile(file: string, { from, to, ...rest }: Given): Promise<OperatorLoadReport> {
  const changes: LoadChange[] = [];
  const problems: string[] = [];
  let more = 0;
  for await (const line of readLines("--alerts", file, LIMITS.score.lineBytes)) {
    const change = "problem" in line ? line : changeOf(line.text);
    if (change === null) continue;
    if (!("problem" in change)) {
      if (changes.length >= LIMITS.report.changes)
        throw new UsageError(`${file}: has too many changes; expected at most ${LIMITS.report.changes}`);
      changes.push(change);
    } else if (problems.length < MISTAKES) problems.push(`${file}: line ${line.number}: ${change.problem}`);
    else more += 1;
  }
  if (more > 0) problems.push(`${file}: and ${more} more mistakes`);
  if (problems.length > 0) throw new UsageError(problems);
  if (changes.length === 0 && (from === null || to === null))
    throw new UsageError(`${file}: has no change; expected --from and --to with it`);
  const first = from ?? Math.min(changes[0]?.at ?? 0, (to ?? Infinity) - 1);
  const end = to ?? Math.max(changes.at(-1)?.at ?? 0, first) + 1;
  const days = Math.ceil((end - first) / DAY_MS);
  if (days > LIMITS.report.days)
    throw new UsageError(`${file}: found a period of ${days} days; expected at most ${LIMITS.report.days}, with --from and --to`);
  const load = new OperatorLoad({ ...rest, from: first, to: end });
  for (const change of changes) load.take(change);
  return load.report();
}
