/** Debian's mosquitto: the command-line publisher that a technician would use, and a broker for the external mode. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { vi } from "vitest";
import { freePort } from "./run.ts";

const PUBLISHER = "/usr/bin/mosquitto_pub";
const BROKER = "/usr/sbin/mosquitto";

/** Whether a test that needs them must be skipped: never in CI, where it is to fail instead. */
export function mosquittoMissing(): boolean {
  const missing = [PUBLISHER, BROKER].filter((path) => !existsSync(path));
  if (missing.length === 0 || process.env["CI"] !== undefined) return false;
  console.warn(`SKIPPED: ${missing.join(", ")} not installed (Debian: mosquitto, mosquitto-clients)`);
  return true;
}

export interface Sender {
  readonly user: string;
  readonly token: string;
}

/** `mosquitto_pub -q 1`. @throws Error with its message where it fails. */
export async function mosquittoPub(port: number, topic: string, payload: unknown, sender?: Sender): Promise<void> {
  const who = sender === undefined ? [] : ["-u", sender.user, "-P", sender.token];
  const child = spawn(PUBLISHER, ["-h", "127.0.0.1", "-p", String(port), "-q", "1", "-t", topic, "-m", JSON.stringify(payload), ...who], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said += text;
  });
  const [code] = (await once(child, "close")) as [number | null];
  if (code !== 0) throw new Error(`mosquitto_pub ended with ${code}: ${said}`);
}

export interface Broker {
  readonly port: number;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startMosquitto(): Promise<Broker> {
  const directory = await mkdtemp(join(tmpdir(), "hoistway-mosquitto-"));
  const port = await freePort();
  const file = join(directory, "mosquitto.conf");
  await writeFile(file, `listener ${port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\nuser root\n`);
  const child = spawn(BROKER, ["-c", file], { stdio: "ignore" });
  const ended = once(child, "close");
  await vi.waitFor(() => canConnect(port), { timeout: 10_000, interval: 20 });
  return {
    port,
    async [Symbol.asyncDispose]() {
      child.kill("SIGTERM");
      await ended;
      await rm(directory, { recursive: true, force: true });
    },
  };
}

function canConnect(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1" });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.end();
      resolve();
    });
  });
}
