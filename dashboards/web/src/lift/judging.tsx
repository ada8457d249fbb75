/** Which hazards the program can judge of this lift, and what it would need for the others. */
import type { Hazard } from "../../../../src/core/effects.ts";
import type { LiftView } from "../../../../src/core/view.ts";
import { language, messages } from "../preferences.ts";
import { words } from "./words.ts";

const ESCALATORS_ONLY: ReadonlySet<string> = new Set([
  "escalator-overspeed",
  "escalator-reversal",
  "escalator-missing-step",
  "handrail-deviation",
]);
const OF_EVERY_MACHINE: ReadonlySet<string> = new Set([
  "reported-fault",
  "repeated-faults",
  "fault-rate-high",
  "silent",
  "mass-event",
  "frozen-signal",
]);

export function Judging({ lift }: { readonly lift: LiftView }) {
  const say = words.value;
  const { hazards } = messages.value;
  const missing = new Set<string>(lift.cannotJudge.map(({ hazard }) => hazard));
  const escalator = lift.register?.kind === "escalator";
  const can = (Object.keys(hazards) as Hazard[]).filter(
    (hazard) => !missing.has(hazard) && (OF_EVERY_MACHINE.has(hazard) || ESCALATORS_ONLY.has(hazard) === escalator),
  );
  return (
    <section aria-labelledby="judging-title">
      <div class="bar">
        <h2 id="judging-title">{say.judged}</h2>
      </div>
      <dl class="pairs">
        <dt>{say.cannot}</dt>
        <dd>
          {lift.cannotJudge.length === 0 ? (
            say.cannotNone
          ) : (
            <ul class="missing">
              {lift.cannotJudge.map(({ hazard, missing: lacks }) => (
                <li key={hazard}>
                  <b>△ {hazards[hazard]}</b>{" "}
                  <span class="quiet">
                    {say.missing}: {lacks.map((name) => say.missingNames[name] ?? name).join(", ")}
                  </span>
                </li>
              ))}
            </ul>
          )}
        </dd>
        <dt>{say.can}</dt>
        <dd>{can.map((hazard) => hazards[hazard]).join(language.value === "zh" ? "、" : ", ")}</dd>
      </dl>
    </section>
  );
}
