/** What became of every reading, and how each part of the pipeline does. Grey while all is well. */
import { figure, bytes, seconds } from "./figures.ts";
import "./engineer.css";
import { Freshness } from "./freshness.tsx";
import { say } from "./messages.ts";
import { usePolled } from "./poll.ts";
import { getPipeline, type Pipeline } from "./rest.ts";
import { Tabs } from "./tabs.tsx";
import { may } from "../site.ts";

const EVERY_MS = 5_000;
/** Entries that the store may be behind before it is worth a look: some seconds of a city. */
const BEHIND = 50_000;

export function PipelineView() {
  const words = say.value.pipeline;
  const polled = usePolled(getPipeline, EVERY_MS);
  const state = polled.value.value;
  return (
    <main class="page engineer" id="main" tabIndex={-1}>
      <Tabs at="pipeline" />
      <h1>{words.title}</h1>
      <Freshness polled={polled} />
      {state !== null && (
        <div class={polled.value.failed === null ? "pipeline-page" : "pipeline-page aged"}>
          <Ledger {...state.ledger} />
          <Parts state={state} />
          <Stages state={state} />
        </div>
      )}
    </main>
  );
}

/** Law L5 as a sum that anybody can check. */
function Ledger(ledger: Pipeline["ledger"]) {
  const words = say.value.pipeline;
  const { received, accepted, duplicate, late, quarantined, stored, pending } = ledger;
  const adds = received === accepted + duplicate + quarantined && accepted === stored + pending;
  return (
    <section aria-labelledby="ledger-title">
      <h2 id="ledger-title">{words.ledger}</h2>
      <p class="sum">
        <Term name={words.received} value={received} /> = <Term name={words.accepted} value={accepted} /> +{" "}
        <Term name={words.duplicate} value={duplicate} /> +{" "}
        <Term name={words.quarantined} value={quarantined} {...(may("engineer") ? { href: "/engineer/quarantine" } : {})} />
      </p>
      <p class="sum">
        <Term name={words.accepted} value={accepted} /> = <Term name={words.stored} value={stored} /> +{" "}
        <Term name={words.pending} value={pending} />
      </p>
      <p class={adds ? "quiet" : "failure"}>{adds ? `✓ ${words.adds}` : words.addsNot}</p>
      <p class="quiet">{words.late(figure(late))}</p>
    </section>
  );
}

function Term(props: { readonly name: string; readonly value: number; readonly href?: string }) {
  const { name, value, href } = props;
  return (
    <span class="term">
      <span class="quiet">{href === undefined ? name : <a href={href}>{name}</a>}</span> <b>{figure(value)}</b>
    </span>
  );
}

function Parts(props: { readonly state: Pipeline }) {
  const words = say.value.pipeline;
  return (
    <section aria-labelledby="parts-title">
      <h2 id="parts-title">{words.parts}</h2>
      <ul class="parts">
        {props.state.parts.map(({ part, ok, message }) => (
          <li key={part} class={ok ? "quiet" : "down"}>
            <span aria-hidden="true">{ok ? "●" : "▲"}</span> {(words.partNames as Readonly<Partial<Record<string, string>>>)[part] ?? part}:{" "}
            {ok ? words.up : words.down}
            {message !== null && <span lang="en"> ({message})</span>}
          </li>
        ))}
      </ul>
    </section>
  );
}

/** What the store is behind by at any moment: it writes in batches. */
const NEAR = 5_000;

/** A figure, and whether it wants a look. */
type Line = readonly [name: string, value: string, odd?: boolean];

function Stages(props: { readonly state: Pipeline }) {
  const { ingress, journal, monitor, follower, feed, notify } = props.state;
  const words = say.value.pipeline;
  const stages: readonly (readonly [string, readonly Line[]])[] = [
    [
      words.ingress,
      [
        [words.state, ingress.state === "up" ? words.up : ingress.state, ingress.state !== "up"],
        [words.connections, figure(ingress.connections)],
        [words.publishes, figure(ingress.publishes)],
        [words.inFlight, figure(ingress.inFlight)],
        [words.refusedPublishes, figure(ingress.refusedPublishes)],
        [words.refusedSignIns, figure(ingress.refusedSignIns)],
      ],
    ],
    [
      words.journal,
      [
        [words.state, journal.state === "ok" ? words.up : [journal.state, journal.reason ?? []].flat().join(": "), journal.state !== "ok"],
        [words.entries, `${figure(journal.firstSeq)} – ${figure(journal.lastSeq)}`],
        [words.size, bytes(journal.sizeBytes)],
        [words.waiting, figure(journal.pendingRecords)],
        [words.damages, figure(journal.damages), journal.damages > 0],
      ],
    ],
    [
      words.monitor,
      [
        [words.position, figure(monitor.position)],
        [words.behind, figure(Math.max(0, journal.lastSeq - monitor.position))],
        [words.lifts, figure(monitor.lifts)],
        [words.alerts, figure(monitor.alerts)],
        [words.changes, figure(monitor.changes)],
      ],
    ],
    [
      words.store,
      [
        [words.position, figure(follower.offset)],
        [words.behind, figure(follower.behindEntries), follower.behindEntries > BEHIND],
        [words.rowsWaiting, figure(follower.rowsWaiting)],
        [words.failures, figure(follower.failures), follower.failures > 0],
        ...(follower.behindEntries < NEAR
          ? []
          : [[words.left, follower.leftS === null ? words.unknown : seconds(follower.leftS * 1_000)] satisfies Line]),
      ],
    ],
    [
      words.feed,
      [
        [words.clients, figure(feed.clients)],
        [words.frames, figure(feed.frames)],
        [words.resumed, figure(feed.resumed)],
        [words.closedSlow, figure(feed.closedSlow)],
      ],
    ],
    [
      words.notifications,
      notify === null
        ? [[words.state, words.notSetUp]]
        : [
            [words.waiting, figure(notify.pending)],
            [words.sent, figure(notify.sent)],
            [words.failures, figure(notify.failed), notify.failed > 0],
            [words.failingTargets, figure(notify.failingTargets), notify.failingTargets > 0],
          ],
    ],
  ];
  return (
    <section aria-labelledby="stages-title">
      <h2 id="stages-title">{words.stages}</h2>
      <div class="stages">
        {stages.map(([name, lines]) => (
          <div key={name}>
            <h3>{name}</h3>
            <dl class="figures">
              {lines.map(([label, value, odd]) => (
                <div key={label} class={odd === true ? "odd" : undefined}>
                  <dt>{label}</dt>
                  <dd>
                    {odd === true && <span aria-hidden="true">▲ </span>}
                    {value}
                  </dd>
                </div>
              ))}
            </dl>
          </div>
        ))}
      </div>
    </section>
  );
}
