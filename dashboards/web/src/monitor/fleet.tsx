/** The fleet at a glance: lifts by state, districts as a map of tiles, a district's buildings. Grey, but for lifts that fail or are not heard. */
import type { FleetCounts } from "../../../../src/core/fleet.ts";
import type { LiftCondition } from "../../../../src/core/view.ts";
import { districtName } from "../messages/messages.ts";
import { When } from "../parts/time.tsx";
import { language, messages } from "../preferences.ts";
import { param, setParams } from "../router.ts";
import { countsStale, fleet, ledger, lists, now, localNow } from "../site.ts";
import { Buildings } from "./buildings.tsx";
import { words } from "./words.ts";

const CONDITIONS: readonly LiftCondition[] = ["in-service", "faulted", "silent", "out-of-service", "unseen"];
/** A letter-like sign for the two states that want a look, so that colour is not the only one. */
const SIGNS: Readonly<Partial<Record<LiftCondition, string>>> = { faulted: "▲", silent: "◌" };

export function Fleet() {
  const say = messages.value.fleet;
  const counted = fleet.value;
  return (
    <section class={countsStale.value ? "fleet aged" : "fleet"} id="fleet" aria-labelledby="fleet-title" tabIndex={-1}>
      <div class="bar">
        <h2 id="fleet-title">{say.title}</h2>
        {counted !== null && (
          <span class="quiet">
            {countsStale.value ? "⚠ " : ""}
            {countsStale.value ? say.stale : say.asOf}
            <When at={counted.at + (now.value - localNow.value)} />
          </span>
        )}
      </div>
      {counted === null ? (
        <p class="quiet">{say.none}</p>
      ) : (
        <>
          <Totals counts={counted.counts.total} />
          <TileMap />
          <Buildings />
        </>
      )}
      <Pipeline />
    </section>
  );
}

function Totals(props: { readonly counts: FleetCounts }) {
  const say = messages.value;
  const { counts } = props;
  return (
    <>
      <dl class="totals">
        <div>
          <dt>{say.fleet.registered}</dt>
          <dd>{figure(counts.registered)}</dd>
        </div>
        {CONDITIONS.map((condition) => (
          <div key={condition} class={abnormal(condition, counts[condition])}>
            <dt>
              {sign(condition, counts[condition])}
              {say.conditions[condition]}
            </dt>
            <dd>{figure(counts[condition])}</dd>
          </div>
        ))}
      </dl>
      {counts.unregistered > 0 && <p class="note">{say.fleet.unregistered(counts.unregistered)}</p>}
    </>
  );
}

/** Places by `data-place` in the style: about where the districts lie. Districts of another site follow in rows. */
function TileMap() {
  const say = messages.value;
  const chosen = param("district");
  const people = new Map<string, number>();
  for (const { lift } of lists.value.people) people.set(lift.district ?? "", (people.get(lift.district ?? "") ?? 0) + 1);
  return (
    <>
      <ul class="tiles" aria-label={words.value.map}>
        {(fleet.value?.counts.districts ?? []).map(({ district, counts }) => {
          const name = district === null ? say.fleet.elsewhere : districtName(district, language.value);
          const shutIn = people.get(district ?? "") ?? 0;
          return (
            <li key={district ?? ""} data-place={district ?? ""}>
              <button
                type="button"
                class={`tile ${shutIn > 0 ? "shut" : counts.faulted > 0 ? "faulted" : counts.silent > 0 ? "silent" : "well"}`}
                aria-pressed={chosen === (district ?? "")}
                disabled={district === null}
                onClick={() => setParams({ district: chosen === district ? null : district })}
              >
                <span class="unseen">{words.value.tile(name, counts.registered, counts.faulted, counts.silent, shutIn)}</span>
                <span class="tile-name" aria-hidden="true">
                  {name}
                </span>
                <span class="tile-signs" aria-hidden="true">
                  {shutIn > 0 && <b class="sign-shut">■ {figure(shutIn)}</b>}
                  {counts.faulted > 0 && <b>▲ {figure(counts.faulted)}</b>}
                  {counts.silent > 0 && <b>◌ {figure(counts.silent)}</b>}
                  {shutIn + counts.faulted + counts.silent === 0 && <span class="quiet">{words.value.allWell}</span>}
                </span>
                <span class="quiet" aria-hidden="true">
                  {figure(counts.registered)}
                </span>
              </button>
            </li>
          );
        })}
      </ul>
      <p class="legend quiet">{words.value.legend}</p>
    </>
  );
}

function Pipeline() {
  const say = messages.value.pipeline;
  const counts = ledger.value;
  if (counts === null) return null;
  return (
    <details class="pipeline-fold">
      <summary>
        {say.title}{" "}
        <span class="quiet">
          {say.received} {figure(counts.received)} · {say.quarantined} {figure(counts.quarantined)} · {say.pending} {figure(counts.pending)}
        </span>
      </summary>
      <dl class="pipeline">
        {(["received", "accepted", "duplicate", "quarantined", "late", "stored", "pending"] as const).map((key) => (
          <div key={key}>
            <dt>{say[key]}</dt>
            <dd>{figure(counts[key])}</dd>
          </div>
        ))}
      </dl>
    </details>
  );
}

function figure(value: number): string {
  return value.toLocaleString(messages.value.tag);
}

function abnormal(condition: LiftCondition, value: number): string {
  if (value === 0) return "zero";
  return condition === "faulted" || condition === "silent" ? condition : "";
}

function sign(condition: LiftCondition, value: number) {
  const shape = SIGNS[condition];
  return shape === undefined || value === 0 ? null : (
    <span class="sign" aria-hidden="true">
      {shape}{" "}
    </span>
  );
}
