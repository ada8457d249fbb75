/** One lift: what it is, what it does now, what it did, what is normal for it, and what can be judged of it. */
import "./lift.css";
import { useEffect } from "preact/hooks";
import type { LiftView } from "../../../../src/core/view.ts";
import { NextAct, ActWordsDialog } from "../parts/acts.tsx";
import { Mark } from "../parts/marks.tsx";
import { Age } from "../parts/time.tsx";
import { districtName } from "../messages/messages.ts";
import { language, messages } from "../preferences.ts";
import { param } from "../router.ts";
import { alertById, lists, now, stale } from "../site.ts";
import type { ViewProps } from "../views.ts";
import { CarNow } from "./car-now.tsx";
import { History } from "./history.tsx";
import { Judging } from "./judging.tsx";
import { Learnt } from "./learnt.tsx";
import { askOnce, followLift, followStretch, lift, reset, unknown } from "./lift-state.ts";
import { Register } from "./register.tsx";
import { stretchAt } from "./stretch.ts";
import { Traces } from "./traces.tsx";
import { words } from "./words.ts";

const SIGNS: Readonly<Partial<Record<LiftView["state"], string>>> = { faulted: "▲", silent: "◌", unseen: "◌" };

export function LiftPage({ params }: ViewProps) {
  const id = params["id"] ?? "";
  const [at, span] = [param("at"), param("span")];
  const shown = lift.value?.liftId === id ? lift.value : null;
  // New when the feed has told of another alert, or another state of one, of this lift.
  const told = [...lists.value.people, ...lists.value.active, ...lists.value.folded, ...lists.value.cleared]
    .filter(({ liftId }) => liftId === id)
    .map((alert) => `${alert.id} ${alert.state} ${alert.acknowledged} ${alert.dispatchedAt} ${alert.arrivedAt} ${alert.closedAt}`)
    .join();
  useEffect(() => {
    reset();
    return followLift(id);
  }, [id]);
  useEffect(() => followStretch(id, stretchAt(now.peek())), [id, at, span]);
  useEffect(() => void askOnce(id), [id, told]);
  if (unknown.value) {
    return (
      <main class="page" id="main" tabIndex={-1}>
        <h1>{words.value.unknownLift(id)}</h1>
      </main>
    );
  }
  return (
    <main class={stale.value ? "page lift-page old" : "page lift-page"} id="main" tabIndex={-1}>
      <Title id={id} lift={shown} />
      {shown === null ? (
        <p class="quiet" aria-busy="true">
          {messages.value.parts.loading}
        </p>
      ) : (
        <>
          <div class="lift-side">
            <CarNow lift={shown} />
            <Register lift={shown} />
          </div>
          <div class="lift-main">
            <Standing lift={shown} />
            <Traces />
            <History />
            <Learnt />
            <Judging lift={shown} />
          </div>
        </>
      )}
      <ActWordsDialog />
    </main>
  );
}

function Title({ id, lift: shown }: { readonly id: string; readonly lift: LiftView | null }) {
  const say = messages.value;
  const { building, district, kind } = shown?.register ?? {};
  return (
    <div class="lift-title">
      <h1>{id}</h1>
      {shown !== null && (
        <>
          <span class={`condition ${shown.state}`}>
            {SIGNS[shown.state] ?? ""} {say.conditions[shown.state]}
          </span>
          <span>
            {building !== undefined && <span lang="zh">{building}</span>}
            {district !== undefined && ` · ${districtName(district, language.value)}`}
            {kind !== undefined && ` · ${words.value.kinds[kind]}`}
            {!shown.registered && ` ▲ ${words.value.unregistered}`}
          </span>
        </>
      )}
    </div>
  );
}

/** What stands now, with its next act. */
function Standing({ lift: { alerts: standing } }: { readonly lift: LiftView }) {
  const say = messages.value;
  void lists.value;
  const known = standing.flatMap(({ id }) => alertById(id) ?? []);
  if (known.length === 0) return null;
  return (
    <ul class="standing" aria-label={words.value.activeAlerts}>
      {known.map((alert) => (
        <li key={alert.id} class={alert.acknowledged ? "seen" : `open ${alert.priority}`}>
          <Mark priority={alert.priority} filled={!alert.acknowledged} />
          <a href={`/#alert-${alert.id}`}>
            <b>{say.hazards[alert.hazard]}</b>
          </a>
          <span class="quiet">{say.evidence[alert.evidence]}</span>
          <b>
            <Age from={alert.raisedAt} />
          </b>
          <span class="push" />
          <NextAct alert={alert} />
        </li>
      ))}
    </ul>
  );
}
