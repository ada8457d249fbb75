/** What the edited limits would have told of the recording that is open: gained, lost, moved; and the command for longer stretches. */
import { useSignalEffect } from "@preact/signals";
import type { Moved, SeenAlert } from "../../../../src/backtest/compare.ts";
import type { Hazard } from "../../../../src/core/effects.ts";
import { clockTime } from "../format.ts";
import { Mark } from "../parts/marks.tsx";
import { messages } from "../preferences.ts";
import { zone } from "../site.ts";
import { Command } from "./command.tsx";
import { figure, seconds } from "./figures.ts";
import { against, checked, comparing, failure, result, runBacktest, SHOWN } from "./limits-state.ts";
import { say } from "./messages.ts";
import { stretchFlags } from "./range.ts";
import { asked, cursorAt, extent, replay, seek } from "./replay-state.ts";

const COUNTS = ["rules", "against", "same", "gained", "lost", "moved"] as const;

export function Backtest() {
  const words = say.value.backtest;
  const found = result.value;
  // A comparison is of the recording that was open.
  useSignalEffect(() => {
    void replay.value;
    result.value = null;
  });
  const ready = checked.value?.rules != null && replay.value !== null && comparing.value === null;
  return (
    <section class="backtest" aria-labelledby="backtest-title">
      <div class="engineer-bar">
        <h2 id="backtest-title">{words.title}</h2>
        <label class="filter">
          <span>{words.against}</span>
          <select value={against.value} onChange={(event) => (against.value = event.currentTarget.value === "own" ? "own" : "default")}>
            <option value="own">{words.own}</option>
            <option value="default">{words.builtIn}</option>
          </select>
        </label>
        <button type="button" disabled={!ready} onClick={() => void runBacktest()}>
          {words.run}
        </button>
      </div>
      {comparing.value !== null && <progress max={1} value={comparing.value} aria-label={words.running} />}
      {found === null ? (
        comparing.value === null && failure.value === null && <p class="quiet">{words.hint}</p>
      ) : (
        <>
          <p role="status">
            {words.sum(found.comparison.gained.length, found.comparison.lost.length, found.comparison.moved.length)}{" "}
            <span class="quiet">{words.version(found.version)}</span>
          </p>
          <Counts />
          <Alerts title={words.gained} alerts={found.comparison.gained} />
          <Alerts title={words.lost} alerts={found.comparison.lost} />
          <MovedAlerts moved={found.comparison.moved} />
        </>
      )}
      <Longer />
    </section>
  );
}

function hazardName(hazard: Hazard | "all"): string {
  return hazard === "all" ? say.value.backtest.all : messages.value.hazards[hazard];
}

function Counts() {
  const words = say.value.backtest;
  const hazards = result.value?.comparison.hazards ?? [];
  return (
    <div class="scroll" role="region" aria-label={words.counts} tabIndex={0}>
      <table class="data">
        <caption class="unseen">{words.counts}</caption>
        <thead>
          <tr>
            <th scope="col">{words.hazard}</th>
            {COUNTS.map((name) => (
              <th key={name} scope="col" class="figure">
                {words.columns[name]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {hazards.map((row) => (
            <tr key={row.hazard}>
              <th scope="row">{hazardName(row.hazard)}</th>
              {COUNTS.map((name) => (
                <td key={name} class={row[name] === 0 ? "figure zero" : "figure"}>
                  {figure(row[name])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Alerts(props: { readonly title: string; readonly alerts: readonly SeenAlert[] }) {
  const { title, alerts } = props;
  const words = say.value.backtest;
  if (alerts.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="backtest-list">
        {alerts.slice(0, SHOWN).map((alert) => (
          <li key={alert.id}>
            <Go at={alert.raisedAt} /> <Mark priority={alert.priority} filled /> {hazardName(alert.hazard)}{" "}
            <span class="quiet">
              {alert.liftId} · {messages.value.evidence[alert.evidence]}
              {alert.suppressed && ` · ${words.suppressed}`} ·{" "}
              {alert.clearedAt === null ? words.notEnded : words.lasted(seconds(alert.clearedAt - alert.raisedAt))}
            </span>
          </li>
        ))}
      </ul>
      {alerts.length > SHOWN && <p class="note">{words.more(alerts.length - SHOWN)}</p>}
    </>
  );
}

function MovedAlerts(props: { readonly moved: readonly Moved[] }) {
  const { moved } = props;
  const words = say.value.backtest;
  if (moved.length === 0) return null;
  return (
    <>
      <h3>{words.moved}</h3>
      <ul class="backtest-list">
        {moved.slice(0, SHOWN).map((each) => (
          <li key={each.rules.id}>
            <Go at={each.against.raisedAt} /> <Mark priority={each.rules.priority} filled /> {hazardName(each.rules.hazard)}{" "}
            <span class="quiet">
              {each.rules.liftId} · {movedText(each)}
            </span>
          </li>
        ))}
      </ul>
      {moved.length > SHOWN && <p class="note">{words.more(moved.length - SHOWN)}</p>}
    </>
  );
}

function shift(ms: number): string {
  return `${ms > 0 ? "+" : "−"}${seconds(Math.abs(ms))}`;
}

function movedText({ rules, against: other, what }: Moved): string {
  const words = say.value.backtest.movedBy;
  return (
    what
      // The time of detection follows that of the condition; it is worth a word only when it alone has moved.
      .filter((field) => field !== "detectedAt" || !what.includes("raisedAt"))
      .map((field) => {
        switch (field) {
          case "raisedAt":
          case "detectedAt":
            return words[field](shift(rules[field] - other[field]));
          case "clearedAt":
            if (rules.clearedAt === null) return words.notCleared;
            return other.clearedAt === null ? words.clearedNow : words.clearedAt(shift(rules.clearedAt - other.clearedAt));
          case "suppressed":
            return rules.suppressed ? words.suppressed : words.notSuppressed;
          case "priority":
            return `${messages.value.priorities[other.priority]} → ${messages.value.priorities[rules.priority]}`;
          case "evidence":
            return `${messages.value.evidence[other.evidence]} → ${messages.value.evidence[rules.evidence]}`;
          default:
            return field satisfies never;
        }
      })
      .join(", ")
  );
}

function Go(props: { readonly at: number }) {
  return (
    <button type="button" class="plain link" title={say.value.told.go} onClick={() => seek(props.at)}>
      {clockTime(props.at, cursorAt.peek(), zone.value, messages.value.tag)}
    </button>
  );
}

/** For what is longer than a browser should load: the same comparison by the program, beside the journal. */
function Longer() {
  const words = say.value.backtest;
  const [whole, what, rules] = [extent.value, asked.value, checked.value?.rules ?? null];
  if (whole === null || what === null) return null;
  const flags = [
    `--rules rules-${rules?.version ?? "VERSION"}.yaml`,
    `--against ${against.value}`,
    stretchFlags(what.lifts, what.from ?? whole.from, what.to ?? whole.to, zone.value),
    ...(zone.value === "Asia/Shanghai" ? [] : [`--timezone ${zone.value}`]),
  ];
  const command = `npx hoistway backtest ./data ${flags.join(" ")}`;
  return (
    <details class="fold" open={replay.value?.complete === false}>
      <summary>{words.longer}</summary>
      <p class="quiet">{words.longerWhy}</p>
      <Command text={command} />
    </details>
  );
}
