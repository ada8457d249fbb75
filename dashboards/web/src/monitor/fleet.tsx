/** The fleet at a glance: lifts by state, and by district. Grey, but for lifts that fail or are not heard. */
import type { LiftCondition } from "../../../../src/core/view.ts";
import type { FleetCounts } from "../../../../src/core/fleet.ts";
import { clockTime } from "../format.ts";
import { districtName } from "../messages/messages.ts";
import { language, messages } from "../preferences.ts";
import { countsStale, fleet, ledger, now, zone } from "../site.ts";

const CONDITIONS: readonly LiftCondition[] = ["in-service", "faulted", "silent", "out-of-service", "unseen"];
/** The rest of a district is in service. */
const EXCEPTIONS = CONDITIONS.slice(1);
/** A letter-like sign for the two states that want a look, so that colour is not the only one. */
const SIGNS: Readonly<Partial<Record<LiftCondition, string>>> = { faulted: "▲", silent: "◌" };

export function Fleet() {
  const say = messages.value.fleet;
  const counted = fleet.value;
  return (
    <section class={countsStale.value ? "fleet aged" : "fleet"} aria-labelledby="fleet-title">
      <h2 id="fleet-title">{say.title}</h2>
      {counted === null ? (
        <p class="quiet">{say.none}</p>
      ) : (
        <>
          <Totals counts={counted.counts.total} />
          <Districts />
          <p class="quiet">
            {countsStale.value ? "⚠ " : ""}
            {(countsStale.value ? say.stale : say.asOf)(clockTime(counted.at, now.value, zone.value, messages.value.tag))}
          </p>
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

function Districts() {
  const say = messages.value;
  const rows = fleet.value?.counts.districts ?? [];
  return (
    <div class="scroll" role="region" aria-label={say.fleet.districts} tabIndex={0}>
      <table class="districts">
        <caption>{say.fleet.districts}</caption>
        <thead>
          <tr>
            <th scope="col">{say.fleet.district}</th>
            <th scope="col">{say.fleet.registered}</th>
            {EXCEPTIONS.map((condition) => (
              <th key={condition} scope="col">
                {say.conditions[condition]}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ district, counts }) => (
            <tr key={district ?? ""}>
              <th scope="row">{district === null ? say.fleet.elsewhere : <District name={district} />}</th>
              <td>{figure(counts.registered)}</td>
              {EXCEPTIONS.map((condition) => (
                <td key={condition} class={abnormal(condition, counts[condition])}>
                  {sign(condition, counts[condition])}
                  {figure(counts[condition])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** English readers get the reading and the Chinese name that stands on papers and signs. */
function District(props: { readonly name: string }) {
  const read = districtName(props.name, language.value);
  return read === props.name ? (
    <span lang="zh">{props.name}</span>
  ) : (
    <>
      {read}{" "}
      <span lang="zh" class="quiet">
        {props.name}
      </span>
    </>
  );
}

function Pipeline() {
  const say = messages.value.pipeline;
  const counts = ledger.value;
  if (counts === null) return null;
  return (
    <>
      <h2>{say.title}</h2>
      <dl class="pipeline">
        {(["received", "accepted", "duplicate", "quarantined", "late", "stored", "pending"] as const).map((key) => (
          <div key={key}>
            <dt>{say[key]}</dt>
            <dd>{figure(counts[key])}</dd>
          </div>
        ))}
      </dl>
    </>
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
