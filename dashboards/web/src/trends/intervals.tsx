/**
 * Values with their intervals, one a row of a table: the caterpillar plot and its table in one, so that the two cannot be sorted apart. The
 * figures stand beside it as text; to screen readers the drawing says nothing more.
 */
import type { Column } from "../parts/data-table.tsx";
import type { Scale } from "./scale.ts";
import { tick } from "./words.ts";

export interface Spread {
  readonly value: number | null;
  readonly low: number;
  /** Null where nothing bounds it. */
  readonly high: number | null;
}

/** `out`: filled, in colour; `faint`: too little behind it to compare. */
export type Look = "plain" | "out" | "good" | "faint";

const TICKS_MOST = 4;

interface IntervalColumn<Row> {
  readonly key: string;
  readonly label: string;
  readonly scale: Scale;
  /** Where the line stands that rows are compared with. */
  readonly reference: number | null;
  readonly of: (row: Row) => Spread;
  readonly look: (row: Row) => Look;
  readonly write?: (value: number) => string;
}

export function intervalColumn<Row>({ key, label, scale, reference, of, look, write = tick }: IntervalColumn<Row>): Column<Row> {
  return {
    key,
    label,
    under: <Axis scale={scale} write={write} />,
    sort: (row) => of(row).value,
    cell: (row) => <Interval spread={of(row)} look={look(row)} scale={scale} reference={reference} />,
  };
}

function percent(share: number): string {
  return `${(Math.min(1, Math.max(0, share)) * 100).toFixed(2)}%`;
}

/** Figures of an axis so narrow must not touch. */
function spaced(ticks: readonly number[]): readonly number[] {
  return ticks.length > TICKS_MOST ? ticks.filter((_, index) => index % 2 === 0) : ticks;
}

function Axis(props: { readonly scale: Scale; readonly write: (value: number) => string }) {
  return (
    <svg class="interval-axis" aria-hidden="true">
      {spaced(props.scale.ticks).map((value) => {
        const at = props.scale.at(value);
        return (
          <text key={value} x={percent(at)} y="11" text-anchor={at < 0.06 ? "start" : at > 0.94 ? "end" : "middle"}>
            {props.write(value)}
          </text>
        );
      })}
    </svg>
  );
}

/** As large as its cell, so that the lines run through from row to row. */
function Interval(props: { readonly spread: Spread; readonly look: Look; readonly scale: Scale; readonly reference: number | null }) {
  const { value, low, high } = props.spread;
  const { at } = props.scale;
  const end = high === null ? Infinity : at(high);
  return (
    <svg class={`interval ${props.look}`} aria-hidden="true">
      {props.scale.ticks.map((each) => (
        <line key={each} class="grid" x1={percent(at(each))} x2={percent(at(each))} y1="0" y2="100%" />
      ))}
      {props.reference !== null && (
        <line class="reference" x1={percent(at(props.reference))} x2={percent(at(props.reference))} y1="0" y2="100%" />
      )}
      {value !== null && (
        <>
          <line class="reach" x1={percent(at(low))} x2={percent(end)} y1="50%" y2="50%" />
          {end > 1.0001 && (
            <text class="beyond" x="100%" y="50%" dy="4.5" text-anchor="end">
              ▸
            </text>
          )}
          {at(low) < -0.0001 && (
            <text class="beyond" x="0" y="50%" dy="4.5">
              ◂
            </text>
          )}
          {at(value) >= -0.0001 && at(value) <= 1.0001 && <circle cx={percent(at(value))} cy="50%" r="4" />}
        </>
      )}
    </svg>
  );
}
