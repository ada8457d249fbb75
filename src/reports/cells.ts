/** Tables of a report, and how a cell is written for people: what HTML, CSV and spreadsheets are all made from. */
import type { Words } from "./words.ts";

/** A figure with its interval; an open upper end is null. `share`: 0 to 1, shown in per cent. */
export interface Figure {
  readonly value: number | null;
  readonly low: number;
  readonly high: number | null;
  readonly share?: boolean;
  readonly digits: number;
}
export type Cell = string | number | null | Figure;

export interface Column {
  /** Name in CSV; a figure also has `id.low` and `id.high`. */
  readonly id: string;
  readonly label: string;
  /** Digits after the point of plain numbers. */
  readonly digits?: number;
  /** Left out of the printed page, where another column says it in words. */
  readonly sheetOnly?: boolean;
  readonly figures?: boolean;
  /** Never broken over lines. */
  readonly whole?: boolean;
  /** May be long: is given room. */
  readonly wide?: boolean;
}

export interface Table {
  readonly id: string;
  readonly title: string;
  /** Sentences before it. */
  readonly notes: readonly string[];
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** Lines on the printed page; the rest is in the spreadsheet. */
  readonly printed: number;
  /** The REST calls with the same figures. */
  readonly sources: readonly string[];
}

export function isFigure(cell: Cell): cell is Figure {
  return typeof cell === "object" && cell !== null;
}

/** Shown in per cent where it is a share; its interval only where there is one. */
export function figureText({ value, low, high, share = false, digits }: Figure, words: Words): string {
  if (value === null) return "–";
  const write = (one: number) => numberText(share ? 100 * one : one, digits, words);
  const unit = share ? "%" : "";
  if (high === null && low === 0) return `${write(value)}${unit}`;
  return `${write(value)}${unit} (${write(low)}–${high === null ? "∞" : write(high)})`;
}

const formats = new Map<string, Intl.NumberFormat>();

export function numberText(value: number, digits: number, { tag }: Words): string {
  const name = `${tag} ${digits}`;
  let format = formats.get(name);
  if (format === undefined)
    formats.set(name, (format = new Intl.NumberFormat(tag, { minimumFractionDigits: digits, maximumFractionDigits: digits })));
  return format.format(value);
}

export function cellText(cell: Cell, column: Column, words: Words): string {
  if (cell === null || cell === "") return "–";
  if (isFigure(cell)) return figureText(cell, words);
  return typeof cell === "number" ? numberText(cell, column.digits ?? 0, words) : cell;
}
