/** `doctor`: says which link of a running program fails, if any. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type DoctorOptions, examine, type Link } from "../doctor/examine.ts";
import { UsageError } from "../errors.ts";
import { readText } from "../files/text-file.ts";

export interface DoctorFlags {
  readonly url: string;
  readonly tokenFile?: string;
  readonly data: string;
  readonly broker?: string;
  readonly brokerUsername?: string;
  readonly json?: boolean;
}

export async function doctor(flags: DoctorFlags): Promise<void> {
  const options: DoctorOptions = {
    url: urlOf(flags.url),
    token: tokenOf(flags),
    broker: flags.broker ?? null,
    brokerUsername: flags.brokerUsername ?? null,
    brokerPassword: process.env["HOISTWAY_BROKER_PASSWORD"] ?? null,
  };
  if (options.broker !== null && !(/^mqtts?:\/\/[^\s]+$/.test(options.broker) && URL.canParse(options.broker)))
    throw new UsageError(`--broker: expected a URL such as mqtt://127.0.0.1:1883; found ${options.broker}`);
  const links = await examine(options);
  const isWell = links.every(({ state }) => state === "ok");
  if (!isWell) process.exitCode = 1;
  process.stdout.write(flags.json === true ? `${JSON.stringify({ ok: isWell, links })}\n` : links.map(lineOf).join(""));
}

function lineOf({ link, state, message, ms }: Link): string {
  const word = state === "ok" ? "ok" : state === "failed" ? "FAILED" : "–";
  const took = ms === null ? "" : `${ms} ms`;
  return `${[word.padEnd(6), link.padEnd(8), took.padStart(8), state === "not reached" ? state : message].join("  ").trimEnd()}\n`;
}

function urlOf(text: string): string {
  if (/^https?:\/\/[^\s]+$/.test(text) && URL.canParse(text)) return text;
  throw new UsageError(`--url: expected a URL such as http://127.0.0.1:8080; found ${text}`);
}

/** From the file, the environment, or the data directory of a program on this machine; never a flag, which other users see. */
function tokenOf({ tokenFile, data }: DoctorFlags): string | null {
  if (tokenFile !== undefined) return readText("--token-file", tokenFile).trim();
  const given = process.env["HOISTWAY_TOKEN"];
  if (given !== undefined) return given;
  const own = join(data, "credentials", "admin-token");
  return existsSync(own) ? readText("--data", own).trim() : null;
}
