/** What a browser loads of the journal at most, each with its reason. More is for the program: `hoistway replay`, `hoistway backtest`. */
export const BOUNDS = {
  /** Entries of a recording: three days of ticks, or a day of a lift that speaks each second. They take some 150 MB of memory. */
  entries: 300_000,
  /** … and their bytes, before they are parsed. */
  bytes: 96 * 1024 * 1024,
  /** A line: as the program's own reader. */
  lineChars: 4 * 1024 * 1024,
  /** Alert changes kept, as text of some 2 kB each. */
  changes: 20_000,
  /** Points of a trace: what a lift says in a day each second. */
  points: 200_000,
  /** Alerts of a backtest shown in each list: nobody reads more; the counts are of all. */
  shown: 200,
} as const;
