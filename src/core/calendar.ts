/** Days of the site's time zone. Intl is part of the language; it is asked rarely, because it is slow. */

/** Offsets of time zones are whole quarters of an hour, so the day can change only at these steps. */
const STEP_MS = 900_000;
const DAY_MS = 86_400_000;

/** Days since 1970-01-01 of a day's name, YYYY-MM-DD. */
export function dayNumber(day: string): number {
  return Math.round(Date.parse(`${day}T00:00:00Z`) / DAY_MS);
}

export function dayName(number: number): string {
  return new Date(number * DAY_MS).toISOString().slice(0, 10);
}

export class Calendar {
  readonly #format: Intl.DateTimeFormat;
  #step = -1;
  #day = "";

  /** @throws RangeError when the zone is unknown. */
  constructor(timezone: string) {
    this.#format = new Intl.DateTimeFormat("en-CA", { timeZone: timezone, year: "numeric", month: "2-digit", day: "2-digit" });
  }

  /** YYYY-MM-DD of a time in ms since the epoch. */
  dayOf(time: number): string {
    const step = Math.floor(time / STEP_MS);
    if (step !== this.#step) {
      this.#step = step;
      const parts = new Map(this.#format.formatToParts(time).map((part) => [part.type, part.value]));
      this.#day = `${parts.get("year")}-${parts.get("month")}-${parts.get("day")}`;
    }
    return this.#day;
  }
}
