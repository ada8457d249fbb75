/** What to replay: an alert, a lift and times, or a file. The choice is in the address, so a replay can be sent. */
import { useComputed, useSignal, useSignalEffect } from "@preact/signals";
import { messages } from "../preferences.ts";
import { param, setParams } from "../router.ts";
import { now, zone } from "../site.ts";
import { seconds } from "./figures.ts";
import { say } from "./messages.ts";
import { ask, askForAlert, DEFAULT_LEAD_S, LEADS_S } from "./range.ts";
import { asked, open, replay, trouble } from "./replay-state.ts";
import { getExplained } from "./rest.ts";
import { fromZoned, toZoned } from "./zoned.ts";

/** What is offered at first: the last minutes. */
const RECENT_MS = 900_000;

export function Picker() {
  const words = say.value.picker;
  const lift = useSignal(param("lift") ?? "");
  const from = useSignal(param("from") ?? toZoned(now.peek() - RECENT_MS, zone.peek()));
  const to = useSignal(param("to") ?? toZoned(now.peek(), zone.peek()));
  const wrong = useSignal("");
  // The fields say what is shown, so that it can be widened by hand.
  useSignalEffect(() => {
    const what = asked.value;
    if (what === null || what.from === null || what.to === null) return;
    lift.value = what.lifts[0] ?? "";
    from.value = toZoned(what.from, zone.peek());
    to.value = toZoned(what.to, zone.peek());
  });
  // What the address says; a change of it, by a link or by hand, opens another replay, and no other change of the address does.
  const wanted = useComputed(() => JSON.stringify(["alert", "lead", "lift", "from", "to"].map(param)));
  useSignalEffect(() => {
    const [alertId = null, lead, liftId = null, begins = null, ends = null] = JSON.parse(wanted.value) as readonly (string | null)[];
    const leadS = Number(lead ?? DEFAULT_LEAD_S);
    if (alertId !== null) void openAlert(alertId, Number.isFinite(leadS) && leadS >= 0 ? leadS : DEFAULT_LEAD_S);
    else if (liftId !== null && begins !== null && ends !== null) {
      const [first, last] = [fromZoned(begins, zone.peek()), fromZoned(ends, zone.peek())];
      if (first !== null && last !== null && last > first) void open(ask([liftId], first, last));
    }
  });
  const alertId = param("alert");
  return (
    <form
      class="picker"
      aria-label={words.title}
      onSubmit={(event) => {
        event.preventDefault();
        const [first, last] = [fromZoned(from.value, zone.value), fromZoned(to.value, zone.value)];
        wrong.value = lift.value.trim() === "" ? words.noLift : first === null || last === null || last <= first ? words.noTimes : "";
        if (wrong.value === "") setParams({ alert: null, lead: null, lift: lift.value.trim(), from: from.value, to: to.value });
      }}
    >
      {alertId !== null && (
        <>
          <span>
            {words.alert} <a href={`/alert/${encodeURIComponent(alertId)}`}>{alertId}</a>
          </span>
          <label class="filter">
            <span>{words.lead}</span>
            <select value={param("lead") ?? String(DEFAULT_LEAD_S)} onChange={(event) => setParams({ lead: event.currentTarget.value })}>
              {LEADS_S.map((each) => (
                <option key={each} value={String(each)}>
                  {seconds(each * 1_000)}
                </option>
              ))}
            </select>
          </label>
        </>
      )}
      <label class="filter">
        <span>{words.lift}</span>
        <input
          value={lift.value}
          size={16}
          maxLength={64}
          spellcheck={false}
          onInput={(event) => (lift.value = event.currentTarget.value)}
        />
      </label>
      <label class="filter">
        <span>{words.from}</span>
        <input type="datetime-local" step={1} value={from.value} onInput={(event) => (from.value = event.currentTarget.value)} />
      </label>
      <label class="filter">
        <span>{words.to}</span>
        <input type="datetime-local" step={1} value={to.value} onInput={(event) => (to.value = event.currentTarget.value)} />
      </label>
      <span class="quiet">{zone.value}</span>
      <button type="submit">{words.open}</button>
      <label class="button file-button">
        <span>{words.file}</span>
        <input
          type="file"
          class="unseen"
          accept=".ndjson,.gz,application/x-ndjson"
          onChange={(event) => {
            const [file] = event.currentTarget.files ?? [];
            event.currentTarget.value = "";
            if (file !== undefined) void open({ source: { file }, from: null, to: null, lifts: [], alertId: null, at: null });
          }}
        />
      </label>
      {asked.value !== null && "url" in asked.value.source && (
        <a class="button" href={asked.value.source.url} download={`${asked.value.lifts[0] ?? "lifts"}.ndjson`}>
          {words.download}
        </a>
      )}
      {wrong.value !== "" && (
        <p class="failure" role="alert">
          {wrong.value}
        </p>
      )}
      {replay.value === null && alertId === null && asked.value === null && <p class="quiet picker-hint">{words.hint}</p>}
      <span class="unseen">{messages.value.header.siteTime}</span>
    </form>
  );
}

async function openAlert(id: string, leadS: number): Promise<void> {
  try {
    const alert = await getExplained(id);
    if (param("alert") === id) await open(askForAlert(alert, leadS));
  } catch (error) {
    trouble.value = { code: "alert", message: (error as Error).message };
  }
}
