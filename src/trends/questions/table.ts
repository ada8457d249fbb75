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

/** Writes rows without a header. */
export function csvRows(columns: readonly string[]): (rows: readonly object[]) => string {
  const paths = columns.map((column) => {
    const [outer = "", inner = null] = column.split(".");
    return { outer, inner };
  });
  /** Names and words that have been written: the same come again and again. */
  const written = new Map<string, string>();
  const text = (value: string): string => {
    let cell = written.get(value);
    if (cell === undefined) {
      if (written.size >= TEXTS) written.clear();
      written.set(value, (cell = textCell(value)));
    }
    return cell;
  };
  const cell = (value: unknown): string => {
    if (value === null || value === undefined) return "";
    if (typeof value === "number" && Number.isFinite(value)) return String(value === 0 ? 0 : value);
    return typeof value === "string" ? text(value) : text(JSON.stringify(value));
  };
  return (rows) => {
    const lines: string[] = [];
    const cells: string[] = Array.from({ length: paths.length }, () => "");
    for (const row of rows) {
      for (let column = 0; column < paths.length; column++) {
        const { outer, inner } = paths[column]!;
        const value = (row as Cells)[outer];
        cells[column] = cell(inner === null ? value : (value as Cells | null | undefined)?.[inner]);
      }
      lines.push(cells.join(","), "\n");
    }
    return lines.join("");
  };
}

const TEXTS = 10_000;

function textCell(text: string): string {
  // A name that a spreadsheet would take for a formula is made a text.
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
