/** Sums of whole calendar months, kept until something in them changes: past months hardly ever do, and most questions are about them. */

const DAY_MS = 86_400_000;

/** By the month's first day. */
export class MonthCache<T> {
  readonly #sums = new Map<number, T>();
  /** The day that was forgotten last, while nothing was kept since: counts come many of a day. */
  #forgotten = Number.NaN;

  get(first: number, last: number): T | undefined {
    const sums = this.#sums.get(first);
    return sums !== undefined && isMonth(first, last) ? sums : undefined;
  }

  /** Other stretches are not kept: they are asked for once. */
  keep(first: number, last: number, sums: T): void {
    if (!isMonth(first, last)) return;
    this.#sums.set(first, sums);
    this.#forgotten = Number.NaN;
  }

  /** Told of each day before it changes. */
  forget(day: number): void {
    if (this.#sums.size === 0 || day === this.#forgotten) return;
    this.#sums.delete(monthBegin(day));
    this.#forgotten = day;
  }
}

/** First day of a day's calendar month. */
export function monthBegin(day: number): number {
  const date = new Date(day * DAY_MS);
  return Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), 1) / DAY_MS;
}

function isMonth(first: number, last: number): boolean {
  return monthBegin(first) === first && monthBegin(last + 1) === last + 1 && monthBegin(last) === first;
}
