/**
 * Points about the program itself, beside what it stores: numbers of now. They are sent as they come, one request in flight; what cannot be
 * sent is dropped, because the next is due in a moment and nothing depends on it. Nothing here is journalled, or written again.
 */
import type { Clock } from "../../clock.ts";
import { LIMITS } from "../../config.ts";
import { connect } from "./connection.ts";
import type { InfluxTarget } from "./connection.ts";
import { nanoseconds, tag } from "./lines.ts";

export interface Point {
  readonly measurement: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What is not a finite number is left out. */
  readonly fields: Readonly<Record<string, number>>;
}

export interface PointsOptions extends Omit<InfluxTarget, "requestMs" | "connections"> {
  readonly clock: Clock;
  /** Called every LIMITS.influx.pointsEveryMs, on the main thread: it must be quick. */
  readonly sample: () => readonly Point[];
}

/** Begins at once. They are kept as long as raw readings. */
export function sendPoints({ clock, sample, ...target }: PointsOptions): { close(): void } {
  const connection = connect({ ...target, requestMs: LIMITS.influx.pointsEveryMs, connections: 1 });
  let sending = false;
  const send = async () => {
    if (sending) return;
    sending = true;
    const time = nanoseconds(clock.now(), 0);
    const body = sample().flatMap((point) => pointLine(point, time));
    // That the server is away is told by the store, or the mirror, that writes there too.
    await connection.write("readings", body.join("\n")).catch(() => undefined);
    sending = false;
  };
  const timer = setInterval(() => void send(), LIMITS.influx.pointsEveryMs);
  void send();
  return {
    close() {
      clearInterval(timer);
      connection.close();
    },
  };
}

/** One line, or none where no field is a number. Every field is a float: one name must keep one type for ever. */
export function pointLine({ measurement, tags, fields }: Point, time: string): string[] {
  const known = Object.entries(fields).filter(([, value]) => Number.isFinite(value));
  if (known.length === 0) return [];
  const named = Object.entries(tags).map(([name, value]) => `,${name}=${tag(value)}`);
  return [`${measurement}${named.join("")} ${known.map(([name, value]) => `${name}=${value}`).join(",")} ${time}`];
}
