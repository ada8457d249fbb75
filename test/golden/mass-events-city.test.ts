import { describe, expect, test } from "vitest";
import type { Change } from "../../src/core/effects.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { createMonitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { pages, tally } from "./fleet-timeline.ts";
import { START } from "./timeline.ts";

/** Lifts of each district (domain.md §1). */
const DISTRICTS = {
  武江: 4_697,
  浈江: 2_745,
  乐昌: 1_637,
  曲江: 1_343,
  南雄: 1_301,
  翁源: 1_276,
  新丰: 1_024,
  始兴: 999,
  乳源: 765,
  仁化: 622,
};
const CITY: LiftRecord[] = Object.entries(DISTRICTS).flatMap(([district, count]) =>
  Array.from({ length: count }, (_, index): LiftRecord => ({
    liftId: `${district === "武江" ? "W" : `X${Object.keys(DISTRICTS).indexOf(district)}`}-${index}`,
    kind: "passenger",
    ratedSpeedMps: 1.75,
    district,
    building: `${Math.floor(index / 4)}栋`,
    firm: `维保${index % 61}`,
    inService: true,
  })),
);

/** A city whose lifts give a sign of life a minute but where `away` says that they cannot. */
function city(
  untilS: number,
  away: (lift: LiftRecord, second: number) => boolean,
  says: (lift: LiftRecord, second: number) => object | null,
): Change[] {
  const monitor = createMonitor(CITY, DEFAULT_RULES);
  const seqs = new Map<string, number>();
  const changes: Change[] = [];
  let entry = 0;
  const say = (lift: LiftRecord, receivedAt: number, fields: object) => {
    const seq = seqs.get(lift.liftId) ?? 0;
    seqs.set(lift.liftId, seq + 1);
    entry += 1;
    const payload = JSON.stringify({ at: receivedAt, seq, ...fields });
    const topic = `lifts/${lift.liftId}/status`;
    changes.push(...monitor.apply({ kind: "message", seq: entry, receivedAt, topic, payload, source: lift.liftId, refusal: null }).changes);
  };
  for (let second = 0; second < untilS; second++) {
    const receivedAt = START + second * 1_000;
    for (const [index, lift] of CITY.entries()) {
      const news = says(lift, second);
      if (news !== null) say(lift, receivedAt, news);
      else if (second % 60 === index % 60 && !away(lift, second)) say(lift, receivedAt, { persons: 0 });
    }
    entry += 1;
    changes.push(...monitor.apply({ kind: "tick", seq: entry, receivedAt }).changes);
  }
  return changes;
}

const inWujiang = ({ district }: LiftRecord): boolean => district === "武江";

describe("a city of 16,409 lifts", () => {
  test("sees a power cut of 4,697 of them, their silence and their return as one alert; no upgrade, hiccup or return makes a storm (grafana#50186)", () => {
    const changes = city(
      760,
      (lift, second) => inWujiang(lift) && second >= 70 && second < 600,
      (lift, second) => {
        if (!inWujiang(lift)) return null;
        // A third of the devices have no battery and say nothing; the power comes back bit by bit.
        const number = Number(lift.liftId.slice(2));
        if (second === 70 && number % 3 !== 0) return { powered: false };
        return second === 600 + (number % 60) ? { powered: true } : null;
      },
    );
    expect(pages(changes)).toEqual([
      expect.stringMatching(/^75 raised mass-event confirmed high at 70: district 武江 in 武江, \d+ of \d+$/),
    ]);
    expect(tally(changes, "mass-event")).toMatchObject({ raised: 1, cleared: 1 });
    expect(tally(changes, "silent")).toEqual({ suppressed: 4_697, confirmed: 4_697, cleared: 4_697 });
    const last = changes.findLast(({ alert }) => alert.hazard === "mass-event");
    expect(last?.alert.details).toMatchObject({ scope: "district", name: "武江", count: 4_697, struck: 0 });
    expect(last?.alert.details["liftIds"]).toHaveLength(4_697);
  }, 60_000);

  test("sees the loss of its broker as one alert of the site", () => {
    const changes = city(
      320,
      (_lift, second) => second >= 60,
      () => null,
    );
    expect(pages(changes)).toEqual([
      expect.stringMatching(/^181 raised mass-event confirmed high at 180: site null in several districts, 16409 of 16409$/),
    ]);
    expect(tally(changes, "silent")).toEqual({ suppressed: 16_409 });
  }, 60_000);
});
