/** People shut in: apart from all else, the longest first, never filtered, folded or held. */
import type { Alert } from "../../../../src/core/effects.ts";
import { facts } from "../facts.ts";
import { NextAct } from "../parts/acts.tsx";
import { Duties, Trail, Where } from "../parts/alert-parts.tsx";
import { Mark } from "../parts/marks.tsx";
import { Age, When } from "../parts/time.tsx";
import { language, messages } from "../preferences.ts";
import { known, lists, stale } from "../site.ts";
import { words } from "./words.ts";

export function People() {
  const say = words.value;
  const { people } = lists.value;
  return (
    <section class="people" id="people" aria-labelledby="people-title" tabIndex={-1}>
      <h2 id="people-title">
        {say.people} {people.length > 0 && <b>{people.length}</b>}
      </h2>
      {people.length === 0 ? (
        <p class="nobody">{known.value && !stale.value ? say.nobody : messages.value.alerts.unknown}</p>
      ) : (
        <ul class="cards">
          {people.map((alert) => (
            <Card key={alert.id} alert={alert} />
          ))}
        </ul>
      )}
    </section>
  );
}

function Card({ alert }: { readonly alert: Alert }) {
  const say = messages.value;
  const known = facts(alert, say, language.value, { handling: false });
  const ended = alert.state === "cleared";
  return (
    <li class={`card ${alert.acknowledged ? "seen" : "open"} ${ended ? "ended" : ""}`} data-alert={alert.id}>
      <div class="card-head">
        <Mark priority={alert.priority} filled={!alert.acknowledged} />
        <a class="hazard" href={`#alert-${alert.id}`} data-open aria-label={words.value.open(say.hazards[alert.hazard], alert.liftId)}>
          {say.hazards[alert.hazard]}
        </a>
        <span class={`evidence ${alert.evidence}`}>{ended ? words.value.ended : say.evidence[alert.evidence]}</span>
        <span class="push" />
        <b class="since">
          <Age from={alert.raisedAt} />
        </b>
      </div>
      <p class="where">
        <Where alert={alert} />
      </p>
      <p class="facts">
        {known.join(" · ")}
        <span class="quiet since-clock">
          <When at={alert.raisedAt} />
        </span>
      </p>
      <Duties alert={alert} words={words.value.duty} />
      <Trail alert={alert} />
      <div class="acts">
        <NextAct alert={alert} />
        <a class="button" href={`#alert-${alert.id}`}>
          {words.value.more}
          <span class="unseen">
            : {say.hazards[alert.hazard]}, {alert.liftId}
          </span>
        </a>
      </div>
    </li>
  );
}
