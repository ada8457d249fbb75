/** What all kinds of figures share: what is asked, an answer that is awaited, a group's name that leads to its lifts, the file for a spreadsheet. */
import type { ComponentChildren } from "preact";
import type { Dimension } from "../../../../src/trends/questions/grouping.ts";
import type { Column } from "../parts/data-table.tsx";
import type { Told } from "./ask.ts";
import { address, daysOf, type Filter, liftsOf, type Period } from "./choice.ts";
import { groupName, heading, say, withinName } from "./words.ts";

/** What the address asks for. */
export interface Asked {
  readonly by: Dimension;
  readonly period: Period;
  readonly filters: Partial<Record<Filter, string>>;
}

/** Rows of one answer, and of a file: more groups than a city has but for its lifts. */
export const MOST_ROWS = 20_000;

export function faultRatePath({ by, period, filters }: Asked, bucket: "month" | "total"): string {
  return address("/api/trends/fault-rate", { by, bucket, ...daysOf(period), ...filters, limit: MOST_ROWS });
}

export function rescuePath({ by, period, filters }: Asked, bucket: "month" | "total"): string {
  return address("/api/trends/rescue", { by, bucket, ...daysOf(period), ...filters, limit: MOST_ROWS });
}

interface AnsweredProps<T> {
  readonly told: Told<T>;
  readonly children: (value: T) => ComponentChildren;
}

export function Answered<T>({ told, children }: AnsweredProps<T>) {
  const words = say.value;
  if (told.failed !== null) {
    return (
      <div class="empty" role="alert">
        <p>
          {words.failed} {told.failed}
        </p>
        <button type="button" onClick={told.again}>
          {words.again}
        </button>
      </div>
    );
  }
  if (told.value === null) {
    return (
      <p class="awaited quiet" role="status">
        {words.loading}
      </p>
    );
  }
  return <>{children(told.value)}</>;
}

interface Group {
  readonly key: string | null;
  readonly within: string | null;
}

export function groupKey({ key, within }: Group): string {
  return `${within ?? "\u0001"}\0${key ?? "\u0001"}`;
}

/** The group's name leads to its lifts. */
export function groupColumn<Row extends Group>({ by, period, filters }: Asked): Column<Row> {
  return {
    key: "group",
    label: heading(by),
    sort: (row) => (row.key === null ? null : groupName(by, row.key)),
    cell: (row) => {
      const name = groupName(by, row.key);
      const within = withinName(by, row.within);
      const href = liftsOf(by, row, period, filters);
      return (
        <>
          {href === null ? <span class="quiet">{name}</span> : <a href={href}>{name}</a>}
          {within !== null && <span class="quiet within">{within}</span>}
        </>
      );
    },
  };
}

/** The same question as the figures above it, answered as a file. */
export function CsvLink(props: { readonly path: string; readonly name: string }) {
  return (
    <a class="button" href={`${props.path}&format=csv`} download={`hoistway-${props.name}.csv`}>
      {say.value.csv}
    </a>
  );
}

/** From figures of chosen lifts to these lifts; of the whole fleet there are too many for one page. */
export function LiftsLink({ asked: { period, filters } }: { readonly asked: Asked }) {
  if (Object.keys(filters).length === 0) return null;
  return (
    <a class="button" href={address("/trends", { show: "lifts", ...period, ...filters })}>
      {say.value.itsLifts}
    </a>
  );
}

/** Filters narrow the norm as well: a firm that is chosen alone is compared with itself. */
export function AmongChosen({ filters }: { readonly filters: Asked["filters"] }) {
  return Object.keys(filters).length === 0 ? null : <strong>{say.value.amongChosen}</strong>;
}
