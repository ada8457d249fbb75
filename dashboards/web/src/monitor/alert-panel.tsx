/** One alert with all that is known of it, beside the list: `#alert-ID` opens it, also from a notification. */
import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import type { Alert } from "../../../../src/core/effects.ts";
import { facts } from "../facts.ts";
import { span } from "../format.ts";
import { isEntrapment } from "../handling.ts";
import { AllActs } from "../parts/acts.tsx";
import { Duties, foldedBecause, liftHref, Trail, Where } from "../parts/alert-parts.tsx";
import { Mark } from "../parts/marks.tsx";
import { Age, Moment, When } from "../parts/time.tsx";
import { language, messages } from "../preferences.ts";
import { type Explained, getAlert, Refused } from "../rest.ts";
import { place, setHash } from "../router.ts";
import { alertById, lists, may } from "../site.ts";
import { Judged } from "./judged.tsx";
import { words } from "./words.ts";

const PREFIX = "alert-";
/** What the feed tells of the alert while it is open is asked for anew at most so often. */
const AGAIN_MS = 700;

type Answer =
  | { readonly id: string; readonly state: "found"; readonly alert: Explained }
  | { readonly id: string; readonly state: "unknown" | "failed" };

const answer = signal<Answer | null>(null);

export function openAlertId(): string | null {
  const { hash } = place.value;
  return hash.startsWith(PREFIX) ? hash.slice(PREFIX.length) : null;
}

export function closeAlert(): void {
  const id = openAlertId();
  setHash("");
  if (id !== null) document.querySelector<HTMLElement>(`[data-alert="${CSS.escape(id)}"] [data-open]`)?.focus();
}

export function AlertPanel() {
  const id = openAlertId();
  return id === null ? null : <Panel key={id} id={id} />;
}

function Panel({ id }: { readonly id: string }) {
  const title = useRef<HTMLHeadingElement>(null);
  void lists.value;
  const live = alertById(id);
  useEffect(() => {
    title.current?.focus();
  }, [answer.value?.id === id || live !== undefined]);
  useEffect(() => {
    let over = false;
    async function look(): Promise<void> {
      const found = await ask(id);
      if (!over) answer.value = found;
    }
    const timer = window.setTimeout(
      () => {
        void look();
      },
      answer.peek()?.id === id ? AGAIN_MS : 0,
    );
    return () => {
      over = true;
      clearTimeout(timer);
    };
  }, [id, live]);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape" && document.querySelector("dialog:modal") === null) closeAlert();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  const asked = answer.value?.id === id ? answer.value : null;
  const explained = asked?.state === "found" ? asked.alert : null;
  const alert = live ?? explained;
  const say = messages.value;
  return (
    <aside class="panel" aria-labelledby="panel-title">
      <div class="dialog-head">
        <h2 id="panel-title" ref={title} tabIndex={-1}>
          {alert === null ? say.parts.loading : say.hazards[alert.hazard]}
        </h2>
        <button type="button" class="plain" aria-label={say.parts.close} onClick={closeAlert}>
          ✕
        </button>
      </div>
      {alert !== null && <Head alert={alert} />}
      {asked?.state === "unknown" && alert === null && <p role="alert">{words.value.panel.unknown}</p>}
      {asked?.state === "failed" && <p role="alert">{say.parts.failed}</p>}
      {alert?.hazard === "mass-event" && <Inside event={alert} />}
      {explained !== null && <Explanation alert={explained} />}
    </aside>
  );
}

async function ask(id: string): Promise<Answer> {
  try {
    return { id, state: "found", alert: await getAlert(id) };
  } catch (error) {
    return { id, state: error instanceof Refused && error.status === 404 ? "unknown" : "failed" };
  }
}

function Head({ alert }: { readonly alert: Alert }) {
  const say = messages.value;
  const folded = foldedBecause(alert, say);
  const known = facts(alert, say, language.value, { handling: false });
  return (
    <>
      <p>
        <Mark priority={alert.priority} filled={!alert.acknowledged} /> <b>{say.priorities[alert.priority]}</b> ·{" "}
        {say.evidence[alert.evidence]}
        {alert.occurrences > 1 && ` · ${say.alerts.times(alert.occurrences)}`}
        {folded !== null && (
          <>
            {" "}
            · <b>{folded}</b>
          </>
        )}
        {alert.shelvedUntil !== null && (
          <>
            {" "}
            <Moment at={alert.shelvedUntil} /> ({alert.shelvedReason})
          </>
        )}
      </p>
      <p>
        <Where alert={alert} />
      </p>
      {known.length > 0 && <p>{known.join(" · ")}</p>}
      <p class="quiet">
        {words.value.panel.raised} <Moment at={alert.raisedAt} />
        {alert.clearedAt === null ? (
          <>
            {" "}
            (<Age from={alert.raisedAt} />)
          </>
        ) : (
          <>
            {" "}
            · {words.value.panel.ended} <Moment at={alert.clearedAt} />
          </>
        )}
      </p>
      {isEntrapment(alert) && <Duties alert={alert} words={words.value.duty} />}
      <Trail alert={alert} />
      <AllActs alert={alert} />
      {alert.hazard !== "mass-event" && (
        <p>
          <a href={liftHref(alert.liftId)}>{words.value.panel.liftPage}</a> ·{" "}
          <a href={`${liftHref(alert.liftId)}?at=${alert.raisedAt}&span=10m`}>{words.value.panel.around}</a>
        </p>
      )}
    </>
  );
}

/** Of a mass event: its entrapments first, then its lifts, as far as it names them. */
function Inside({ event }: { readonly event: Alert }) {
  const say = words.value.panel;
  const ids = Array.isArray(event.details["liftIds"]) ? (event.details["liftIds"] as readonly unknown[]) : [];
  const struck = Array.isArray(event.details["struckIds"]) ? (event.details["struckIds"] as readonly string[]) : [];
  const people = lists.value.people.filter(({ liftId }) => ids.includes(liftId));
  if (people.length + struck.length === 0) return null;
  return (
    <section>
      <h3>{say.inside}</h3>
      <ul>
        {people.map((alert) => (
          <li key={alert.id}>
            <a href={`#alert-${alert.id}`}>{messages.value.hazards[alert.hazard]}</a> <Where alert={alert} />
          </li>
        ))}
      </ul>
      {struck.length > 0 && (
        <p>
          {say.struck}:{" "}
          {struck.map((id) => (
            <span key={id}>
              <a href={liftHref(id)}>{id}</a>{" "}
            </span>
          ))}
        </p>
      )}
    </section>
  );
}

function Explanation({ alert }: { readonly alert: Explained }) {
  const say = words.value.panel;
  const { rationale, history } = alert;
  const of = language.value;
  return (
    <>
      <section>
        <h3>{say.why}</h3>
        <dl class="pairs">
          <dt>{say.action}</dt>
          <dd>
            <b>{rationale.action[of]}</b>
          </dd>
          <dt>{say.owner}</dt>
          <dd>{say.within(rationale.owner[of], span(rationale.respondWithinMs, messages.value.units))}</dd>
          <dt>{say.cause}</dt>
          <dd>{rationale.cause[of]}</dd>
          <dt>{say.consequence}</dt>
          <dd>{rationale.consequence[of]}</dd>
        </dl>
      </section>
      <Judged rows={alert.judged} version={alert.rule.version} />
      <section>
        <h3>{say.history}</h3>
        <table class="data">
          <thead>
            <tr>
              <th scope="col">{say.when}</th>
              <th scope="col">{say.change}</th>
              <th scope="col">{say.who}</th>
              <th scope="col">{say.note}</th>
            </tr>
          </thead>
          <tbody>
            {history.map(({ cursor, change, at, by, note, alert: then }) => (
              <tr key={cursor}>
                <td>
                  <When at={at} />
                </td>
                <td>{messages.value.changes[change]}</td>
                <td>{by}</td>
                <td>{note ?? (change === "shelved" ? then.shelvedReason : change === "closed" ? then.closedReason : null)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <p>
        <a href={`/alert/${encodeURIComponent(alert.id)}`}>{say.readings}</a>
        {may("engineer") && (
          <>
            {" · "}
            <a href={`/engineer?alert=${encodeURIComponent(alert.id)}`}>{say.replay}</a> ·{" "}
            <a href={alert.journal.recording} download>
              {say.recording}
            </a>
          </>
        )}
      </p>
    </>
  );
}
