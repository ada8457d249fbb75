/** Lifts of imported records that the register lacks (`import-events --add-lifts`): a register, or the rest of one, from the records themselves. */
import { existsSync } from "node:fs";
import { LIMITS } from "../config.ts";
import type { LiftRecord } from "../core/lift.ts";
import { UsageError } from "../errors.ts";
import { privateDirectory, writeDurably } from "../files/durable-file.ts";
import type { LiftTold } from "../history/read.ts";
import { examineRegister, fleetCsv, importedFleet, loadRegister } from "../register/register.ts";

export interface AddedLifts {
  readonly added: number;
  /** Writes the register; it is used from the next start. */
  write(): Promise<void>;
}

/**
 * Lifts that are there stay as they are. Nothing is written yet.
 * @throws UsageError naming every lift of which the records say what a register does not take.
 */
export function addedLifts(file: string, data: string, told: ReadonlyMap<string, LiftTold>): AddedLifts {
  const target = importedFleet(data);
  const there: readonly LiftRecord[] = existsSync(target) ? loadRegister("--data", target) : [];
  const known = new Set(there.map(({ liftId }) => liftId));
  const fresh = [...told].filter(([liftId]) => !known.has(liftId));
  if (fresh.length === 0) return { added: 0, write: () => Promise.resolve() };
  // As text, so that a register's own reader says what is wrong with it.
  const text = fleetCsv(fresh.map(([liftId, fields]) => ({ liftId, ...fields }) as unknown as LiftRecord));
  const { lifts, defects } = examineRegister(text, { today: new Date().toISOString().slice(0, 10) });
  const errors = defects.filter(({ severity }) => severity === "error");
  if (errors.length > 0)
    throw new UsageError([
      ...errors.map(({ line, column, expected, found }) => {
        const [liftId = "?"] = fresh[line - 2] ?? [];
        return `${file}: lift ${liftId}, ${column ?? "(row)"}: expected ${expected}; found ${found}`;
      }),
      `${file}: nothing was imported`,
    ]);
  const all = [...there, ...lifts];
  if (all.length > LIMITS.monitor.lifts)
    throw new UsageError(`${file}: ${all.length} lifts with those that are there; expected at most ${LIMITS.monitor.lifts}`);
  return {
    added: lifts.length,
    async write() {
      await privateDirectory(data);
      await writeDurably(target, fleetCsv(all));
    },
  };
}
