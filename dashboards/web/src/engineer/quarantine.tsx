/** Readings and messages that were refused: why, where in the payload, what was found; newest first. */
import { DataTable, type Column } from "../parts/data-table.tsx";
import { FilterBar, FilterSelect } from "../parts/filter-bar.tsx";
import { When } from "../parts/time.tsx";
import { messages } from "../preferences.ts";
import { param } from "../router.ts";
import "./engineer.css";
import { figure } from "./figures.ts";
import { say } from "./messages.ts";
import { Freshness } from "./freshness.tsx";
import { usePolled } from "./poll.ts";
import { getQuarantine, type Rejected } from "./rest.ts";
import { Tabs } from "./tabs.tsx";

/** As many as the server gives at most (LIMITS.store.quarantinePage). */
const NEWEST = 1_000;
const EVERY_MS = 15_000;

export function QuarantineView() {
  const words = say.value.quarantine;
  const polled = usePolled(() => getQuarantine(NEWEST), EVERY_MS);
  const all = polled.value.value ?? [];
  const reason = param("reason");
  const source = param("source");
  const shown = all.filter((each) => (reason === null || each.reason === reason) && (source === null || each.source === source));
  return (
    <main class="page engineer" id="main" tabIndex={-1}>
      <Tabs at="quarantine" />
      <h1>{words.title}</h1>
      <p class="quiet">{words.explain}</p>
      <FilterBar names={["reason", "source"]} left={words.left(shown.length, all.length)}>
        <FilterSelect name="reason" label={words.reason} options={counted(all, (each) => each.reason, reasonName)} />
        <FilterSelect
          name="source"
          label={words.source}
          options={counted(
            all,
            (each) => each.source,
            (id) => (id === "" ? "–" : id),
          )}
        />
      </FilterBar>
      <Freshness polled={polled} />
      {all.length >= NEWEST && <p class="note">{words.newest(NEWEST)}</p>}
      {polled.value.value !== null && shown.length === 0 ? (
        <p class="empty">{words.none}</p>
      ) : (
        <DataTable
          caption={words.title}
          captionUnseen
          columns={columns()}
          rows={shown}
          rowKey={({ entry, index }) => `${entry}.${index}`}
        />
      )}
    </main>
  );
}

function columns(): readonly Column<Rejected>[] {
  const words = say.value.quarantine;
  return [
    { key: "at", label: words.at, cell: ({ receivedAt }) => <When at={receivedAt} />, sort: ({ receivedAt }) => receivedAt },
    {
      key: "reason",
      label: words.reason,
      cell: ({ reason }) => (
        <>
          {reasonName(reason)} <code class="quiet">{reason}</code>
        </>
      ),
      sort: ({ reason }) => reason,
    },
    {
      key: "where",
      label: words.where,
      cell: ({ topic, path }) => (
        <>
          <code>{topic}</code>
          {path !== "" && (
            <>
              {" "}
              → <code>{path}</code>
            </>
          )}
        </>
      ),
      sort: ({ topic }) => topic,
    },
    { key: "found", label: words.found, cell: ({ message }) => <span lang="en">{message}</span> },
    { key: "excerpt", label: words.excerpt, cell: ({ excerpt }) => <code class="excerpt">{excerpt}</code> },
    { key: "source", label: words.source, cell: ({ source }) => source, sort: ({ source }) => source },
    { key: "entry", label: words.entry, figure: true, cell: ({ entry }) => figure(entry), sort: ({ entry }) => entry },
  ];
}

function reasonName(reason: string): string {
  const names = say.value.quarantine.reasons as Readonly<Partial<Record<string, string>>>;
  return names[reason] ?? reason;
}

/** Values that occur, the most frequent first, with how often. */
function counted(
  all: readonly Rejected[],
  of: (each: Rejected) => string,
  name: (value: string) => string,
): readonly (readonly [string, string])[] {
  const counts = new Map<string, number>();
  for (const each of all) counts.set(of(each), (counts.get(of(each)) ?? 0) + 1);
  return [...counts]
    .filter(([value]) => value !== "")
    .sort(([a, m], [b, n]) => n - m || a.localeCompare(b, messages.value.tag))
    .map(([value, count]) => [value, `${name(value)} (${figure(count)})`] as const);
}
