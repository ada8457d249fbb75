/** Tells those who listen instead of looking of new critical alerts, once, on every page. */
import type { Alert } from "../../../../src/core/effects.ts";
import { districtName } from "../messages/messages.ts";
import { language, messages } from "../preferences.ts";
import { urgent } from "../site.ts";

export function Announcer() {
  const say = messages.value;
  const fresh = urgent.value;
  const [first] = fresh;
  const spoken =
    first === undefined ? "" : fresh.length === 1 ? say.alerts.urgent(speak(first)) : say.alerts.urgentMany(fresh.length, speak(first));
  return (
    <div class="unseen" aria-live="assertive" role="status">
      {spoken}
    </div>
  );
}

function speak(alert: Alert): string {
  const say = messages.value;
  const { building, district } = alert.lift;
  const place = [building, district === null ? null : districtName(district, language.value)].filter((part) => part !== null).join(", ");
  return say.alerts.spoken(say.hazards[alert.hazard], alert.liftId, place);
}
