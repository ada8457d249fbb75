/** REST as a client sees it (contract §6). */
import type { Alert } from "../../src/core/effects.ts";
import type { Quarantined } from "../../src/core/effects.ts";

export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface Rest {
  readonly origin: string;
  readonly token: string | null;
  get(path: string): Promise<Answer>;
  post(path: string, body?: unknown): Promise<Answer>;
}

export function restClient(origin: string, token: string | null): Rest {
  const headers: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` };
  async function answer(path: string, init: RequestInit): Promise<Answer> {
    const response = await fetch(origin + path, init);
    const text = await response.text();
    return { status: response.status, body: text.startsWith("{") ? (JSON.parse(text) as unknown) : text };
  }
  return {
    origin,
    token,
    get: (path) => answer(path, { headers }),
    post: (path, body = {}) =>
      answer(path, { method: "POST", headers: { ...headers, "content-type": "application/json" }, body: JSON.stringify(body) }),
  };
}

/** @throws Error unless the status is 200. */
export async function fetchJson<T>(rest: Rest, path: string): Promise<T> {
  const { status, body } = await rest.get(path);
  if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
  return body as T;
}

/** A reading as REST gives it: the payload's fields, and where it came in. */
export type ReadingRow = Readonly<Record<string, unknown>> & { readonly channel: string; readonly seq: number; readonly at: number };

/** All rows of a paged answer. */
async function allPages<T>(rest: Rest, path: string, name: string, limit: number): Promise<T[]> {
  const rows: T[] = [];
  let after: string | null = null;
  do {
    const cursor: string = after === null ? "" : `&after=${encodeURIComponent(after)}`;
    const page: Record<string, unknown> & { next: string | null } = await fetchJson(rest, `${path}?limit=${limit}${cursor}`);
    rows.push(...(page[name] as T[]));
    after = page.next;
  } while (after !== null);
  return rows;
}

/** Pages are small on purpose where a test is about pages too. */
export function readingsOf(rest: Rest, liftId: string, limit = 100_000): Promise<ReadingRow[]> {
  return allPages(rest, `/api/lifts/${liftId}/readings`, "readings", limit);
}

export function alertsOf(rest: Rest, limit = 10_000): Promise<Alert[]> {
  return allPages(rest, "/api/alerts", "alerts", limit);
}

export async function quarantineOf(rest: Rest, limit = 1_000): Promise<Quarantined[]> {
  return (await fetchJson<{ quarantine: Quarantined[] }>(rest, `/api/quarantine?limit=${limit}`)).quarantine;
}
