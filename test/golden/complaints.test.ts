/**
 * What users of the peers complain about, as far as it concerns alarms, their history or replay: each complaint by its project and
 * number, and what happens here instead. Those that need servers are in test/integration/complaints.test.ts.
 */
import { describe, expect, test } from "vitest";
import type { Change } from "../../src/core/effects.ts";
import type { Act, Entry } from "../../src/core/entry.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { createMonitor, type Monitor } from "../../src/core/monitor.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { changeFrame } from "../../src/feed/change-frame.ts";
import { draftOfAct, draftOfMessage, toEntry } from "../../src/journal/entries.ts";
import type { JournalRecord } from "../../src/journal/journal.ts";
import { entryLine } from "../../src/recording/line.ts";
import { parseLine } from "../../src/recording/parse.ts";
import { OperatorLoad } from "../../src/reports/operator-load.ts";
import { Decider, MINUTE_MS, planOf, START as NOTIFIED_FROM } from "../unit/notify-rows.ts";
import { entries, fold, LIFT, messages, newMonitor, START, tell, told } from "./timeline.ts";

const TRAPPED = `
  0   status persons=2 mode=normal
  0   door   state=closed
  5   speed  speedMps=1.5 doorZone=false
  10  speed  speedMps=0   doorZone=false`;
const FREED = `${TRAPPED}\n 50 speed speedMps=0.2 doorZone=false\n 52 speed speedMps=0 doorZone=true\n 53 door state=open`;

const changesOf = (monitor: Monitor, list: readonly Entry[]): Change[] => fold(monitor, list).flatMap(({ changes }) => changes);

/** The lines of an alerts file that come of an entry. */
const say = (monitor: Monitor, entry: Entry): string[] =>
  monitor.apply(entry).changes.map((change) => JSON.stringify(changeFrame("e", change)));

/** Folds a script in which an operator acts at a second on the newest alert of the lift; returns what was told. */
function operated(script: string, untilS: number, acts: readonly { readonly atS: number; readonly act: Act["act"] }[]): string[] {
  const monitor = newMonitor();
  const lines: string[] = [];
  let seq = 0;
  let alertId = "";
  const apply = (entry: Entry): void => {
    seq += 1;
    for (const change of monitor.apply({ ...entry, seq }).changes) {
      alertId = change.alert.id;
      lines.push(`${told(change)}${change.alert.acknowledged ? " acknowledged" : ""}`);
    }
  };
  for (const entry of entries(messages(script), untilS)) {
    apply(entry);
    for (const { atS, act } of acts) {
      if (entry.kind !== "tick" || entry.receivedAt !== START + atS * 1_000) continue;
      const given = { act, alertId, by: "Li", note: null, reason: null, until: null, minutes: null };
      apply({ kind: "act", seq: 0, receivedAt: entry.receivedAt, ...given });
    }
  }
  return lines;
}

test("duplicate alarms from messages milliseconds apart (thingsboard#15583): one alert, whether it is one reading twice or two of the same", () => {
  const twice =
    "0 speed speedMps=1\n 1 speed speedMps=2.2\n 1.001 speed speedMps=2.2 seq=1\n 1.002 speed speedMps=2.2\n 1.004 speed speedMps=2.2";
  expect(tell(twice, 1)).toEqual(["1.002 raised overspeed confirmed critical at 1.002"]);
  const fault = "0 fault code=01\n 0.001 fault code=01 seq=0\n 0.002 fault code=01\n 0.003 fault code=01";
  expect(tell(fault, 5).filter((line) => line.includes("raised"))).toHaveLength(1);
});

describe("alarm state lost or fired again on restart (kapacitor#744, VictoriaMetrics#8225)", () => {
  test("a restart after any entry goes on exactly where the run was: nothing is lost, nothing is told again", () => {
    const list = entries(messages(FREED), 70);
    const whole = changesOf(newMonitor(), list);
    expect(whole.map(told)).toEqual([
      "40 raised entrapment suspected critical at 40",
      "53 cleared entrapment suspected critical at 40 until 53",
    ]);
    for (let at = 0; at <= list.length; at++) {
      const before = newMonitor();
      const first = changesOf(before, list.slice(0, at));
      const after = createMonitor([], DEFAULT_RULES);
      after.restore(JSON.parse(JSON.stringify(before.snapshot())) as ReturnType<Monitor["snapshot"]>);
      expect([...first, ...changesOf(after, list.slice(at))], `restart after entry ${at}`).toEqual(whole);
    }
  });
  test("an outage of ours while an alarm stands neither ends it nor raises it anew when listening goes on", () => {
    const list = entries(messages(TRAPPED), 60);
    const last = list.at(-1)?.receivedAt ?? 0;
    const monitor = newMonitor();
    const before = changesOf(monitor, list);
    const later = Array.from({ length: 20 }, (_, n): Entry => ({
      kind: "tick",
      seq: list.length + n + 1,
      receivedAt: last + 3_600_000 + n * 1_000,
    }));
    expect(before.map(told)).toEqual(["40 raised entrapment suspected critical at 40"]);
    expect(changesOf(monitor, later).map(({ change }) => change)).not.toContain("raised");
    expect(monitor.alerts().map(({ id, state }) => [id, state])).toEqual([[before[0]?.alert.id, "active"]]);
  });
});

test("a storm after an upgrade (grafana#50186): new limits over two hundred standing alerts tell of none of them again", () => {
  const fleet = Array.from({ length: 200 }, (_, n): LiftRecord => ({ ...LIFT, liftId: `L${n}`, building: `B${n}` }));
  const monitor = createMonitor(fleet, DEFAULT_RULES);
  const list = entries(
    fleet.flatMap(({ liftId }) => messages("0 status mode=normal\n 1 fault code=01\n 2 speed speedMps=0", liftId)),
    5,
  );
  expect(changesOf(monitor, list).filter(({ change }) => change === "raised")).toHaveLength(200);
  const upgraded = createMonitor([], DEFAULT_RULES);
  upgraded.restore(JSON.parse(JSON.stringify(monitor.snapshot())) as ReturnType<Monitor["snapshot"]>);
  const rules = { ...DEFAULT_RULES, version: "site-2", overspeed: { ...DEFAULT_RULES.overspeed, warnFactor: 1.07 } };
  const receivedAt = START + 6_000;
  const next: Entry[] = [
    { kind: "rules", seq: list.length + 1, receivedAt, rules },
    ...Array.from({ length: 30 }, (_, n): Entry => ({ kind: "tick", seq: list.length + 2 + n, receivedAt: receivedAt + n * 1_000 })),
  ];
  expect(changesOf(upgraded, next)).toEqual([]);
  expect(upgraded.alerts().filter(({ state }) => state === "active")).toHaveLength(200);
});

test("no acknowledge until clear (alertmanager#1860): an acknowledgement holds through confirmation and recurrence until the alert is over, and not for the next", () => {
  const script = `${FREED}
    60 door  state=closed
    61 speed speedMps=1.5 doorZone=false
    70 speed speedMps=0   doorZone=false`;
  expect(operated(script, 110, [{ atS: 45, act: "acknowledge" }])).toEqual([
    "40 raised entrapment suspected critical at 40",
    "45 acknowledged entrapment suspected critical at 40 acknowledged",
    "53 cleared entrapment suspected critical at 40 until 53 acknowledged",
    "100 raised entrapment suspected critical at 100",
  ]);
  expect(operated(TRAPPED, 110, [{ atS: 45, act: "acknowledge" }]).at(-1)).toBe(
    "100 confirmed entrapment confirmed critical at 40 acknowledged",
  );
});

test("no flap handling (alertmanager#204): what comes and goes all the time is raised three times, then held as one alert until it is quiet", () => {
  const flaps = Array.from({ length: 12 }, (_, n) => `${n * 10 + 1} fault code=08\n ${n * 10 + 4} fault code=08 active=false`).join("\n");
  const monitor = newMonitor();
  const changes = changesOf(monitor, entries(messages(`0 status mode=normal\n ${flaps}`), 240)).filter(
    ({ alert }) => alert.hazard === "reported-fault",
  );
  expect(changes.filter(({ change }) => change === "raised")).toHaveLength(3);
  const last = changes.at(-1);
  expect(last).toMatchObject({ change: "cleared", alert: { chattering: true, occurrences: 12 } });
});

test("server time instead of event time on alarms (thingsboard#8191): an alarm that comes late bears the device's time, and says when it was heard", () => {
  const late = TRAPPED.replaceAll(/^ {2}(\d+) +/gm, "  900 ")
    .split("\n")
    .filter((line) => line !== "")
    .map((line, index) => `${line} at=${[0, 0, 5, 10][index]}`)
    .join("\n");
  const changes = changesOf(newMonitor(), entries(messages(`0 status mode=normal\n ${late}\n 900 status persons=2 at=60`), 901));
  expect(changes.find(({ change, alert }) => change === "raised" && alert.hazard === "entrapment")?.alert).toMatchObject({
    raisedAt: START + 40_000,
    detectedAt: START + 900_000,
    details: { backlog: true },
  });
});

test("day buckets wrong in a time zone (thingsboard#1727, influxdb#26090): an alarm counts on the site's day, also in the hour that is UTC's yesterday", () => {
  const at = Date.UTC(2026, 10, 21, 16, 30);
  const period = { from: at - 86_400_000, to: at + 86_400_000, positions: 1 };
  const dayOf = (timezone: string): string | undefined => {
    const load = new OperatorLoad({ ...period, timezone });
    const [change] = changesOf(newMonitor(), entries(messages("0 fault code=01"), 1));
    if (change === undefined) throw new Error("no change");
    load.take({ ...change, at });
    return load.report().days.find(({ pages }) => pages > 0)?.day;
  };
  expect([dayOf("Asia/Shanghai"), dayOf("UTC")]).toEqual(["2026-11-22", "2026-11-21"]);
});

test("an offline alarm late or never (thingsboard#6821): silence is told within a second of its limit, with no message from anybody", () => {
  expect(tell("0 online online=true keepAliveS=60", 370)).toEqual([
    "181 raised silent suspected medium at 180",
    "361 confirmed silent confirmed medium at 180",
  ]);
});

test("a retained offline wins after restart (home-assistant/core#69466): a will that a broker sends again makes no speaking lift silent", () => {
  const will = "online online=false boot=b1-will seq=0";
  const script = `0 online online=true\n 10 ${will}\n 12 online online=true boot=b2 seq=0\n 13 status persons=0 boot=b2\n 60 ${will}\n 100 ${will}`;
  const monitor = newMonitor();
  const speaking = Array.from({ length: 5 }, (_, n) => `${120 + n * 60} status persons=0 boot=b2 seq=${n + 2}`).join("\n");
  expect(changesOf(monitor, entries(messages(`${script}\n ${speaking}`), 400))).toEqual([]);
  expect(monitor.lift("L1")).toMatchObject({ online: true, state: "in-service" });
});

describe("late data vanish, or windows never close (risingwave#23270)", () => {
  test("a reading that comes after its turn is kept, marked late and counted, and changes no alert", () => {
    const monitor = newMonitor();
    const script = "0 speed speedMps=0\n 1 speed speedMps=0 seq=2\n 20 speed speedMps=2.2 at=0.5 seq=1";
    const effects = fold(monitor, entries(messages(script), 30));
    const readings = effects.flatMap((each) => each.readings);
    expect(readings.map(({ reading, late }) => [reading.seq, late])).toEqual([
      [0, false],
      [2, false],
      [1, true],
    ]);
    expect(effects.flatMap(({ changes }) => changes)).toEqual([]);
    expect(monitor.counts).toMatchObject({ received: 3, accepted: 3, late: 1 });
  });
  test("a condition that must last comes to its end by the clock, though nobody says another word", () => {
    expect(tell(TRAPPED, 45)).toEqual(["40 raised entrapment suspected critical at 40"]);
  });
});

test("escalation goes on during maintenance (IncidentRelay#40): a mechanic's inspection mode ends it, and nothing else about the lift is told", () => {
  const plan = planOf({ routes: [{ to: ["desk"], escalate: [{ afterMinutes: 5, to: ["chief"] }] }] });
  /** Targets told within ten minutes; the outbox's clock is moved to the timeline's. */
  const targets = (script: string): string[] => {
    const outbox = new Decider(plan, { now: START });
    outbox.state.time = START - 1;
    const changes = changesOf(newMonitor(), entries(messages(script), 20));
    expect(changes[0]).toMatchObject({ change: "raised", alert: { hazard: "overspeed", priority: "high" } });
    return outbox.stretch(changes, (START - NOTIFIED_FROM) / MINUTE_MS + 10).map(({ target, kind }) => `${target} ${kind}`);
  };
  const fast = "0 status mode=normal\n 1 speed speedMps=1.95\n 2 speed speedMps=1.95\n 3 speed speedMps=1.95\n 4 speed speedMps=1.95";
  expect(targets(fast)).toEqual(["desk change", "chief escalation"]);
  expect(targets(`${fast}\n 10 status mode=inspection\n 12 fault code=01`)).toEqual(["desk change"]);
});

test("a replay differs from live (kapacitor#691, VictoriaMetrics#5186): a run written as a recording and read back tells the same bytes", () => {
  const run: JournalRecord[] = [];
  const add = (draft: Omit<JournalRecord, "seq" | "receivedAt">, receivedAt: number): void => {
    run.push({ ...draft, seq: run.length + 1, receivedAt });
  };
  const live = newMonitor();
  const bytes: string[] = [];
  for (const entry of entries(messages(`${FREED}\n 60 speed speedMps=2.3\n 61 speed speedMps=2.3\n 70 door state=open at=900`), 90)) {
    if (entry.kind === "message") add(draftOfMessage(entry.topic, Buffer.from(entry.payload ?? ""), entry.source, null), entry.receivedAt);
    else add({ kind: "tick", source: "", topic: "", payload: new Uint8Array(0), refusal: null }, entry.receivedAt);
    const [alert] = live.alerts();
    const record = run.at(-1);
    if (record !== undefined) bytes.push(...say(live, toEntry(record) as Entry));
    if (entry.receivedAt === START + 45_000 && alert !== undefined) {
      add(
        draftOfAct({ act: "acknowledge", alertId: alert.id, by: "Li", note: "看到了", reason: null, until: null, minutes: null }),
        entry.receivedAt,
      );
      const act = run.at(-1);
      if (act !== undefined) bytes.push(...say(live, toEntry(act) as Entry));
    }
  }
  const replayed = newMonitor();
  const again = run.flatMap((record) => {
    const line = parseLine((entryLine(record, true) ?? "").trim());
    if ("problem" in line || line.kind !== "entry") throw new Error(JSON.stringify(line));
    return say(replayed, line.toEntry(line.seq ?? 0) as Entry);
  });
  expect(bytes.some((text) => text.includes('"acknowledged"') && text.includes("看到了"))).toBe(true);
  expect(bytes.length).toBeGreaterThan(3);
  expect(again).toEqual(bytes);
  expect(JSON.stringify(replayed.snapshot())).toBe(JSON.stringify(live.snapshot()));
});
