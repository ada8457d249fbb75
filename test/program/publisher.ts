/**
 * A process of its own that publishes for some lifts at QoS 1 as their gateways would, whatever becomes of the program:
 * `publisher.ts PORT LIFTS GATEWAYS START_AT_MS`. Each line on standard input is a command: `stop` ends the readings, waits
 * until all are acknowledged, and says how many each lift had. Until then it says how many were acknowledged so far.
 */
import { createInterface } from "node:readline";
import { connect, type MqttClient } from "mqtt";
import { liftIds, publication } from "./lift-script.ts";

const [port, lifts, gateways, startAt] = process.argv.slice(2).map(Number) as [number, number, number, number];
/** Publishes of one gateway without their acknowledgement. */
const WINDOW = 8;
const TOLD_EVERY = 50;

const sent = new Map<string, number>();
const acknowledged = new Map<string, number>();
let total = 0;
const stop = new AbortController();
let connects = 0;

function say(message: unknown): void {
  process.stdout.write(`${JSON.stringify(message)}\n`);
}

async function runGateway(client: MqttClient, served: readonly string[]): Promise<void> {
  let next = 0;
  async function one(): Promise<void> {
    while (!stop.signal.aborted) {
      const liftId = served[next++ % served.length] as string;
      const seq = sent.get(liftId) ?? 0;
      sent.set(liftId, seq + 1);
      const { topic, payload } = publication(liftId, seq, startAt);
      // Resolves with the PUBACK, on whichever connection that comes; the client sends it again on each new one until then.
      await client.publishAsync(topic, payload, { qos: 1 });
      acknowledged.set(liftId, (acknowledged.get(liftId) ?? 0) + 1);
      total += 1;
      if (total % TOLD_EVERY === 0) say({ acknowledged: total });
    }
  }
  await Promise.all(Array.from({ length: WINDOW }, one));
  await client.endAsync();
}

createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "stop") stop.abort();
});

const ids = liftIds(lifts);
await Promise.all(
  Array.from({ length: gateways }, (_, gateway) => {
    const client = connect(`mqtt://127.0.0.1:${port}`, {
      clientId: `gateway-${gateway}`,
      reconnectPeriod: 50,
      connectTimeout: 5_000,
      clean: true,
    });
    client.on("connect", () => {
      connects += 1;
    });
    // A program that is away refuses connections; the client tries again.
    client.on("error", () => {});
    return runGateway(
      client,
      ids.filter((_id, index) => index % gateways === gateway),
    );
  }),
);
say({ done: true, connects, sent: Object.fromEntries(sent), acknowledged: Object.fromEntries(acknowledged) });
process.stdin.destroy();
