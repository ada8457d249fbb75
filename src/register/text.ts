/** A fleet file's bytes as rows of text: encoding, CSV and header; what is wrong with them is named, and the rest is read all the same. */
import { parse } from "csv-parse/sync";

export interface Defect {
  /** Line of the file, from 1; a row with line breaks in quotes counts from its first. */
  readonly line: number;
  /** Null where the whole row or file is meant. As the file calls it, and in brackets as we do when that differs. */
  readonly column: string | null;
  /** A warning is odd and taken as it stands; an error keeps the file from being used. */
  readonly severity: "error" | "warning";
  readonly found: string;
  readonly expected: string;
}

export interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

export interface Table {
  readonly rows: readonly Row[];
  /** Rows that were left out because there are more than were asked for. */
  readonly more: number;
  /** Whether all of it was in the encoding; otherwise U+FFFD stands for what was not. */
  readonly decoded: boolean;
  readonly defects: readonly Defect[];
}

/** After so many quotes that never close, the rest of a file is not read: each costs a pass over it. */
const UNCLOSED_QUOTES = 20;

/**
 * The first `most` rows of a file, its header among them. `encoding` is a label of the WHATWG Encoding Standard, e.g. `utf-8`, `gbk`.
 * @throws RangeError when there is no such encoding
 */
export function readTable(source: Uint8Array | string, encoding: string, most: number): Table {
  const text = typeof source === "string" ? source : decodeStrictly(source, encoding);
  if (text !== null) return { ...parseTable(text, most, []), decoded: true };
  const bytes = source as Uint8Array;
  return { ...parseTable(new TextDecoder(encoding).decode(bytes), most, undecodable(bytes, encoding)), decoded: false };
}

function decodeStrictly(bytes: Uint8Array, encoding: string): string | null {
  const decoder = new TextDecoder(encoding, { fatal: true });
  try {
    return decoder.decode(bytes);
  } catch {
    return null;
  }
}

/** A defect for each line that is not in the encoding. */
function undecodable(bytes: Uint8Array, encoding: string): Defect[] {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return [notIn(1, encoding, "the mark of UTF-16 (--encoding utf-16le reads it)")];
  const hint = encoding === "utf-8" && decodeStrictly(bytes, "gb18030") !== null ? " (--encoding gbk reads the file)" : "";
  const defects: Defect[] = [];
  let line = 1;
  for (let from = 0; from < bytes.length; line++) {
    const end = bytes.indexOf(0x0a, from);
    const part = bytes.subarray(from, end < 0 ? bytes.length : end);
    from = end < 0 ? bytes.length : end + 1;
    if (decodeStrictly(part, encoding) !== null) continue;
    defects.push(notIn(line, encoding, new TextDecoder(encoding).decode(part.subarray(0, 120)) + hint));
  }
  return defects;
}

function notIn(line: number, encoding: string, found: string): Defect {
  return { line, column: null, severity: "error", expected: `text in ${encoding}`, found };
}

interface Parsed {
  readonly info: { readonly lines: number };
  readonly raw: string;
  readonly record: readonly string[];
}

function parseTable(whole: string, most: number, undecoded: readonly Defect[]): Omit<Table, "decoded"> {
  const rows: Row[] = [];
  let more = 0;
  const defects: Defect[] = [...undecoded];
  // One kind of line break, or the parser counts lines wrong where they are mixed.
  let text = whole.includes("\n") ? whole.replaceAll("\r\n", "\n") : whole.replaceAll("\r", "\n");
  let skipped = 0;
  for (let unclosed = 0; ; unclosed++) {
    let open: number | null = null;
    parse(text, {
      bom: true,
      info: true,
      raw: true,
      trim: true,
      skip_empty_lines: true,
      relax_column_count: true,
      relax_quotes: true,
      skip_records_with_error: true,
      on_skip: (error, raw) => {
        // The parser's types leave out where it stands.
        open = ((error as { readonly lines?: number } | undefined)?.lines ?? 1) - lineBreaks(raw ?? "");
        return undefined;
      },
      on_record: (parsed: unknown) => {
        const { info, raw, record } = parsed as Parsed;
        if (rows.length < most) rows.push({ line: skipped + info.lines - lineBreaks(raw), cells: record });
        else more += 1;
        return null;
      },
    });
    if (open === null) return { rows, more, defects };
    // What stands after the open quote was swallowed by it: read on from the next line.
    defects.push({
      line: skipped + open,
      column: null,
      severity: "error",
      expected: "a closing quote",
      found: "none up to the end of the file",
    });
    if (unclosed === UNCLOSED_QUOTES) {
      defects.push({
        line: skipped + open + 1,
        column: null,
        severity: "error",
        expected: "CSV",
        found: "too many open quotes; the rest was not read",
      });
      return { rows, more, defects };
    }
    text = afterLines(text, open);
    skipped += open;
  }
}

/** Line breaks within a record as the parser gives it: with empty lines before it and a line break after it. */
function lineBreaks(raw: string): number {
  return raw.trim().split("\n").length - 1;
}

function afterLines(text: string, lines: number): string {
  let at = 0;
  for (let line = 0; line < lines; line++) {
    const end = text.indexOf("\n", at);
    if (end < 0) return "";
    at = end + 1;
  }
  return text.slice(at);
}
