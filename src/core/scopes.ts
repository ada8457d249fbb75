/** What lifts share: which building, gateway, firm, district, or the whole site, explains that many were struck at once. Pure. */
import type { LiftState } from "./lift-state.ts";
import type { Rules } from "./rules.ts";

/** Narrowest first. A gateway is whoever publishes for lifts other than itself. */
export const SCOPES = ["building", "gateway", "firm", "district", "site"] as const;
export type ScopeKind = (typeof SCOPES)[number];

export interface Scope {
  readonly kind: ScopeKind;
  /** Null for the site. */
  readonly name: string | null;
  /** The building's; two districts may have buildings of one name. */
  readonly district: string | null;
}

/** A scope and the struck lifts in it. */
export interface Found {
  readonly scope: Scope;
  readonly lifts: readonly LiftState[];
}

type Limits = Rules["mass-event"];

interface Tally {
  readonly scope: Scope;
  readonly lifts: LiftState[];
  /** Struck lifts by building of a district, by district of the site. */
  readonly parts: Map<string, number>;
  /** Lifts that were heard before, struck ones included. */
  size: number;
}

/** A wider scope must explain so much more than a narrower one (assumption). */
const EXPLAINS = 0.9;

export function nameIn(lift: LiftState, kind: ScopeKind): string | null {
  switch (kind) {
    case "building":
      return lift.register?.building ?? null;
    case "gateway":
      return lift.gateway;
    case "firm":
      return lift.register?.firm ?? null;
    case "district":
      return lift.register?.district ?? null;
    case "site":
      return "";
    default:
      return kind satisfies never;
  }
}

export function covers({ kind, name, district }: Scope, lift: LiftState): boolean {
  if (kind === "site") return true;
  return nameIn(lift, kind) === name && (kind !== "building" || (lift.register?.district ?? null) === district);
}

/**
 * The fewest scopes that explain the struck lifts, largest first; lifts that no scope explains are left out. The order of
 * `struck` settles nothing but the order of each result's lifts. `all` are the lifts that were heard before.
 */
export function explain(struck: readonly LiftState[], all: () => Iterable<LiftState>, limits: Limits): Found[] {
  const found: Found[] = [];
  let rest = struck;
  while (rest.length >= limits.minLifts) {
    const tallies = new Tallies(rest);
    tallies.measure(all());
    const best = tallies.best(limits);
    if (best === null) break;
    found.push({ scope: best.scope, lifts: best.lifts });
    const taken = new Set(best.lifts);
    rest = rest.filter((lift) => !taken.has(lift));
  }
  return found;
}

/** Struck lifts counted by everything that they share. */
class Tallies {
  /** By kind and name; buildings of one name by district. */
  readonly #byName = new Map<ScopeKind, Map<string, Tally[]>>(SCOPES.map((kind) => [kind, new Map<string, Tally[]>()]));

  constructor(struck: readonly LiftState[]) {
    for (const lift of struck) {
      for (const kind of SCOPES) {
        const name = nameIn(lift, kind);
        if (name === null) continue;
        const tally = this.#find(lift, kind, name) ?? this.#add(lift, kind, name);
        tally.lifts.push(lift);
        const part = kind === "site" ? (lift.register?.district ?? "") : (lift.register?.building ?? `\n${lift.liftId}`);
        tally.parts.set(part, (tally.parts.get(part) ?? 0) + 1);
      }
    }
  }

  measure(all: Iterable<LiftState>): void {
    for (const lift of all) {
      for (const kind of SCOPES) {
        const name = nameIn(lift, kind);
        const tally = name === null ? undefined : this.#find(lift, kind, name);
        if (tally !== undefined) tally.size += 1;
      }
    }
  }

  /** Of those that qualify, the smallest that explains nearly as many as the one that explains most. */
  best(limits: Limits): Tally | null {
    const struckDistricts = this.#of("district").filter((tally) => isWide(tally, limits)).length;
    const qualified = SCOPES.flatMap((kind) => this.#of(kind)).filter((tally) => qualifies(tally, struckDistricts, limits));
    const most = qualified.reduce((count, { lifts }) => Math.max(count, lifts.length), 0);
    const enough = qualified.filter(({ lifts }) => lifts.length >= most * EXPLAINS);
    return enough.reduce<Tally | null>((best, tally) => (best === null || isNarrower(tally, best) ? tally : best), null);
  }

  #of(kind: ScopeKind): Tally[] {
    return [...(this.#byName.get(kind)?.values() ?? [])].flat();
  }

  #find(lift: LiftState, kind: ScopeKind, name: string): Tally | undefined {
    const tallies = this.#byName.get(kind)?.get(name);
    return kind === "building" ? tallies?.find(({ scope }) => covers(scope, lift)) : tallies?.[0];
  }

  #add(lift: LiftState, kind: ScopeKind, name: string): Tally {
    const district = kind === "building" ? (lift.register?.district ?? null) : null;
    const tally: Tally = { scope: { kind, name: kind === "site" ? null : name, district }, lifts: [], parts: new Map(), size: 0 };
    const names = this.#byName.get(kind);
    const same = names?.get(name);
    if (same === undefined) names?.set(name, [tally]);
    else same.push(tally);
    return tally;
  }
}

function qualifies(tally: Tally, struckDistricts: number, limits: Limits): boolean {
  const { scope, lifts, size } = tally;
  const share = lifts.length / Math.max(size, lifts.length);
  switch (scope.kind) {
    case "building":
    case "gateway":
    case "firm":
      return lifts.length >= limits.minLifts && share >= limits.minShare;
    case "district":
      return isWide(tally, limits) || (lifts.length >= limits.minLifts && share >= limits.minShare);
    case "site":
      return lifts.length >= limits.wideLifts && (share >= limits.minShare || struckDistricts >= limits.wideBuildings);
    default:
      return scope.kind satisfies never;
  }
}

/** Several buildings of a district at once have one cause, however small a part of it they are. */
function isWide({ lifts, parts }: Tally, limits: Limits): boolean {
  return lifts.length >= limits.wideLifts && parts.size >= limits.wideBuildings;
}

/** By size, then by kind, then by name, so that the choice is always the same. */
function isNarrower(a: Tally, b: Tally): boolean {
  if (a.size !== b.size) return a.size < b.size;
  const kinds = SCOPES.indexOf(a.scope.kind) - SCOPES.indexOf(b.scope.kind);
  if (kinds !== 0) return kinds < 0;
  return `${a.scope.name}\n${a.scope.district}` < `${b.scope.name}\n${b.scope.district}`;
}
