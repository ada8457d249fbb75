/** What an alert's `details` say to people: floor, persons, speed, the controller's code. */
import { CANONICAL_CODES } from "../../../src/core/dialects.ts";
import type { Alert } from "../../../src/core/effects.ts";
import type { Language, Messages } from "./messages/messages.ts";

/** Short phrases, most useful first. Values that are absent or of another type say nothing. */
export function facts(alert: Alert, messages: Messages, language: Language): readonly string[] {
  const said: string[] = [];
  const { floor, persons, speedMps, loadKg, code, canonical, dialect } = alert.details;
  const say = messages.alerts;
  if (typeof floor === "number") said.push(say.floor(floor));
  if (typeof persons === "number" && persons > 0) said.push(say.persons(persons));
  else if (typeof loadKg === "number" && loadKg > 0) said.push(say.load(Math.round(loadKg).toString()));
  if (typeof speedMps === "number" && Math.abs(speedMps) >= 0.05) said.push(say.speed(Math.abs(speedMps).toFixed(2)));
  const meaning = typeof canonical === "string" ? CANONICAL_CODES.get(canonical) : undefined;
  if (meaning !== undefined) said.push(meaning[language]);
  if (typeof code === "string") {
    const foreign = typeof dialect === "string" && dialect !== "gb24476" ? dialect : null;
    said.push(say.code(code, foreign));
  }
  return said;
}
