/** Rows of answers as CSV: one line a row, what is nested as `outer.inner`. */

/** Columns of each answer, in their order. */
export const COLUMNS = {
  faultRate: [
    ..."key within bucket faults episodes liftDays trips perLiftMonth low high faultsPerLiftMonth per1000Trips shrunk shrunkLow shrunkHigh aboveTwiceFleet ranked flagged".split(
      " ",
    ),
    ..."expected ratio low high shrunk place own".split(" ").map((name) => `fair.${name}`),
  ],
  rescue: [
    ..."key within bucket entrapments liftDays per100LiftMonths low high monthlyRate passengerLifts".split(" "),
    ...["response", "arrival"].flatMap((what) =>
      "count mean median medianLow medianHigh p95 withinMinutes within share low high".split(" ").map((name) => `${what}.${name}`),
    ),
    ..."count mean median medianLow medianHigh p95".split(" ").map((name) => `rescue.${name}`),
  ],
  serviceLife: "key within age mean low high lifts perYear".split(" "),
  beforeAfter: [
    ..."key within at until note works counted further".split(" "),
    ...["before", "after"].flatMap((when) => ["episodes", "faults", "liftMonths"].map((name) => `${when}.${name}`)),
    ..."expected ratio low high better worse p adjusted verdict".split(" "),
  ],
  rankings: "rank key within rate low high aboveTwiceFleet flagged ranked episodes liftMonths allEpisodes allLiftMonths".split(" "),
  index: [
    ..."rank rankBest rankWorst key within index low high grade sure ranked".split(" "),
    ..."ratio score lost".split(" ").map((name) => `faults.${name}`),
    ..."years score lost known of".split(" ").map((name) => `serviceLife.${name}`),
  ],
} as const satisfies Readonly<Record<string, readonly string[]>>;

/** With a header; UTF-8 without a mark. Empty where a value is null. */
export function csvOf(columns: readonly string[], rows: readonly object[]): string {
  return csvHead(columns) + csvRows(columns)(rows);
}

export function csvHead(columns: readonly string[]): string {
  return `${columns.join(",")}\n`;
}

type Cells = Readonly<Record<string, unknown>>;

/** Neighbouring columns that are one value of a row, or the parts of one. */
interface Field {
  readonly outer: string;
  /** Null where it is a value by itself. */
  readonly inner: readonly string[] | null;
}

function fieldsOf(columns: readonly string[]): Field[] {
  const fields: { outer: string; inner: string[] | null }[] = [];
  for (const column of columns) {
    const [outer = "", inner] = column.split(".");
    const last = fields.at(-1);
    if (inner === undefined) fields.push({ outer, inner: null });
    else if (last?.outer === outer) last.inner?.push(inner);
    else fields.push({ outer, inner: [inner] });
  }
  return fields;
}

/** Writes rows without a header. */
export function csvRows(columns: readonly string[]): (rows: readonly object[]) => string {
  const fields = fieldsOf(columns);
  return (rows) => {
    if (rows.length === 0) return "";
    /** Cells of one column, or of several beside each other, by row. */
    const parts: (readonly string[])[] = [];
    let numbers: (readonly number[])[] = [];
    const add = (part: readonly string[]) => {
      if (numbers.length > 0) parts.push(numberCells(numbers));
      numbers = [];
      if (part.length > 0) parts.push(part);
    };
    const addColumn = (values: readonly unknown[]) => {
      // One in two hundred fractions takes twenty times as long as others to be written, and all lifts may have the very same.
      if (!Number.isInteger(values[0]) && isShared(values)) add(sharedCells(values, cell));
      else if (isNumeric(values)) numbers.push(values);
      else add(values.map(cell));
    };
    for (const { outer, inner } of fields) {
      const values = rows.map((row) => (row as Cells)[outer]);
      if (inner === null) addColumn(values);
      else if (isShared(values)) add(sharedCells(values, (value) => inner.map((name) => cell(innerOf(value, name))).join(",")));
      else for (const name of inner) addColumn(values.map((value) => innerOf(value, name)));
    }
    add([]);
    const last = parts.pop()!;
    const cells: string[] = [];
    for (let row = 0; row < rows.length; row++) {
      for (const part of parts) cells.push(part[row] as string, ",");
      cells.push(last[row] as string, "\n");
    }
    return cells.join("");
  };
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "string") return textCell(value);
  if (typeof value === "boolean") return value ? "true" : "false";
  if (typeof value === "number" && Number.isFinite(value)) return String(value === 0 ? 0 : value);
  return textCell(JSON.stringify(value));
}

function innerOf(value: unknown, name: string): unknown {
  return (value as Cells | null | undefined)?.[name];
}

function isNumeric(values: readonly unknown[]): values is readonly number[] {
  for (const value of values) if (typeof value !== "number" || !Number.isFinite(value)) return false;
  return true;
}

/** JSON writes numbers in half the time that each takes to become a string by itself, with the same digits. */
function numberCells(columns: readonly (readonly number[])[]): string[] {
  const rows = columns[0]!.map((_, row) => {
    const numbers: number[] = [];
    for (let column = 0; column < columns.length; column++) numbers.push(columns[column]![row] as number);
    return numbers;
  });
  return JSON.stringify(rows).slice(2, -2).split("],[");
}

/** Whether many rows have the very value that the row before has, or none: say, of lifts in which nobody was shut in. */
function isShared(values: readonly unknown[]): boolean {
  let same = 0;
  for (let row = 1; row < values.length; row++) if (values[row] === values[row - 1]) same++;
  return 4 * same >= values.length;
}

function sharedCells(values: readonly unknown[], write: (value: unknown) => string): string[] {
  const written = new Map<unknown, string>();
  let [last, cells]: [unknown, string | undefined] = [undefined, undefined];
  return values.map((value) => {
    if (cells !== undefined && value === last) return cells;
    last = value;
    cells = written.get(value);
    if (cells === undefined) written.set(value, (cells = write(value)));
    return cells;
  });
}

/** What a cell may not begin with, and what it may not have inside without quotes. */
const UNSAFE = /^[=+\-@\t\r]|[",\r\n]/;

function textCell(text: string): string {
  if (!UNSAFE.test(text)) return text;
  // A name that a spreadsheet would take for a formula is made a text.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
