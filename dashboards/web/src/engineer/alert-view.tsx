/** Why an alert was raised: the values against the limits, what to do about it, the readings around it, and where the journal has them. */
import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";
import { clockTime } from "../format.ts";
import { districtName } from "../messages/messages.ts";
import { Judged } from "../monitor/judged.tsx";
import { Mark } from "../parts/marks.tsx";
import { Moment, When, Zone } from "../parts/time.tsx";
import { language, messages } from "../preferences.ts";
import { Refused } from "../rest.ts";
import { known as feedKnown, alertById, may, zone } from "../site.ts";
import type { ViewProps } from "../views.ts";
import "./engineer.css";
import { figure, seconds } from "./figures.ts";
import { say } from "./messages.ts";
import { getExplained, type ExplainedAlert, type ShownReading } from "./rest.ts";

/** Readings in the table; the recording has all. */
const SHOWN = 400;
/** Fields that say where a reading came from; the rest is what the lift said. */
const ENVELOPE: ReadonlySet<string> = new Set(["channel", "receivedAt", "late", "at", "seq", "boot"]);

export function AlertView({ params }: ViewProps) {
  const id = params["id"] ?? "";
  const words = say.value.alert;
  const alert = useSignal<ExplainedAlert | null>(null);
  const failure = useSignal<string | null>(null);
  // The feed tells when it has changed; what explains it is fetched then.
  const newest = (void feedKnown.value, alertById(id));
  useEffect(() => {
    let gone = false;
    const fetchAlert = async (): Promise<void> => {
      try {
        const found = await getExplained(id);
        if (gone) return;
        alert.value = found;
        failure.value = null;
      } catch (error) {
        if (!gone) failure.value = error instanceof Refused && error.status === 404 ? words.unknown : (error as Error).message;
      }
    };
    void fetchAlert();
    return () => {
      gone = true;
    };
  }, [id, newest?.state, newest?.priority, newest?.evidence, newest?.acknowledged, newest?.occurrences]);
  const found = alert.value;
  return (
    <main class="page engineer alert-page" id="main" tabIndex={-1}>
      {failure.value !== null && (
        <p class="failure" role="alert">
          {failure.value}
        </p>
      )}
      {found === null ? failure.value === null && <p class="quiet">{messages.value.parts.loading}</p> : <Explained alert={found} />}
    </main>
  );
}

function Explained(props: { readonly alert: ExplainedAlert }) {
  const { alert } = props;
  const words = say.value.alert;
  const { hazard, priority, evidence, state, liftId, lift, raisedAt, detectedAt, clearedAt, occurrences, suppressedBy } = alert;
  const place = [lift.building, lift.district === null ? null : districtName(lift.district, language.value), lift.firm];
  return (
    <>
      <h1 class="alert-title">
        <Mark priority={priority} filled={!alert.acknowledged} /> {messages.value.hazards[hazard]}{" "}
        <span class="quiet">
          {messages.value.priorities[priority]} · {messages.value.evidence[evidence]} · {state === "active" ? words.active : words.ended}
        </span>
      </h1>
      <p>
        <a href={`/lift/${encodeURIComponent(liftId)}`}>{liftId}</a>{" "}
        <span class="quiet">{place.filter((part) => part !== null).join(" · ")}</span>
      </p>
      <dl class="alert-facts">
        <Fact name={words.raised}>
          <Moment at={raisedAt} />
        </Fact>
        <Fact name={words.detected}>
          <When at={detectedAt} /> <span class="quiet">{words.after(seconds(Math.max(0, detectedAt - raisedAt)))}</span>
        </Fact>
        <Fact name={words.cleared}>{clearedAt === null ? "–" : <When at={clearedAt} />}</Fact>
        <Fact name={words.occurrences}>{figure(occurrences)}</Fact>
        {suppressedBy !== null && <Fact name={words.suppressed}>{suppressedBy}</Fact>}
        <Fact name={words.version}>
          <code>{alert.rule.version}</code>
        </Fact>
        <Fact name={words.zone}>
          <Zone />
        </Fact>
      </dl>
      <Doors alert={alert} />
      <div class="alert-columns">
        <div>
          <Judged rows={alert.judged} version={alert.rule.version} level={2} />
          <History alert={alert} />
        </div>
        <div>
          <Rationale alert={alert} />
          <Readings alert={alert} />
        </div>
      </div>
    </>
  );
}

function Fact(props: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{props.name}</dt>
      <dd>{props.children}</dd>
    </div>
  );
}

/** Where one goes from here: only for those who may. */
function Doors(props: { readonly alert: ExplainedAlert }) {
  const { alert } = props;
  const words = say.value.alert;
  if (!may("engineer")) return null;
  return (
    <p class="alert-doors">
      <a class="button" href={`/engineer?alert=${encodeURIComponent(alert.id)}`}>
        ▶ {words.replay}
      </a>
      <a class="button" href={alert.journal.recording} download={`${alert.liftId}-${alert.id}.ndjson`}>
        {words.recording}
      </a>
      <span class="quiet">{words.journal(figure(alert.journal.first), figure(alert.journal.last))}</span>
    </p>
  );
}

function Rationale(props: { readonly alert: ExplainedAlert }) {
  const words = say.value.alert;
  const { rationale } = props.alert;
  const tongue = language.value;
  return (
    <section aria-labelledby="rationale-title">
      <h2 id="rationale-title">{words.rationale}</h2>
      <dl class="rationale">
        <Fact name={words.cause}>{rationale.cause[tongue]}</Fact>
        <Fact name={words.consequence}>{rationale.consequence[tongue]}</Fact>
        <Fact name={words.action}>
          <b>{rationale.action[tongue]}</b>
        </Fact>
        <Fact name={words.owner}>
          {rationale.owner[tongue]}
          {words.comma}
          {words.within(seconds(rationale.respondWithinMs))}
        </Fact>
      </dl>
      <details class="fold">
        <summary>{words.limits}</summary>
        <ul>
          <li>
            <code>respondWithinMs</code>: {rationale.respondWithinMs}{" "}
            <span class="quiet" lang="en">
              {rationale.respondSource}
            </span>
          </li>
          {rationale.limits.map(({ name, source }) => (
            <li key={name}>
              <code>{name}</code>: {String(props.alert.rule.limits[name] ?? "–")}{" "}
              <span class="quiet" lang="en">
                {source}
              </span>
            </li>
          ))}
        </ul>
      </details>
    </section>
  );
}

function History(props: { readonly alert: ExplainedAlert }) {
  const words = say.value.alert;
  return (
    <section aria-labelledby="history-title">
      <h2 id="history-title">{words.history}</h2>
      <ol class="history">
        {props.alert.history.map(({ cursor, change, by, note, at, alert }) => (
          <li key={cursor}>
            <When at={at} /> <b>{messages.value.changes[change]}</b>{" "}
            <span class="quiet">
              {messages.value.priorities[alert.priority]} · {messages.value.evidence[alert.evidence]}
            </span>
            {by !== null && <span> {messages.value.acts.by(by)}</span>}
            {note !== null && <q> {note}</q>}
          </li>
        ))}
      </ol>
    </section>
  );
}

function Readings(props: { readonly alert: ExplainedAlert }) {
  const words = say.value.alert;
  const { readings, around, raisedAt } = props.alert;
  const shown = readings.slice(-SHOWN);
  return (
    <div class="alert-readings">
      <h2 id="readings-title">{words.readings}</h2>
      <p class="quiet">
        {words.around(
          clockTime(around.from, raisedAt, zone.value, messages.value.tag),
          clockTime(around.to, raisedAt, zone.value, messages.value.tag),
        )}{" "}
        {around.truncated || shown.length < readings.length ? words.truncated : ""}
      </p>
      {readings.length === 0 ? (
        <p class="quiet">{words.noReadings}</p>
      ) : (
        <div class="scroll tall" role="region" aria-label={words.readings} tabIndex={0}>
          <table class="data">
            <caption class="unseen">{words.readings}</caption>
            <thead>
              <tr>
                <th scope="col">{words.at}</th>
                <th scope="col">{words.channel}</th>
                <th scope="col">{words.said}</th>
              </tr>
            </thead>
            <tbody>
              {shown.map((reading, index) => (
                <tr key={`${reading.seq} ${reading.channel} ${index}`} class={reading.at >= raisedAt ? "past-raise" : undefined}>
                  <th scope="row">{clockTime(reading.at, raisedAt, zone.value, messages.value.tag)}</th>
                  <td class="channel">
                    {say.value.beginning.channels[reading.channel]} {reading.late && <span class="quiet">{words.late}</span>}
                  </td>
                  <td>
                    <code>{saidBy(reading)}</code>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}

function saidBy(reading: ShownReading): string {
  return Object.entries(reading)
    .filter(([name]) => !ENVELOPE.has(name))
    .map(([name, value]) => `${name} ${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join("  ");
}
