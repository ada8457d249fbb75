/** The engineer's view: a stretch of the journal, replayed by the program's own monitor, and other limits tried on it. */
import { useEffect } from "preact/hooks";
import { messages } from "../preferences.ts";
import { zone } from "../site.ts";
import { Backtest } from "./backtest.tsx";
import { Beginning } from "./beginning.tsx";
import { Car } from "./car.tsx";
import { Command } from "./command.tsx";
import "./engineer.css";
import { bytes } from "./figures.ts";
import { JudgingTable } from "./judging.tsx";
import { Limits } from "./limits.tsx";
import { say } from "./messages.ts";
import { Picker } from "./picker.tsx";
import { stretchFlags } from "./range.ts";
import { asked, liftId, loading, moment, replay, showLift, shut, trouble } from "./replay-state.ts";
import { Tabs } from "./tabs.tsx";
import { Told } from "./told.tsx";
import { Traces } from "./traces.tsx";
import { Transport } from "./transport.tsx";

export function EngineerView() {
  const words = say.value;
  useEffect(() => shut, []);
  return (
    <main class="page engineer" id="main" tabIndex={-1}>
      <Tabs at="replay" />
      <h1 class="unseen">{words.tabs.replay}</h1>
      <Picker />
      <State />
      {replay.value !== null && (
        <>
          <div class="engineer-replay">
            <div>
              <Beginning />
              <Transport />
              <Traces />
            </div>
            <aside aria-label={words.monitorState}>
              <Lift />
              <Car />
              <h2>{words.judging.title}</h2>
              <JudgingTable />
              <Entry />
            </aside>
          </div>
          <div class="engineer-below">
            <div>
              <Told />
              <Backtest />
            </div>
            <Limits />
          </div>
        </>
      )}
    </main>
  );
}

function State() {
  const words = say.value.state;
  const at = loading.value;
  if (trouble.value !== null) {
    const { code, message } = trouble.value;
    const known = words.troubles as Readonly<Partial<Record<string, string>>>;
    const what = asked.value;
    return (
      <>
        <p class="failure" role="alert">
          {known[code] ?? words.failed} <span class="quiet">{message}</span>
        </p>
        {code === "too-large" && what !== null && what.from !== null && what.to !== null && (
          <>
            <p>{words.exported}</p>
            <Command
              text={`npx hoistway export recording --data ./data ${stretchFlags(what.lifts, what.from, what.to, zone.value)} --out minutes.ndjson.gz`}
            />
          </>
        )}
      </>
    );
  }
  if (at === null) return null;
  return (
    <p role="status" class="engineer-loading">
      {at.phase === "loading" ? words.loading(bytes(at.done)) : words.folding}{" "}
      {at.phase === "folding" && <progress max={1} value={at.done} aria-hidden="true" />}
    </p>
  );
}

/** Which lift, where the recording has several. */
function Lift() {
  const ids = replay.value?.liftIds ?? [];
  const { register = null, state = null } = moment.value?.lift ?? {};
  return (
    <p class="engineer-lift">
      {ids.length > 1 ? (
        <label class="filter">
          <span>{say.value.picker.lift}</span>
          <select value={liftId.value} onChange={(event) => showLift(event.currentTarget.value)}>
            {ids.map((id) => (
              <option key={id} value={id}>
                {id}
              </option>
            ))}
          </select>
        </label>
      ) : (
        <a href={`/lift/${encodeURIComponent(liftId.value)}`}>{liftId.value}</a>
      )}{" "}
      <span class="quiet">
        {[register?.building, state === null ? null : messages.value.conditions[state]].filter((part) => part != null).join(" · ")}
      </span>
    </p>
  );
}

/** The entry of the journal that was taken last, as it came. */
function Entry() {
  const entry = moment.value?.entry ?? null;
  if (entry === null) return null;
  return (
    <div class="engineer-entry">
      <h2>{say.value.lastEntry}</h2>
      <code>{entry.name}</code>
      {entry.text !== "" && <pre>{entry.text}</pre>}
    </div>
  );
}
