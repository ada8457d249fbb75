/** `check`: settings, register, limits and notifications, with every mistake of all of them in one run. Nothing is started or written. */
import { existsSync } from "node:fs";
import { readCertificate } from "../certificate.ts";
import { LIMITS } from "../config.ts";
import { isTimeZone } from "../core/rules.ts";
import { UsageError } from "../errors.ts";
import { describeMistake, type Mistake } from "../files/mistakes.ts";
import { examinePlan } from "../notify/plan-file.ts";
import { BUILT_IN_FLEETS, examineRegister, importedFleet } from "../register/register.ts";
import { examineRules } from "../rules/file.ts";
import { examineSettings } from "../settings/settings.ts";
import { readBytes } from "../files/text-file.ts";

export type CheckFlags = Readonly<Record<string, string | undefined>> & { readonly json?: string };

interface Checked {
  readonly what: "settings" | "certificate" | "fleet" | "rules" | "notifications";
  readonly file: string | null;
  readonly mistakes: readonly Mistake[];
  readonly warnings: readonly Mistake[];
}

export function check(flags: CheckFlags): void {
  const checked: Checked[] = [];
  /** What a part says; where its file cannot be read at all, that. */
  const part = (what: Checked["what"], file: string | null, examine: () => Pick<Checked, "mistakes" | "warnings">): void => {
    try {
      checked.push({ what, file, ...examine() });
    } catch (error) {
      if (!(error instanceof UsageError)) throw error;
      const mistakes = error.problems.map((message): Mistake => ({ file: null, line: null, path: "", message }));
      checked.push({ what, file, mistakes, warnings: [] });
    }
  };
  let given: Readonly<Record<string, unknown>> = flags;
  part("settings", flags["config"] ?? null, () => {
    const examined = examineSettings(flags, process.env, flags["config"]);
    ({ given } = examined);
    return { mistakes: examined.mistakes, warnings: [] };
  });
  const named = (key: string): string | null => (typeof given[key] === "string" ? given[key] : null);
  const tls = { tlsCert: named("tlsCert") ?? undefined, tlsKey: named("tlsKey") ?? undefined, tlsCa: named("tlsCa") ?? undefined };
  if (tls.tlsCert !== undefined)
    part("certificate", tls.tlsCert, () => {
      readCertificate(tls);
      return { mistakes: [], warnings: [] };
    });
  const imported = importedFleet(named("data") ?? "./data");
  const fleet = named("fleet") ?? (existsSync(imported) ? imported : null);
  if (fleet !== null && !BUILT_IN_FLEETS.some((name) => name === fleet)) part("fleet", fleet, () => examineFleet(fleet));
  const rules = named("rules");
  const timezone = named("timezone") ?? "";
  if (rules !== null)
    part("rules", rules, () => ({ ...examineRules(rules, isTimeZone(timezone) ? timezone : "Asia/Shanghai"), warnings: [] }));
  const notifications = named("notifications");
  if (notifications !== null) part("notifications", notifications, () => ({ ...examinePlan(notifications, process.env), warnings: [] }));
  report(checked, flags.json !== undefined);
}

function examineFleet(file: string): Pick<Checked, "mistakes" | "warnings"> {
  const today = new Date().toISOString().slice(0, 10);
  const { defects } = examineRegister(readBytes("--fleet", file, LIMITS.register.fileBytes), { today });
  const of = (wanted: "error" | "warning"): Mistake[] =>
    defects
      .filter(({ severity }) => severity === wanted)
      .map(({ line, column, expected, found }) => ({ file, line, path: column ?? "", message: `expected ${expected}; found ${found}` }));
  return { mistakes: of("error"), warnings: of("warning") };
}

function report(checked: readonly Checked[], asJson: boolean): void {
  const mistakes = checked.flatMap((each) => each.mistakes);
  const warnings = checked.flatMap((each) => each.warnings);
  if (mistakes.length > 0) process.exitCode = 2;
  const looked = checked.map(({ what, file }) => (file === null ? what : `${what} ${file}`));
  if (asJson) {
    const files = checked.map(({ what, file }) => ({ what, file }));
    process.stdout.write(
      `${JSON.stringify({ checked: files, errors: mistakes.length, warnings: warnings.length, mistakes, warned: warnings })}\n`,
    );
    return;
  }
  const lines = [...mistakes.map(describeMistake), ...warnings.map((warning) => `warning: ${describeMistake(warning)}`)];
  lines.push(`checked ${looked.join(", ")}: ${counted(mistakes.length, "mistake")}, ${counted(warnings.length, "warning")}`);
  process.stdout.write(`${lines.join("\n")}\n`);
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}
