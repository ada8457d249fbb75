/** What is known of whole calendar months, kept until something in them changes: past months hardly ever do, and most questions are about them. */

const DAY_MS = 86_400_000;

/** By the month's first day. */
export class MonthCache<T> {
  readonly #kept = new Map<number, T>();
  /** The day that was forgotten last, while nothing was kept since: counts come many of a day. */
  #forgotten = Number.NaN;

  get(first: number): T | undefined {
    return this.#kept.get(first);
  }

  keep(first: number, value: T): void {
    this.#kept.set(first, value);
    this.#forgotten = Number.NaN;
  }

  /** Told of each day before it changes. */
  forget(day: number): void {
    if (this.#kept.size === 0 || day === this.#forgotten) return;
    this.#kept.delete(monthBegin(day));
    this.#forgotten = day;
  }
}

/** First day of a day's calendar month. */
export function monthBegin(day: number): number {
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS;
}

/** First day of the month after a day's. */
export function nextMonth(day: number): number {
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 1) / DAY_MS;
}

export function isMonth(first: number, last: number): boolean {
  return monthBegin(first) === first && nextMonth(first) === last + 1;
}

/** First days of a month's weeks, from Monday and cut at its borders, and at the end the first day of the next month. */
export function weeksOf(first: number): number[] {
  const end = nextMonth(first);
  const begins = [first];
  // Day 0 was a Thursday.
  for (let monday = first + 7 - ((((first + 3) % 7) + 7) % 7); monday < end; monday += 7) begins.push(monday);
  return [...begins, end];
}
