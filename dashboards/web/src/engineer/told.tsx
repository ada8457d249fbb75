/** The alert changes of the replay, each beside what the live run told, and a way to its moment. */
import { useSignal, useSignalEffect } from "@preact/signals";
import type { Alert } from "../../../../src/core/effects.ts";
import { Mark } from "../parts/marks.tsx";
import { messages } from "../preferences.ts";
import { clockTime } from "../format.ts";
import { zone } from "../site.ts";
import { download } from "./download.ts";
import { say } from "./messages.ts";
import { asked, changesText, cursorAt, extent, liftId, moment, replay, seek, trouble, troubleOf } from "./replay-state.ts";
import { getAlertsOf } from "./rest.ts";

/** Rows at once; the file has all. */
const SHOWN = 300;

export function Told() {
  const words = say.value.told;
  const live = useSignal<readonly Alert[] | null>(null);
  useSignalEffect(() => {
    const [what, whole, lift] = [asked.value, extent.value, liftId.value];
    live.value = null;
    // A file's alerts may be of another site.
    if (what === null || whole === null || lift === "" || "file" in what.source) return;
    const compare = async (): Promise<void> => {
      // Without an answer the comparison is not shown; the replay stands by itself.
      const alerts = await getAlertsOf(lift, whole.from, whole.to).catch(() => null);
      if (liftId.peek() === lift && asked.peek() === what) live.value = alerts;
    };
    void compare();
  });
  const changes = (replay.value?.changes ?? []).filter(({ alert }) => alert.liftId === liftId.value);
  const ids = new Set(changes.map(({ alert }) => alert.id));
  const liveIds = new Set((live.value ?? []).map(({ id }) => id));
  const missing = (live.value ?? []).filter(({ id, hazard }) => !ids.has(id) && hazard !== "mass-event");
  const now = moment.value?.index ?? 0;
  return (
    <div>
      <div class="engineer-bar">
        <h2 id="told-title">{words.title}</h2>
        <button type="button" disabled={changes.length === 0} onClick={() => void save()}>
          {words.download}
        </button>
      </div>
      {changes.length === 0 ? (
        <p class="quiet">{words.none}</p>
      ) : (
        <div class="scroll" role="region" aria-label={words.title} tabIndex={0}>
          <table class="data told">
            <caption class="unseen">{words.title}</caption>
            <thead>
              <tr>
                <th scope="col">{words.at}</th>
                <th scope="col">{words.alert}</th>
                <th scope="col">{words.change}</th>
                {live.value !== null && <th scope="col">{words.live}</th>}
              </tr>
            </thead>
            <tbody>
              {changes.slice(0, SHOWN).map(({ n, at, change, alert, index }) => (
                <tr key={n} class={index < now ? "past" : "future"}>
                  <th scope="row">
                    <button type="button" class="plain link" title={words.go} onClick={() => seek(at)}>
                      {clockTime(at, cursorAt.peek(), zone.value, messages.value.tag)}
                    </button>
                  </th>
                  <td>
                    <Mark priority={alert.priority} filled={alert.state === "active"} /> {messages.value.hazards[alert.hazard]}
                  </td>
                  <td>
                    {messages.value.changes[change]}{" "}
                    {change === "raised" && <span class="quiet">{messages.value.evidence[alert.evidence]}</span>}
                  </td>
                  {live.value !== null && (
                    <td>
                      {liveIds.has(alert.id) ? (
                        <a href={`/alert/${encodeURIComponent(alert.id)}`}>{words.same}</a>
                      ) : (
                        <span class="differs">≠ {words.notLive}</span>
                      )}
                    </td>
                  )}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {changes.length > SHOWN && <p class="note">{words.more(changes.length - SHOWN)}</p>}
      {missing.length > 0 && (
        <p class="note">
          ≠ {words.onlyLive(missing.length)}{" "}
          {missing.slice(0, 8).map(({ id, hazard, raisedAt }) => (
            <a key={id} href={`/alert/${encodeURIComponent(id)}`} class="told-missing">
              {messages.value.hazards[hazard]} {clockTime(raisedAt, cursorAt.peek(), zone.value, messages.value.tag)}
            </a>
          ))}
        </p>
      )}
    </div>
  );
}

async function save(): Promise<void> {
  try {
    download("alerts.ndjson", "application/x-ndjson", await changesText());
  } catch (error) {
    trouble.value = troubleOf(error);
  }
}
