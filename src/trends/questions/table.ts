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
  const paths = columns.map((column) => column.split("."));
  return `${[columns.join(","), ...rows.map((row) => paths.map((path) => cell(valueOf(row, path))).join(","))].join("\n")}\n`;
}

function valueOf(row: object, path: readonly string[]): unknown {
  let value: unknown = row;
  for (const name of path) value = (value as Readonly<Record<string, unknown>> | null)?.[name];
  return value;
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (typeof value === "number" && Number.isFinite(value)) return String(value === 0 ? 0 : value);
  const text = typeof value === "string" ? value : JSON.stringify(value);
  // A name that a spreadsheet would take for a formula is made a text.
  const safe = typeof value === "string" && /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
