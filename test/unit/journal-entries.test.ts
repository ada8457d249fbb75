import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/config.ts";
import type { LiftRecord } from "../../src/core/lift.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import {
  draftOfAct,
  draftOfMessage,
  draftOfRules,
  draftOfTick,
  draftOfWorkOrder,
  draftsOfRegister,
  toEntry,
} from "../../src/journal/entries.ts";
import type { Draft, JournalRecord } from "../../src/journal/journal.ts";
import { append, JournalRig, readAll } from "./journal-rig.ts";

const place = { seq: 7, receivedAt: 1_000 };
const recordOf = (draft: Draft): JournalRecord => ({ ...draft, ...place });

describe("entries", () => {
  test("a message reads as its text, with where it came from", () => {
    const draft = draftOfMessage("lifts/L1/door", Buffer.from('{"note":"电梯"}'), "gateway", null);
    expect(toEntry(recordOf(draft))).toEqual({
      ...place,
      kind: "message",
      topic: "lifts/L1/door",
      payload: '{"note":"电梯"}',
      source: "gateway",
      refusal: null,
    });
  });

  test("bytes that are not UTF-8 read as null, and are kept as they came", async () => {
    await using rig = new JournalRig();
    const journal = await rig.open();
    const bytes = Uint8Array.from([0x7b, 0xff, 0xfe]);
    await append(journal, bytes);
    const [record] = await readAll(journal);
    expect(toEntry(record as JournalRecord)).toMatchObject({ kind: "message", payload: null });
    expect([...(record?.payload ?? [])]).toEqual([...bytes]);
  });

  test.each(["topic-not-authorized", "topic-invalid", "payload-too-large"] as const)(
    "the refusal %s survives the journal",
    async (refusal) => {
      await using rig = new JournalRig();
      const journal = await rig.open();
      await new Promise((resolve) => journal.append(draftOfMessage("x", Buffer.from("y"), "s", refusal), resolve));
      const [record] = await readAll(journal);
      expect(toEntry(record as JournalRecord)).toMatchObject({ refusal, source: "s", topic: "x" });
    },
  );

  test("a tick, an act, a work order and rules read as what was drafted", () => {
    expect(toEntry(recordOf(draftOfTick()))).toEqual({ ...place, kind: "tick" });
    const act = {
      act: "acknowledge",
      alertId: "01ARZ3NDEKTSV4RRFFQ69G5FAV",
      by: "王芳",
      note: null,
      reason: null,
      until: null,
      minutes: null,
    } as const;
    expect(toEntry(recordOf(draftOfAct(act)))).toEqual({ ...place, kind: "act", ...act });
    const shelving = { ...act, act: "shelve", reason: "改造", until: 9_000 } as const;
    expect(toEntry(recordOf(draftOfAct(shelving)))).toEqual({ ...place, kind: "act", ...shelving });
    const order = { liftId: "L1", work: "repair", by: "王芳", note: "新门机" } as const;
    expect(toEntry(recordOf(draftOfWorkOrder(order)))).toEqual({ ...place, kind: "work-order", ...order });
    expect(toEntry(recordOf(draftOfRules(DEFAULT_RULES)))).toEqual({ ...place, kind: "rules", rules: DEFAULT_RULES });
  });

  test("a city's register goes in parts of a thousand lifts, each within a record, and comes back whole", () => {
    const lifts: LiftRecord[] = Array.from({ length: 16_409 }, (_, index) => ({
      liftId: `SG-${index}`,
      kind: "passenger",
      district: "武江区",
      ratedSpeedMps: 1.75,
      floors: 18,
    }));
    const drafts = draftsOfRegister(lifts);
    expect(drafts.length).toBe(17);
    const parts = drafts.map((draft) => toEntry(recordOf(draft)));
    expect(parts.flatMap((part) => (part.kind === "register" ? part.lifts : []))).toEqual(lifts);
    expect(parts.map((part) => (part.kind === "register" ? [part.part, part.parts] : null))).toEqual(parts.map((_, part) => [part, 17]));
  });

  test("lifts with the longest texts go in smaller parts, and an empty register is one part", () => {
    const text = "电".repeat(200);
    const lifts: LiftRecord[] = Array.from({ length: 1_000 }, (_, index) => ({
      liftId: `L${index}`,
      district: text,
      building: text,
      address: text,
      maker: text,
      model: text,
      firm: text,
      station: text,
      userUnit: text,
    }));
    const drafts = draftsOfRegister(lifts);
    expect(drafts.length).toBeGreaterThan(1);
    expect(Math.max(...drafts.map((draft) => draft.payload.length))).toBeLessThanOrEqual(LIMITS.journal.recordBytes - 64);
    expect(drafts.map((draft) => toEntry(recordOf(draft))).flatMap((part) => (part.kind === "register" ? part.lifts : []))).toEqual(lifts);
    expect(draftsOfRegister([]).map((draft) => toEntry(recordOf(draft)))).toEqual([
      { ...place, kind: "register", part: 0, parts: 1, lifts: [] },
    ]);
  });

  test.each([
    ["act", "{", "JSON"],
    ["act", '{"act":"dance","alertId":"a","by":"b","note":null}', "act"],
    ["register", '{"part":1,"parts":1,"lifts":[]}', "part < parts"],
    ["register", '{"part":0,"parts":1,"lifts":[{"liftId":"a b"}]}', "lifts.0.liftId"],
    ["rules", '{"version":1}', "version"],
    ["rules", "", "JSON"],
  ] as const)("a %s of %s is reported as corrupt and thrown into nothing", (kind, payload, reason) => {
    const record: JournalRecord = { ...place, kind, source: "", topic: "", payload: Buffer.from(payload), refusal: null };
    expect(toEntry(record)).toEqual({ ...place, kind: "corrupt", reason: expect.stringContaining(reason) });
  });
});
