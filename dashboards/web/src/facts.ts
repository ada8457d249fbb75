/** What an alert's `details` say to people: floor, persons, speed, the controller's codes. */
import { CANONICAL_CODES, DEFAULT_DIALECT } from "../../../src/core/dialects.ts";
import type { Alert } from "../../../src/core/effects.ts";
import type { Language, Messages } from "./messages/messages.ts";

/** Fault codes spelt out in a row; the rest are counted. */
const FAULTS_SHOWN = 2;

/**
 * Short phrases, most useful first. Values that are absent or of another type say nothing. `handling: false` leaves out what people have
 * done, where that is shown beside it.
 */
export function facts(alert: Alert, messages: Messages, language: Language, options = { handling: true }): readonly string[] {
  const said: string[] = [];
  const { floor, persons, speedMps, loadKg, faults, alarmButton, powered, backlog } = alert.details;
  const say = messages.alerts;
  if (options.handling) {
    if (alert.rescuedAt != null) said.push(say.rescued);
    else if (alert.arrivedAt != null) said.push(say.arrived);
    else if (alert.dispatchedAt != null) said.push(say.dispatched);
    if (alert.duty?.dispatch === "missed" || alert.duty?.arrive === "missed") said.push(say.dutyMissed);
  }
  if (alert.chattering) said.push(say.chattering);
  if (alert.stale) said.push(say.stale);
  if (alert.hazard === "mass-event") said.push(...eventPhrases(alert.details, messages));
  if (typeof floor === "number") said.push(say.floor(floor));
  if (typeof persons === "number" && persons > 0) said.push(say.persons(persons));
  else if (typeof loadKg === "number" && loadKg > 0) said.push(say.load(Math.round(loadKg).toString()));
  if (alarmButton === true) said.push(say.alarmButton);
  if (typeof speedMps === "number" && Math.abs(speedMps) >= 0.05) said.push(say.speed(Math.abs(speedMps).toFixed(2)));
  if (powered === false) said.push(say.powerOff);
  if (Array.isArray(faults)) said.push(...faultPhrases(faults, messages, language));
  if (backlog === true) said.push(say.backlog);
  return said;
}

function eventPhrases({ name, struck, withoutPower, entrapments }: Alert["details"], { alerts: say }: Messages): readonly string[] {
  const counts = [
    [struck, say.struck],
    [withoutPower, say.withoutPower],
    [entrapments, say.entrapments],
  ] as const;
  const said = counts.flatMap(([count, phrase]) => (typeof count === "number" && count > 0 ? [phrase(count)] : []));
  return typeof name === "string" ? [name, ...said] : said;
}

function faultPhrases(faults: readonly unknown[], messages: Messages, language: Language): readonly string[] {
  const said = faults.slice(0, FAULTS_SHOWN).map((fault) => {
    const { code, dialect, canonical } = fault as Readonly<Record<string, unknown>>;
    const meaning = typeof canonical === "string" ? CANONICAL_CODES.get(canonical) : undefined;
    const written = dialect === DEFAULT_DIALECT ? String(code) : `${String(dialect)} ${String(code)}`;
    return meaning === undefined ? messages.alerts.code(written) : `${written} ${meaning[language]}`;
  });
  if (faults.length > FAULTS_SHOWN) said.push(`+${faults.length - FAULTS_SHOWN}`);
  return said;
}
