/** What a recording costs: making the messages against JSON.stringify of the same ones, and writing them against writing the same bytes. */
import { mkdtempSync, rmSync, statSync } from "node:fs";
import { open, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateFleet, simulated } from "../simulators/fleet/fleet.ts";
import { record } from "../simulators/run/record.ts";
import { against, cpuMs, type BenchRow } from "./row.ts";

export interface SimulateOptions {
  readonly lifts: number;
  /** Simulated seconds, from 8 in the morning. */
  readonly seconds: number;
  /** Messages that JSON.stringify is given. */
  readonly sample: number;
}

/** The whole city in its busiest hour. */
const USUAL: SimulateOptions = { lifts: 16_409, seconds: 600, sample: 100_000 };
const FROM = Date.parse("2026-01-05T08:00:00+08:00");
/** Bytes of one write of the baseline. */
const PIECE = 16 * 1024 * 1024;

export async function benchSimulate({ lifts, seconds, sample }: SimulateOptions = USUAL): Promise<BenchRow[]> {
  const directory = mkdtempSync(join(tmpdir(), "hoistway-bench-simulate-"));
  try {
    const fleet = simulated(generateFleet(lifts, 1));
    const run = async (name: string) => {
      const out = join(directory, name);
      const start = cpuMs();
      const result = await record({
        lifts: fleet,
        seed: 1,
        scenario: "city",
        devices: { mix: "city", traits: [], dialect: null, report: "exception" },
        network: "clean",
        gateways: false,
        from: FROM,
        durationMs: seconds * 1_000,
        out,
        truth: null,
        progress: { show: () => undefined, end: () => undefined },
        stopped: () => false,
      });
      return { ...result, cpuMs: cpuMs() - start, bytes: statSync(out).size, out };
    };
    // The first run compiles the code, and a whole day is long.
    await run("warm.ndjson");
    const plain = await run("plain.ndjson");
    const rssMb = Math.round(process.memoryUsage.rss() / 2 ** 20);
    const packed = await run("packed.ndjson.gz");
    const content = await readFile(plain.out);
    const rewritten = await rewrite(join(directory, "again.ndjson"), content);
    const perMs = stringify(content, sample);
    const name = `${fleet.length} lifts`;
    return [
      against(`simulate: made and written, ${name}`, Math.round((plain.messages * 1_000) / plain.cpuMs), "messages a CPU-second", {
        name: "JSON.stringify of the same",
        value: Math.round(perMs * 1_000),
      }),
      against(`simulate: recording, ${name}`, plain.messagesPerSecond, "messages/s", {
        name: "writing the same bytes",
        value: Math.round(plain.messages / rewritten),
      }),
      against(`simulate: compressed recording, ${name}`, packed.messagesPerSecond, "messages/s", {
        name: "the recording, plain",
        value: plain.messagesPerSecond,
      }),
      { name: "simulate: a message in the recording", value: plain.bytes / plain.messages, unit: "bytes" },
      { name: "simulate: memory of the process while recording", value: rssMb, unit: "MB" },
    ];
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Seconds for writing the bytes to a file, from a buffer that is there. */
async function rewrite(out: string, content: Buffer): Promise<number> {
  const file = await open(out, "w");
  const start = performance.now();
  for (let from = 0; from < content.length; from += PIECE) await file.write(content.subarray(from, from + PIECE));
  await file.close();
  return (performance.now() - start) / 1_000;
}

/** Messages a millisecond of CPU: objects that are there become lines, and lines bytes. */
function stringify(content: Buffer, sample: number): number {
  const lines = content
    .subarray(0, sample * 300)
    .toString("latin1")
    .split("\n")
    .slice(0, -1)
    .slice(0, sample);
  const messages = lines.map((line) => JSON.parse(line) as unknown);
  const out = Buffer.allocUnsafe(sample * 300);
  const once = (): number => {
    let length = 0;
    for (const message of messages) length += out.write(`${JSON.stringify(message)}\n`, length, "latin1");
    return length;
  };
  once();
  const start = cpuMs();
  let bytes = 0;
  for (let round = 0; round < 3; round++) bytes += once();
  if (bytes === 0) throw new Error("nothing was written");
  return (3 * messages.length) / (cpuMs() - start);
}
