/**
 * Where the reader is: the address bar as a signal. A view's filters are the query, so that an address can be sent, kept and
 * gone back to; what was chosen last in a view is remembered on this machine and comes back with it.
 */
import { signal } from "@preact/signals";
import { keep, read } from "./kept.ts";
import { decode } from "./router-match.ts";

export interface Place {
  readonly path: string;
  readonly query: URLSearchParams;
  /** Without `#`. */
  readonly hash: string;
}

const KEPT = "hoistway.query.";
/** The program sends people here with these; they are no filters. */
const NOT_FILTERS = ["sign-in", "token"];
/** A longer query is not worth keeping, and no view of ours makes one. */
const QUERY_CHARS = 500;

function here(): Place {
  const { pathname, search, hash } = location;
  return { path: pathname, query: new URLSearchParams(search), hash: decode(hash.slice(1)) };
}

export const place = signal<Place>(here());

/** Goes to an address on this origin; `replace` leaves no step in the browser's history. */
export function go(href: string, options: { readonly replace?: boolean } = {}): void {
  history[options.replace === true ? "replaceState" : "pushState"](null, "", href);
  arrive();
}

/** One filter, or null where it is not set. */
export function param(name: string): string | null {
  return place.value.query.get(name);
}

/** Sets filters of the view that is shown; null takes one away. Changing a filter is no step in the history. */
export function setParams(changes: Readonly<Record<string, string | null>>): void {
  const query = new URLSearchParams(place.peek().query);
  for (const [name, value] of Object.entries(changes)) {
    if (value === null || value === "") query.delete(name);
    else query.set(name, value);
  }
  const text = query.toString();
  history.replaceState(null, "", `${location.pathname}${text === "" ? "" : `?${text}`}${location.hash}`);
  arrive();
}

export function setHash(hash: string): void {
  history.replaceState(null, "", `${location.pathname}${location.search}${hash === "" ? "" : `#${encodeURIComponent(hash)}`}`);
  arrive();
}

/** A path with the filters that were last set there. */
export function remembered(path: string): string {
  const query = read(KEPT + path) ?? "";
  return query === "" ? path : `${path}?${query}`;
}

/** Call once. Links on this origin then change the page without loading it anew, and the filters of last time come back. */
export function startRouter(): void {
  const { path, query, hash } = here();
  if (query.size === 0 && remembered(path) !== path)
    history.replaceState(null, "", `${remembered(path)}${hash === "" ? "" : location.hash}`);
  arrive();
  window.addEventListener("popstate", arrive);
  window.addEventListener("hashchange", arrive);
  document.addEventListener("click", (event) => {
    if (event.defaultPrevented || event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (link === null || link.target !== "" || link.hasAttribute("download") || link.origin !== location.origin) return;
    if (link.pathname.startsWith("/api/") || (link.pathname === location.pathname && link.search === location.search && link.hash !== ""))
      return;
    event.preventDefault();
    go(link.href);
    window.scrollTo(0, 0);
  });
}

function arrive(): void {
  const now = here();
  place.value = now;
  const kept = new URLSearchParams(now.query);
  for (const name of NOT_FILTERS) kept.delete(name);
  const text = kept.toString();
  if (text.length <= QUERY_CHARS) keep(KEPT + now.path, text);
}
