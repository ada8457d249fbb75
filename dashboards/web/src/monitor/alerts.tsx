/** Every alert but those about people shut in: what stands, what is folded away, what has ended. */
import { signal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import type { Alert } from "../../../../src/core/effects.ts";
import { ACTIVE_MOST } from "../feed.ts";
import { districtName } from "../messages/messages.ts";
import { PRIORITIES_IN_ORDER } from "../order.ts";
import { FilterBar, FilterSelect } from "../parts/filter-bar.tsx";
import { language, messages } from "../preferences.ts";
import { fleet, known, lists, stale, truncated } from "../site.ts";
import { ActiveRow, EndedRow } from "./alert-row.tsx";
import { anyFilter, filtered, FILTERS } from "./filters.ts";
import { arrangeHeld, hold, isHeld, letGo } from "./hold.ts";
import { words } from "./words.ts";

/** Rows made at once: 1,000 stay smooth (test/browser); a district's power cut must not freeze the page. */
const STEP = 1_000;
const most = signal(STEP);

export function Alerts() {
  const say = messages.value.alerts;
  const { active, folded, cleared } = lists.value;
  const wanted = filtered(active);
  const { rows, waiting } = arrangeHeld(wanted);
  const inside = insideOf(folded);
  return (
    <section class="alerts" id="alerts" aria-labelledby="alerts-title" tabIndex={-1}>
      <div class="bar">
        <h1 id="alerts-title">
          {words.value.others} <span class="quiet">{known.value ? countText(active) : ""}</span>
        </h1>
        <Filters shown={wanted.length} all={active.length} alerts={active} />
      </div>
      <Waiting alerts={waiting} />
      <div
        class="holder"
        onPointerMove={(event) => {
          if (event.pointerType !== "touch") hold();
        }}
        onPointerDown={hold}
        onPointerLeave={(event) => {
          if (event.pointerType !== "touch") letGo();
        }}
      >
        {rows.length > 0 ? (
          <Table label={words.value.others}>
            {rows.slice(0, most.value).map((alert) => (
              <ActiveRow key={alert.id} alert={alert} inside={inside.get(alert.id) ?? 0} />
            ))}
          </Table>
        ) : (
          <Quiet hidden={active.length} />
        )}
      </div>
      {rows.length > most.value && (
        <button type="button" class="more" onClick={() => (most.value += STEP)}>
          {say.more(Math.min(STEP, rows.length - most.value))}
        </button>
      )}
      {truncated.value && <p class="note">{say.truncated(ACTIVE_MOST)}</p>}
      <Folded alerts={filtered(folded)} />
      <Ended alerts={filtered(cleared)} />
    </section>
  );
}

function countText(active: readonly Alert[]): string {
  return messages.value.alerts.summary(active.length, active.filter(({ acknowledged }) => !acknowledged).length);
}

/** How many alerts each mass event owns. */
function insideOf(folded: readonly Alert[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { groupId } of folded) if (groupId !== null) counts.set(groupId, (counts.get(groupId) ?? 0) + 1);
  return counts;
}

function Filters(props: { readonly shown: number; readonly all: number; readonly alerts: readonly Alert[] }) {
  const say = messages.value;
  const { filter, states, left } = words.value;
  const districts = (fleet.value?.counts.districts ?? []).flatMap(({ district }) => (district === null ? [] : [district]));
  const hazards = [...new Set(props.alerts.map(({ hazard }) => hazard))].sort();
  return (
    <FilterBar names={FILTERS} {...(anyFilter() ? { left: left(props.shown, props.all) } : {})}>
      <FilterSelect
        name="priority"
        label={filter.priority}
        options={PRIORITIES_IN_ORDER.map((priority) => [priority, say.priorities[priority]] as const)}
      />
      <FilterSelect
        name="district"
        label={filter.district}
        options={districts.map((district) => [district, districtName(district, language.value)] as const)}
      />
      <FilterSelect name="hazard" label={filter.hazard} options={hazards.map((hazard) => [hazard, say.hazards[hazard]] as const)} />
      <FilterSelect name="state" label={filter.state} options={Object.entries(states)} />
    </FilterBar>
  );
}

/** A line that is always there, so that it moves nothing when it has something to say. */
function Waiting(props: { readonly alerts: readonly Alert[] }) {
  const say = messages.value;
  const [first] = props.alerts;
  return (
    <p class={first === undefined ? "waiting" : "waiting some"}>
      {first !== undefined ? (
        <>
          <b>{words.value.held(props.alerts.length)}</b> {say.priorities[first.priority]}: {say.hazards[first.hazard]}, {first.liftId}
        </>
      ) : (
        isHeld.value && <span class="quiet">{words.value.holding}</span>
      )}
    </p>
  );
}

const COLUMNS = ["priority", "hazard", "lift", "details", "since", "state"] as const;

function Table(props: { readonly label: string; readonly ended?: boolean; readonly children: ComponentChildren }) {
  const say = messages.value.alerts.columns;
  return (
    <div class="list" role="table" aria-label={props.label}>
      <div role="rowgroup" class="list-head">
        <div role="row" class="row">
          {COLUMNS.map((column) => (
            <div key={column} role="columnheader" class={column}>
              {props.ended === true && column === "since" ? say.ended : say[column]}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" class="rows">
        {props.children}
      </div>
    </div>
  );
}

/** What an empty list means depends on whether anything is being heard, and on the filters. */
function Quiet(props: { readonly hidden: number }) {
  const say = messages.value;
  if (!known.value || stale.value) return <p class="empty">{say.alerts.unknown}</p>;
  if (props.hidden > 0) return <p class="empty">{words.value.filteredOut}</p>;
  if (lists.value.people.length > 0) return <p class="empty">{words.value.onlyPeople}</p>;
  const counts = fleet.value?.counts.total;
  return (
    <div class="empty">
      <p>{counts === undefined ? say.alerts.quietNoFleet : say.alerts.quiet(counts.registered, counts["in-service"])}</p>
      <p class="quiet">
        {say.alerts.watched}: {Object.values(say.hazards).join(language.value === "zh" ? "、" : ", ")}
      </p>
    </div>
  );
}

/** By why they are folded: a mass event's own, by design, by people. Rows are made when somebody opens them. */
function Folded(props: { readonly alerts: readonly Alert[] }) {
  const kinds = words.value.foldedKinds;
  const groups = { group: [] as Alert[], mode: [] as Alert[], shelved: [] as Alert[] };
  for (const alert of props.alerts) groups[alert.suppressedBy === null ? "shelved" : alert.groupId !== null ? "group" : "mode"].push(alert);
  return (
    <>
      {(["group", "mode", "shelved"] as const)
        .filter((kind) => groups[kind].length > 0)
        .map((kind) => (
          <Fold key={kind} label={`${kinds[kind]}: ${groups[kind].length}`} alerts={groups[kind]} />
        ))}
    </>
  );
}

const opened = signal<ReadonlySet<string>>(new Set());

function Fold({ label, alerts }: { readonly label: string; readonly alerts: readonly Alert[] }) {
  const key = label.replace(/\d+$/, "");
  const open = opened.value.has(key);
  return (
    <details
      class="fold"
      open={open}
      onToggle={(event) => {
        const now = new Set(opened.value);
        if (event.currentTarget.open) now.add(key);
        else now.delete(key);
        if (now.size !== opened.value.size) opened.value = now;
      }}
    >
      <summary>{label}</summary>
      {open && (
        <Table label={label}>
          {alerts.slice(0, most.value).map((alert) => (
            <ActiveRow key={alert.id} alert={alert} />
          ))}
        </Table>
      )}
    </details>
  );
}

function Ended(props: { readonly alerts: readonly Alert[] }) {
  const say = messages.value.alerts;
  return (
    <section class="ended-list" aria-labelledby="ended-title">
      <h2 id="ended-title">{say.cleared}</h2>
      {props.alerts.length === 0 ? (
        <p class="quiet">{say.clearedNone}</p>
      ) : (
        <Table label={say.cleared} ended>
          {props.alerts.map((alert) => (
            <EndedRow key={alert.id} alert={alert} />
          ))}
        </Table>
      )}
    </section>
  );
}
