import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Change, Effects } from "../../src/core/effects.ts";
import type { Entry, MessageEntry } from "../../src/core/entry.ts";
import { createMonitor, type Monitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";

const SEED = 20_261_122;
const START = 1_767_225_600_000;
const REGISTER = [
  { liftId: "A", kind: "passenger" as const, ratedSpeedMps: 1.75, district: "武江" },
  { liftId: "B", kind: "freight" as const, ratedSpeedMps: 1 },
  { liftId: "C", kind: "escalator" as const },
];
const LIFTS = ["A", "B", "C", "unregistered"];
const runs = { seed: SEED, numRuns: 200 };

/** What a lift may say; several at once of the values that rules look at. */
const signal = fc.oneof(
  fc.record({ channel: fc.constant("door"), state: fc.constantFrom("closed", "opening", "open", "closing", "unknown") }),
  fc.record(
    {
      channel: fc.constant("speed"),
      speedMps: fc.constantFrom(0, 0.02, 0.2, 0.4, 1.2, 1.9, 2.1, -2.3),
      doorZone: fc.boolean(),
      levelOffsetMm: fc.constantFrom(0, 5, 250),
    },
    { requiredKeys: ["channel", "speedMps"] },
  ),
  fc.record(
    {
      channel: fc.constant("status"),
      persons: fc.constantFrom(0, 1, 3, null),
      loadKg: fc.constantFrom(0, 75),
      mode: fc.constantFrom("normal", "inspection", "firefighter", "out-of-service"),
      doorZone: fc.boolean(),
    },
    { requiredKeys: ["channel"] },
  ),
  fc.record(
    { channel: fc.constant("fault"), code: fc.constantFrom("00", "01", "08", "43", "40", "90", "x7"), active: fc.boolean() },
    { requiredKeys: ["channel", "code"] },
  ),
  fc.record({ channel: fc.constant("online"), online: fc.boolean() }),
);

const step = fc.record({
  lift: fc.nat(LIFTS.length - 1),
  signal,
  waitMs: fc.constantFrom(0, 100, 900, 1_000, 7_000, 31_000, 95_000),
  /** What the network or the device does to it. */
  fate: fc.constantFrom("whole", "whole", "whole", "whole", "twice", "lost", "reboot", "garbage"),
  act: fc.boolean(),
});
const story = fc.array(step, { maxLength: 60 });
type Story = readonly (typeof step extends fc.Arbitrary<infer T> ? T : never)[];

interface Sent {
  readonly sentAt: number;
  readonly topic: string;
  readonly payload: string;
}

/** Messages of a story, in the order and at the times at which they were sent, with one seq a lift and boot. */
function sent(steps: Story): Sent[] {
  const messages: Sent[] = [];
  const seqs = LIFTS.map(() => 0);
  const boots = LIFTS.map(() => 0);
  let now = START;
  for (const { lift, signal, waitMs, fate } of steps) {
    now += waitMs;
    if (fate === "reboot") {
      boots[lift] = (boots[lift] ?? 0) + 1;
      seqs[lift] = 0;
    }
    const { channel, ...fields } = signal;
    const seq = seqs[lift] ?? 0;
    seqs[lift] = seq + 1;
    if (fate === "lost") continue;
    const body = fate === "garbage" ? { at: "now" } : { at: now, seq, boot: `b${boots[lift]}`, ...fields };
    const message = { sentAt: now, topic: `lifts/${LIFTS[lift]}/${channel}`, payload: JSON.stringify(body) };
    messages.push(message);
    if (fate === "twice") messages.push(message);
  }
  return messages;
}

/** A journal of messages by the time at which they came, with a tick each second and a while after the last. */
function journal(messages: readonly (Sent & { readonly cameAt?: number })[], tailMs = 130_000): Entry[] {
  const entries: Entry[] = [];
  let seq = 0;
  let tickAt = START;
  const tick = (until: number) => {
    for (; tickAt <= until; tickAt += 1_000) entries.push({ kind: "tick", seq: ++seq, receivedAt: tickAt });
  };
  let last = START;
  for (const { topic, payload, sentAt, cameAt = sentAt } of messages) {
    tick(cameAt - 1);
    entries.push({ kind: "message", seq: ++seq, receivedAt: cameAt, topic, payload, source: "", refusal: null });
    last = cameAt;
  }
  tick(last + tailMs);
  return entries;
}

const newMonitor = () => createMonitor(REGISTER, DEFAULT_RULES);
const foldAll = (monitor: Monitor, entries: readonly Entry[]): string => JSON.stringify(entries.map((entry) => monitor.apply(entry)));

/** A story's journal with acts on whatever alert is newest when they come. */
function journalWithActs(steps: Story): Entry[] {
  const scout = newMonitor();
  const entries: Entry[] = [];
  let seq = 0;
  const wanted = steps.map((each) => each.act);
  for (const entry of journal(sent(steps))) {
    const numbered = { ...entry, seq: ++seq };
    entries.push(numbered);
    scout.apply(numbered);
    if (entry.kind !== "message" || wanted.shift() !== true) continue;
    const act: Entry = {
      kind: "act",
      seq: ++seq,
      receivedAt: entry.receivedAt,
      act: "acknowledge",
      alertId: scout.alerts()[0]?.id ?? "none",
      by: "li",
      note: null,
      reason: null,
      until: null,
      minutes: null,
    };
    entries.push(act);
    scout.apply(act);
  }
  return entries;
}

describe(`the laws of the monitor (seed ${SEED})`, () => {
  test("L2: the same journal gives the same effects, byte for byte", () => {
    let changes = 0;
    fc.assert(
      fc.property(story, (steps) => {
        const entries = journalWithActs(steps);
        const first = foldAll(newMonitor(), entries);
        changes += first.split('"change":').length - 1;
        expect(foldAll(newMonitor(), entries)).toBe(first);
      }),
      runs,
    );
    expect(changes).toBeGreaterThan(200);
  });

  test("L3: a snapshot at any entry, written out and read back, and the rest give what the whole gives", () => {
    fc.assert(
      fc.property(story, fc.double({ min: 0, max: 1, noNaN: true }), (steps, where) => {
        const entries = journalWithActs(steps);
        const cut = Math.floor(where * entries.length);
        const whole = newMonitor();
        foldAll(whole, entries.slice(0, cut));
        const saved = JSON.stringify(whole.snapshot());
        const restored = createMonitor([], DEFAULT_RULES);
        restored.restore(JSON.parse(saved));
        expect(JSON.stringify(restored.snapshot())).toBe(saved);
        expect(foldAll(restored, entries.slice(cut))).toBe(foldAll(whole, entries.slice(cut)));
        expect(JSON.stringify(restored.snapshot())).toBe(JSON.stringify(whole.snapshot()));
      }),
      runs,
    );
  });

  test("L4: a duplicate, sent at any later time, changes nothing but its count", () => {
    fc.assert(
      fc.property(story, fc.array(fc.tuple(fc.nat(60), fc.nat(60)), { maxLength: 8 }), (steps, repeats) => {
        const messages = sent(steps).filter((message) => !message.payload.includes("now"));
        const again = [...messages];
        for (const [which, later] of repeats) {
          const message = again[which];
          if (message === undefined) continue;
          const place = Math.min(again.length, which + 1 + later);
          again.splice(place, 0, { ...message, sentAt: again[place - 1]?.sentAt ?? message.sentAt });
        }
        // Without lost readings there are no gaps, so nothing is held and nothing depends on when a repeat came.
        expect(alertsOf(fold(journal(again)))).toEqual(alertsOf(fold(journal(messages))));
      }),
      runs,
    );
  });

  test("L4: order restored within the hold gives exactly the alerts that the order would have given", () => {
    let disordered = 0;
    let changes = 0;
    fc.assert(
      fc.property(story, fc.array(fc.integer({ min: 0, max: 1_900 }), { minLength: 60, maxLength: 60 }), (steps, delays) => {
        const messages = sent(
          steps.map((each) => ({ ...each, fate: each.fate === "lost" || each.fate === "reboot" ? ("whole" as const) : each.fate })),
        );
        // Each lift's first reading comes first, as it does on a connection; what follows is late by less than the hold.
        const begun = new Set<string>();
        const shuffled = messages
          .map((message, index) => {
            const lift = message.topic.split("/")[1] ?? "";
            const first = !begun.has(lift);
            begun.add(lift);
            return { ...message, cameAt: message.sentAt + (first ? 0 : (delays[index] ?? 0)) };
          })
          .sort((a, b) => a.cameAt - b.cameAt);
        const inOrder = shuffled.map(({ cameAt }, index) => ({ ...(messages[index] as Sent), cameAt }));
        const expected = withoutTicks(inOrder);
        expect(withoutTicks(shuffled)).toEqual(expected);
        if (shuffled.some(({ payload }, index) => payload !== inOrder[index]?.payload)) disordered += Object.keys(expected).length;
        changes += Object.values(expected).flat().length;
      }),
      { ...runs, numRuns: 600 },
    );
    expect(disordered).toBeGreaterThan(20);
    expect(changes).toBeGreaterThan(150);
  });

  test("L5: received = accepted + duplicate + quarantined at every entry, and every accepted reading comes out once", () => {
    fc.assert(
      fc.property(story, (steps) => {
        const monitor = newMonitor();
        let readings = 0;
        for (const entry of journal(sent(steps))) {
          readings += monitor.apply(entry).readings.length;
          const { received, accepted, duplicate, late, quarantined } = monitor.counts;
          expect(received).toBe(accepted + duplicate + quarantined);
          expect(late).toBeLessThanOrEqual(accepted);
        }
        expect(readings).toBe(monitor.counts.accepted);
      }),
      runs,
    );
  });

  test("at most one alert is active for a lift and hazard, changes are numbered without gaps, and no id comes twice", () => {
    fc.assert(
      fc.property(story, (steps) => {
        const changes = fold(journalWithActs(steps)).flatMap((effects) => effects.changes);
        const active = new Map<string, string>();
        const ids = new Set<string>();
        const wrong: string[] = [];
        for (const [index, { n, change, alert }] of changes.entries()) {
          const key = `${alert.liftId} ${alert.hazard}`;
          if (n !== index + 1) wrong.push(`change ${index + 1} is numbered ${n}`);
          if (!ids.has(alert.id) && active.has(key)) wrong.push(`${key} is raised while it is active`);
          if (!ids.has(alert.id)) active.set(key, alert.id);
          ids.add(alert.id);
          if (change === "cleared") active.delete(key);
          if (alert.state === "active" && active.get(key) !== alert.id) wrong.push(`${key} is active twice`);
        }
        expect(wrong).toEqual([]);
      }),
      runs,
    );
  });
});

function fold(entries: readonly Entry[]): Effects[] {
  const monitor = newMonitor();
  return entries.map((entry) => monitor.apply(entry));
}

/** What the alerts say, without where in the journal it stands. */
function alertsOf(effects: readonly Effects[]): unknown[] {
  return effects.flatMap((each) => each.changes.map(essence));
}

function essence({ change, alert }: Change): unknown {
  const { entries, detectedAt, details, ...rest } = alert;
  expect(entries.first).toBeLessThanOrEqual(entries.last);
  expect(detectedAt).toBeGreaterThan(0);
  return { change, ...rest, values: { ...details, backlog: undefined, end: undefined } };
}

/** By lift, because the order among lifts is the network's; silence is left out, because it is judged by the clock of arrival. */
function withoutTicks(messages: readonly (Sent & { readonly cameAt?: number })[]): Record<string, unknown[]> {
  const entries = journal(messages, 4_000).filter((entry): entry is MessageEntry => entry.kind === "message");
  const end: Entry = { kind: "tick", seq: entries.length + 1, receivedAt: (entries.at(-1)?.receivedAt ?? START) + 3_000 };
  const byLift: Record<string, unknown[]> = {};
  for (const effects of fold([...entries.map((entry, index) => ({ ...entry, seq: index + 1 })), end])) {
    for (const change of effects.changes) (byLift[change.alert.liftId] ??= []).push(essence(change));
  }
  return byLift;
}
