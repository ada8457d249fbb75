/** Finding lifts by what people know of them, and a district's buildings at a glance. Both read the monitor's memory. */
import { setImmediate } from "node:timers/promises";
import { LIMITS } from "../config.ts";
import { countFleet, type CountedLift, type FleetCounts } from "../core/fleet.ts";
import type { LiftView } from "../core/view.ts";
import type { Backend } from "./backend.ts";
import { answers, type HttpApp } from "./routes.ts";
import * as schemas from "./schemas.ts";

/** A lift as a search shows it. */
interface Found {
  readonly liftId: string;
  readonly district: string | null;
  readonly building: string | null;
  readonly address: string | null;
}

/** A view takes 10 to 20 µs to make: so many between two turns of the event loop. */
const LIFTS_A_TURN = 200;

type Lifts = Pick<Backend["monitor"], "lift" | "liftIds">;

async function forEachLift(monitor: Lifts, look: (lift: LiftView) => void): Promise<void> {
  for (const [at, id] of [...monitor.liftIds()].entries()) {
    if ((at + 1) % LIFTS_A_TURN === 0) await setImmediate();
    const lift = monitor.lift(id);
    if (lift !== null) look(lift);
  }
}

/** What a search looks through, kept for a while: people type letter by letter, and a register changes seldom. */
function createIndex(monitor: Lifts): () => Promise<readonly (readonly [text: string, lift: Found])[]> {
  let made: { readonly at: number; readonly rows: Promise<readonly (readonly [string, Found])[]> } | null = null;
  async function make(): Promise<readonly (readonly [string, Found])[]> {
    const rows: [string, Found][] = [];
    await forEachLift(monitor, ({ liftId, register }) => {
      const { district = null, building = null, address = null } = register ?? {};
      rows.push([`${liftId}\n${building ?? ""}\n${address ?? ""}`.toLowerCase(), { liftId, district, building, address }]);
    });
    return rows;
  }
  return () => {
    const now = performance.now();
    if (made === null || now - made.at > LIMITS.http.searchIndexMs) made = { at: now, rows: make() };
    return made.rows;
  };
}

export function addSearchRoutes(app: HttpApp, { monitor }: Pick<Backend, "monitor">): void {
  const index = createIndex(monitor);

  app.get(
    "/api/search",
    {
      schema: {
        summary: "Lifts by code, building or address, those that begin with the words first",
        querystring: schemas.searchQuery,
        response: answers(schemas.searchAnswer),
      },
    },
    async (request, reply) => {
      const { q, limit } = request.query;
      const words = q.toLowerCase().split(/\s+/).filter(Boolean);
      const [first = ""] = words;
      const begins: Found[] = [];
      const contains: Found[] = [];
      for (const [text, lift] of await index()) {
        if (!words.every((word) => text.includes(word))) continue;
        if (text.startsWith(first) || text.includes(`\n${first}`)) begins.push(lift);
        else contains.push(lift);
        if (begins.length === limit) break;
      }
      return reply.send({ lifts: [...begins, ...contains].slice(0, limit) });
    },
  );

  app.get(
    "/api/fleet/buildings",
    {
      schema: {
        summary: "Lifts of one district counted by state and building, the buildings with most to see to first",
        querystring: schemas.buildingsQuery,
        response: answers(schemas.buildingsAnswer),
      },
    },
    async (request, reply) => {
      const { district } = request.query;
      const buildings = new Map<string | null, CountedLift[]>();
      await forEachLift(monitor, ({ register, registered, state }) => {
        if ((register?.district ?? "") !== district) return;
        const building = register?.building ?? null;
        const lifts = buildings.get(building);
        const counted = { registered, condition: state, district };
        if (lifts === undefined) buildings.set(building, [counted]);
        else lifts.push(counted);
      });
      const rows = [...buildings].map(([building, lifts]) => ({ building, counts: countFleet(lifts, "UTC").total }));
      rows.sort((a, b) => trouble(b.counts) - trouble(a.counts) || (a.building ?? "").localeCompare(b.building ?? "", "zh"));
      return reply.send({ buildings: rows.slice(0, LIMITS.http.buildings), more: Math.max(0, rows.length - LIMITS.http.buildings) });
    },
  );
}

function trouble(counts: FleetCounts): number {
  return counts.faulted + counts.silent;
}
