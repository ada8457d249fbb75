/** Writes lines of a recording; parse.ts reads them, and says what they are. */
import { isUtf8 } from "node:buffer";
import type { JournalRecord } from "../journal/journal.ts";
import { isJson, RECORDING_VERSION } from "./parse.ts";

/** Length of the parts into which a state is cut, so that lines stay bounded. */
const STATE_PART_CHARS = 512 * 1024;

export function headLine(receivedAt: number, journal: string, first: number, last: number): string {
  return `{"receivedAt":${receivedAt},"tick":true,"recording":${JSON.stringify({ version: RECORDING_VERSION, journal, first, last })}}\n`;
}

export function stateLines(receivedAt: number, state: unknown): string[] {
  const text = JSON.stringify(state);
  const parts = Math.max(1, Math.ceil(text.length / STATE_PART_CHARS));
  return Array.from({ length: parts }, (_, part) => {
    const piece = text.slice(part * STATE_PART_CHARS, (part + 1) * STATE_PART_CHARS);
    return `{"receivedAt":${receivedAt},"tick":true,"state":${JSON.stringify({ part, parts, text: piece })}}\n`;
  });
}

/** The line of a record; with its number where it does not follow the line before. Null for what is no entry. */
export function entryLine(record: JournalRecord, stated: boolean): string | null {
  const { kind, receivedAt, seq } = record;
  const head = `{"receivedAt":${receivedAt},${stated ? `"seq":${seq},` : ""}`;
  if (kind === "tick") return `${head}"tick":true}\n`;
  const text = jsonText(record.payload);
  if (kind !== "message") return text === null ? null : `${head}"tick":true,"${kind}":${text}}\n`;
  const { source, refusal, topic, payload } = record;
  const from = source === "" ? "" : `"source":${JSON.stringify(source)},`;
  const refused = refusal === null ? "" : `"refusal":"${refusal}",`;
  const said = text === null ? `"payloadBase64":"${Buffer.from(payload).toString("base64")}"` : `"payload":${text}`;
  return `${head}${from}${refused}"topic":${JSON.stringify(topic)},${said}}\n`;
}

/** The payload as text on one line, where it is JSON: line breaks in JSON stand between its words only. */
function jsonText(payload: Uint8Array): string | null {
  if (payload.length === 0 || !isUtf8(payload)) return null;
  const text = Buffer.from(payload.buffer, payload.byteOffset, payload.length).toString("utf8");
  if (!isJson(text)) return null;
  return /[\r\n]/.test(text) ? text.replaceAll(/[\r\n]/g, " ") : text;
}
