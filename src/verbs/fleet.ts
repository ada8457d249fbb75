/** `fleet check` and `fleet import`: what is wrong with a register, and taking one in. (`fleet generate` is the simulators'.) */
import { existsSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { LIMITS } from "../config.ts";
import type { LiftRecord } from "../core/lift.ts";
import { privateDirectory, writeDurably } from "../files/durable-file.ts";
import { UsageError } from "../errors.ts";
import { FLEET_COLUMNS, type FleetColumn } from "../register/fields.ts";
import { describeDefect, examineRegister, fleetCsv, importedFleet, type Examined } from "../register/register.ts";
import { readBytes } from "../files/text-file.ts";

export interface CheckFlags {
  readonly encoding: string;
  /** `theirs=ours`, any number of them. */
  readonly map?: readonly string[];
  readonly json?: boolean;
}
export interface ImportFlags extends CheckFlags {
  readonly data: string;
}

/** Names every mistake on the standard output; exit code 1 when one of them is an error. */
export function checkFleet(file: string, flags: CheckFlags): void {
  const examined = examine(file, flags);
  const errors = examined.defects.filter(({ severity }) => severity === "error").length;
  const counts = { file, rows: examined.rows, errors, warnings: examined.defects.length - errors };
  if (flags.json === true) print(JSON.stringify({ ...counts, defects: examined.defects }));
  else {
    const lines = examined.defects.map((defect) => describeDefect(file, defect));
    print(
      [...lines, `${file}: ${numbered(counts.rows, "row")}, ${numbered(errors, "error")}, ${numbered(counts.warnings, "warning")}`].join(
        "\n",
      ),
    );
  }
  if (errors > 0) process.exitCode = 1;
}

/**
 * Takes a register in: `serve` uses it from its next start where no other is named. A file with an error leaves everything as it was.
 * @throws UsageError naming every error of the file
 */
export async function importFleet(file: string, flags: ImportFlags): Promise<void> {
  const { lifts, defects } = examine(file, flags);
  const errors = defects.filter(({ severity }) => severity === "error");
  if (errors.length > 0) {
    const last = `${file}: nothing was imported; ${numbered(errors.length, "error")}`;
    throw new UsageError([...errors.map((defect) => describeDefect(file, defect)), last]);
  }
  const target = importedFleet(flags.data);
  // One that was damaged by hand is no reason not to replace it.
  const before = existsSync(target) ? examineRegister(readBytes("--data", target, LIMITS.register.fileBytes)).lifts : [];
  const changes = changesBetween(before, lifts);
  await privateDirectory(flags.data);
  await writeDurably(target, fleetCsv(lifts));
  for (const defect of defects) process.stderr.write(`${describeDefect(file, defect)}\n`);
  const counts = { added: changes.added.length, changed: changes.changed.length, removed: changes.removed.length };
  if (flags.json === true) print(JSON.stringify({ file: target, lifts: lifts.length, warnings: defects.length, ...changes }));
  else {
    const some = Object.entries(counts).map(([what, count]) => `${count} ${what}`);
    print(`${target}: ${numbered(lifts.length, "lift")}; ${some.join(", ")}; serve uses it from its next start`);
    if (counts.removed > 0) print(`removed: ${changes.removed.slice(0, 10).join(", ")}${counts.removed > 10 ? " …" : ""}`);
  }
}

/** Ids of lifts, in the order of the registers. */
function changesBetween(before: readonly LiftRecord[], after: readonly LiftRecord[]) {
  const old = new Map(before.map((lift) => [lift.liftId, lift]));
  const ids = new Set(after.map((lift) => lift.liftId));
  return {
    added: after.filter((lift) => !old.has(lift.liftId)).map((lift) => lift.liftId),
    changed: after.filter((lift) => old.has(lift.liftId) && !isDeepStrictEqual(old.get(lift.liftId), lift)).map((lift) => lift.liftId),
    removed: before.filter((lift) => !ids.has(lift.liftId)).map((lift) => lift.liftId),
  };
}

function examine(file: string, flags: CheckFlags): Examined {
  const encoding = flags.encoding.toLowerCase();
  if (!isEncoding(encoding))
    throw new UsageError(`--encoding: expected the name of an encoding, such as utf-8, gbk or gb18030; found ${flags.encoding}`);
  const columns = columnMap(flags.map ?? []);
  const today = new Date().toISOString().slice(0, 10);
  return examineRegister(readBytes("fleet", file, LIMITS.register.fileBytes), { encoding, columns, today });
}

function isEncoding(label: string): boolean {
  try {
    return new TextDecoder(label, { fatal: true }).encoding !== "";
  } catch {
    return false;
  }
}

function columnMap(words: readonly string[]): Map<string, FleetColumn> {
  const map = new Map<string, FleetColumn>();
  const problems: string[] = [];
  for (const word of words) {
    const at = word.lastIndexOf("=");
    const [theirs, text] = [word.slice(0, at).trim(), word.slice(at + 1).trim()];
    const ours = FLEET_COLUMNS.find((column) => column === text);
    if (at < 1 || theirs === "") problems.push(`--map: expected theirColumn=ourColumn; found ${word}`);
    else if (ours === undefined) problems.push(`--map ${word}: expected one of ${FLEET_COLUMNS.join(", ")}; found ${text}`);
    else if (map.has(theirs) || [...map.values()].includes(ours)) problems.push(`--map ${word}: expected each column once`);
    else map.set(theirs, ours);
  }
  if (problems.length > 0) throw new UsageError(problems);
  return map;
}

function numbered(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
