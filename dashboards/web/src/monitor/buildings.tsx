/** The buildings of the district that is filtered for, those with most to see to first. */
import { signal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import type { FleetCounts } from "../../../../src/core/fleet.ts";
import { districtName } from "../messages/messages.ts";
import { type Column, DataTable } from "../parts/data-table.tsx";
import { language, messages } from "../preferences.ts";
import { getBuildings } from "../rest.ts";
import { param } from "../router.ts";
import { words } from "./words.ts";

interface Building {
  readonly building: string | null;
  readonly counts: FleetCounts;
}

const count = (key: keyof FleetCounts, label: string): Column<Building> => ({
  key,
  label,
  figure: true,
  cell: ({ counts }) => (counts[key] === 0 ? <span class="quiet">0</span> : counts[key]),
  sort: ({ counts }) => counts[key],
});

const AGAIN_MS = 30_000;
const answer = signal<{ readonly district: string; readonly buildings: readonly Building[]; readonly more: number } | null>(null);

export function Buildings() {
  const district = param("district");
  useEffect(() => {
    if (district === null) return undefined;
    let over = false;
    const ask = async (): Promise<void> => {
      const found = await getBuildings(district).catch(() => null);
      if (!over && found !== null) answer.value = { district, ...found };
    };
    void ask();
    const timer = window.setInterval(() => {
      if (document.visibilityState === "visible") void ask();
    }, AGAIN_MS);
    return () => {
      over = true;
      clearInterval(timer);
    };
  }, [district]);
  const shown = answer.value;
  if (district === null || shown?.district !== district) return null;
  const say = messages.value;
  return (
    <div class="buildings">
      <DataTable
        caption={words.value.buildings(districtName(district, language.value))}
        rows={shown.buildings}
        rowKey={({ building }) => building ?? ""}
        columns={[
          {
            key: "building",
            label: words.value.building,
            cell: ({ building }) => (building === null ? say.parts.unknown : <span lang="zh">{building}</span>),
            sort: ({ building }) => building,
          },
          count("registered", words.value.lifts),
          count("faulted", say.conditions.faulted),
          count("silent", say.conditions.silent),
          count("out-of-service", say.conditions["out-of-service"]),
        ]}
      />
      {shown.more > 0 && <p class="note">{words.value.moreBuildings(shown.more)}</p>}
    </div>
  );
}
