/** JSON.parse and the compiled zod schemas against JSON.parse alone, of the same payloads, in turns and in CPU time. */
import { decodePayload, decodeReading, decodeTopic, Defect } from "../src/core/decode.ts";
import type { MessageEntry } from "../src/core/entry.ts";
import { against, cpuMs, type BenchRow } from "./row.ts";
import { traffic } from "./traffic.ts";

export interface DecodeOptions {
  readonly messages: number;
  /** So often are they all decoded. */
  readonly rounds: number;
}

const USUAL: DecodeOptions = { messages: 20_000, rounds: 30 };

export function benchDecode({ messages, rounds }: DecodeOptions = USUAL): BenchRow[] {
  const entries = [...traffic(messages / 10, messages, 1_700_000_000_000)];
  const bytes = entries.reduce((sum, { payload }) => sum + (payload?.length ?? 0), 0);
  const channels = entries.map(({ topic }) => {
    const decoded = decodeTopic(topic);
    if (decoded instanceof Defect) throw new Error(decoded.message);
    return decoded.channel;
  });
  let parseMs = 0;
  let decodeMs = 0;
  let sum = 0;
  for (let round = 0; round <= rounds; round++) {
    // The first round compiles the code.
    if (round === 1) parseMs = decodeMs = 0;
    let start = cpuMs();
    for (const entry of entries) sum += parse(entry);
    parseMs += cpuMs() - start;
    start = cpuMs();
    for (const [index, entry] of entries.entries()) sum -= decode(entry, channels[index]!);
    decodeMs += cpuMs() - start;
  }
  if (sum !== 0) throw new Error("decoding gave other times than parsing");
  const perSecond = (ms: number) => Math.round((messages * rounds * 1_000) / ms);
  return [
    against(`decode: JSON and zod, ${Math.round(bytes / messages)} bytes a reading`, perSecond(decodeMs), "readings a CPU-second", {
      name: "JSON.parse alone",
      value: perSecond(parseMs),
    }),
  ];
}

function parse({ payload }: MessageEntry): number {
  return (JSON.parse(payload ?? "") as { at: number }).at;
}

function decode(entry: MessageEntry, channel: Parameters<typeof decodeReading>[0]): number {
  const reading = decodeReading(channel, decodePayload(entry), -1);
  if (reading instanceof Defect) throw new Error(reading.message);
  return reading.at;
}
