/** A web server that takes notifications, and a file of settings that sends them there. */
import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import type { Alert } from "../../src/core/effects.ts";
import type { Site } from "./run.ts";

/** The object that a webhook gets, as far as tests look at it. */
export interface Told {
  readonly id: string;
  readonly key: string;
  readonly kind: string;
  readonly change: string | null;
  readonly subject: string;
  readonly alert?: Alert;
}

export interface Hook {
  readonly url: string;
  /** Calls as they came, answered or not; with the path that was called. */
  readonly calls: { readonly path: string; readonly told: Told; readonly body: string }[];
  /** What happens to the next calls; without it they are answered 200. */
  answer: ((told: Told, response: ServerResponse) => void) | null;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function openHook(): Promise<Hook> {
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      const told = JSON.parse(body) as Told;
      hook.calls.push({ path: request.url ?? "", told, body });
      if (hook.answer === null) response.end();
      else hook.answer(told, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const hook: Hook = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    calls: [],
    answer: null,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
  return hook;
}

/** Writes a file of settings beside the fleet; gives the flags that name it. */
export async function notificationFlags(site: Site, text: string): Promise<readonly string[]> {
  const file = join(site.directory, "notifications.yaml");
  await writeFile(file, text);
  return ["--notifications", file];
}

/** One overspeed of a lift rated 1.75 m/s, acknowledged by the program. `seq` is the first of three numbers that are used up. */
export async function speed(mqttPort: number, liftId: string, seq: number): Promise<void> {
  const client = await connectAsync(`mqtt://127.0.0.1:${mqttPort}`, { reconnectPeriod: 0 });
  const at = Date.now();
  for (const index of [0, 1]) {
    const reading = { at: at - 1_000 + index * 1_000, seq: seq + index, speedMps: 2.1, floor: 5 + index };
    await client.publishAsync(`lifts/${liftId}/speed`, JSON.stringify(reading), { qos: 1 });
  }
  await client.endAsync();
}
