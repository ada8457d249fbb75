import { array, assert, constant, constantFrom, oneof, property } from "fast-check";
import { describe, expect, test } from "vitest";
import { allowedActs, closeNeedsReason, isDone, isOver, nextAct } from "../../dashboards/web/src/handling.ts";
import { match } from "../../dashboards/web/src/router-match.ts";
import { perform } from "../../src/core/alert-acts.ts";
import type { Alert } from "../../src/core/effects.ts";
import { ACTS, type Act, type ActName } from "../../src/core/entry.ts";
import { DEFAULT_RULES } from "../../src/core/rules.ts";
import { anAlert } from "../alert-rows.ts";

const NOW = 1_000_000;

const alert = (more: Partial<Alert>): Alert => anAlert({ hazard: "entrapment", priority: "critical", ...more });

const act = (name: ActName): Act => ({ act: name, alertId: "A", by: "li", note: null, reason: "a reason", until: null, minutes: null });

describe("what the page offers", () => {
  test("is what the program takes, in every state that acts lead to", () => {
    const kinds = constantFrom<Partial<Alert>>(
      { hazard: "entrapment" },
      { hazard: "overspeed" },
      { hazard: "overspeed", priority: "high" },
      { hazard: "door-held-open", priority: "low" },
      { hazard: "overspeed", suppressedBy: "mode:inspection" },
    );
    const steps = array(oneof(constantFrom(...ACTS), constant("the signal ends" as const)), { maxLength: 8 });
    let looked = 0;
    assert(
      property(kinds, steps, (kind, course) => {
        const held = alert(kind);
        for (const step of course) {
          if (isOver(held)) return;
          const taken = ACTS.filter((name) => typeof perform(structuredClone(held), act(name), NOW, DEFAULT_RULES) === "string");
          expect([...allowedActs(held)].toSorted(), JSON.stringify(held)).toEqual([...taken].toSorted());
          const next = nextAct(held);
          expect([null, ...taken]).toContain(next);
          looked += 1;
          if (step === "the signal ends") Object.assign(held, { state: "cleared", clearedAt: NOW });
          else if (taken.includes(step)) {
            perform(held, act(step), NOW, DEFAULT_RULES);
            // Who acts has seen it; the alert's book marks that.
            if (step !== "shelve" && step !== "unshelve")
              Object.assign(held, { acknowledged: true, acknowledgedAt: held.acknowledgedAt ?? NOW });
            if (!isDone(step, held)) throw new Error(`${step} is not seen as done: ${JSON.stringify(held)}`);
          }
        }
      }),
      { seed: 7, numRuns: 500 },
    );
    expect(looked).toBeGreaterThan(500);
  });

  test("leads an entrapment through its acts one by one", () => {
    const held = alert({});
    const course: string[] = [];
    for (let next = nextAct(held); next !== null; next = nextAct(held)) {
      course.push(next);
      perform(held, act(next), NOW, DEFAULT_RULES);
      held.acknowledged = true;
    }
    expect(course).toEqual(["acknowledge", "dispatch", "arrive", "rescue", "close"]);
  });

  test("asks for words before it closes what still stands, and only then", () => {
    expect(closeNeedsReason(alert({}))).toBe(true);
    expect(closeNeedsReason(alert({ rescuedAt: NOW }))).toBe(false);
    expect(closeNeedsReason(alert({ state: "cleared" }))).toBe(false);
  });

  test("an address fits its view part by part", () => {
    expect(match("/", "/")).toEqual({});
    expect(match("/lift/:id", "/lift/L%201")).toEqual({ id: "L 1" });
    expect(match("/lift/:id", "/lift/")).toBeNull();
    expect(match("/lift/:id", "/lift/L1/more")).toBeNull();
    expect(match("/lift/:id", "/lifts/L1")).toBeNull();
    expect(match("/lift/:id", "/lift/%E0%A4%A")).toEqual({ id: "%E0%A4%A" });
  });
});
