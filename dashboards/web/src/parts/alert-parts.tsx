/** Pieces of an alert that every view shows alike. */
import type { Alert } from "../../../../src/core/effects.ts";
import type { ActName } from "../../../../src/core/entry.ts";
import { span } from "../format.ts";
import { doneAt } from "../handling.ts";
import { districtName, type Messages } from "../messages/messages.ts";
import { language, messages } from "../preferences.ts";
import { now } from "../site.ts";
import { When } from "./time.tsx";

interface AlertProps {
  readonly alert: Alert;
}

export function liftHref(liftId: string): string {
  return `/lift/${encodeURIComponent(liftId)}`;
}

/** The lift, which leads to its page, and where it stands. Of a mass event, how many lifts. */
export function Where({ alert }: AlertProps) {
  const { building, district } = alert.lift;
  const count = alert.hazard === "mass-event" ? alert.details["count"] : null;
  return (
    <>
      {typeof count === "number" ? (
        <b>{messages.value.alerts.lifts(count)}</b>
      ) : (
        <a class="lift-link" href={liftHref(alert.liftId)}>
          {alert.liftId}
        </a>
      )}{" "}
      <span class="under">
        {building === null && district === null && typeof count !== "number" ? (
          <span class="quiet">{messages.value.alerts.notInRegister}</span>
        ) : (
          <>
            {building !== null && <span lang="zh">{building}</span>}
            {building !== null && district !== null && " · "}
            {district !== null && districtName(district, language.value)}
          </>
        )}
      </span>
    </>
  );
}

/** Why an alert is folded away, or null. */
export function foldedBecause(alert: Alert, say: Messages): string | null {
  if (alert.suppressedBy === null) return alert.shelvedUntil === null ? null : say.acts.done.shelve;
  if (alert.groupId !== null) return say.alerts.partOfEvent;
  const modes: Readonly<Record<string, string>> = say.modes;
  const mode = alert.suppressedBy.replace(/^(mode|register):/, "");
  return say.alerts.suppressedBy(modes[mode] ?? mode);
}

const TRAIL: readonly ActName[] = ["acknowledge", "dispatch", "arrive", "rescue", "close"];

/** What people have done, when, and who. */
export function Trail({ alert }: AlertProps) {
  const say = messages.value;
  const done = TRAIL.flatMap((act) => {
    const at = doneAt(act, alert);
    return at === null ? [] : [{ act, at, by: alert.by[act] ?? null }];
  });
  // One act may do several things at once: who dispatches has acknowledged.
  const steps = done.filter(({ act, at }, index) => act !== "acknowledge" || done[index + 1]?.at !== at);
  if (steps.length === 0) return null;
  return (
    <ul class="trail">
      {steps.map(({ act, at, by }) => (
        <li key={act}>
          ✓ {say.acts.done[act]} <When at={at} />
          {by === null ? "" : ` ${say.acts.by(by)}`}
        </li>
      ))}
    </ul>
  );
}

/** The two clocks of an entrapment: a bar that fills, the time that is left or over, and in words how it ended. */
export function Duties({ alert, words }: AlertProps & { readonly words: DutyWords }) {
  const { duty } = alert;
  if (duty === null) return null;
  const toldAt = alert.duty === null ? alert.detectedAt : Math.min(alert.detectedAt, duty.dispatchBy);
  return (
    <div class="duties">
      <Duty label={words.dispatch} from={toldAt} by={duty.dispatchBy} state={duty.dispatch} words={words} />
      {duty.arriveBy !== null && alert.dispatchedAt !== null ? (
        <Duty label={words.arrive} from={alert.dispatchedAt} by={duty.arriveBy} state={duty.arrive ?? "open"} words={words} />
      ) : (
        <div class="duty">
          <span class="duty-label">{words.arrive}</span>
          <span class="quiet">{words.notYet}</span>
        </div>
      )}
    </div>
  );
}

export interface DutyWords {
  readonly dispatch: string;
  readonly arrive: string;
  readonly left: (time: string) => string;
  readonly over: (time: string) => string;
  readonly met: string;
  readonly missed: string;
  readonly void: string;
  readonly notYet: string;
}

interface DutyProps {
  readonly label: string;
  readonly from: number;
  readonly by: number;
  readonly state: "open" | "met" | "missed" | "void";
  readonly words: DutyWords;
}

/** Less than a quarter is left: time to look. */
const SOON = 0.25;

function Duty({ label, from, by, state, words }: DutyProps) {
  const say = messages.value;
  const left = by - now.value;
  const share = Math.min(1, Math.max(0, (now.value - from) / Math.max(1, by - from)));
  const running = state === "open";
  const look = state === "missed" || (running && left < 0) ? "late" : running ? (1 - share < SOON ? "soon" : "running") : "done";
  const text = running ? (left >= 0 ? words.left(span(left, say.units)) : words.over(span(-left, say.units))) : words[state];
  return (
    <div class={`duty ${look}`}>
      <span class="duty-label">{label}</span>
      {running && (
        <svg class="bar-of-time" viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
          <rect class="whole" width="100" height="6" />
          <rect class="part" width={share * 100} height="6" />
        </svg>
      )}
      <b class="duty-time">
        {look === "late" && "⚠ "}
        {look === "soon" && "◔ "}
        {text}
      </b>
    </div>
  );
}
