/** The views: one address each, each a chunk of its own that is fetched when it is first wanted. README.md says how to add one. */
import type { ComponentType } from "preact";
import type { Role } from "../../../src/access/access.ts";
import type { Messages } from "./messages/messages.ts";
import { match } from "./router-match.ts";

/** What stands in the address for the colon-parts of the view's pattern. */
export interface ViewProps {
  readonly params: Readonly<Record<string, string>>;
}

export interface View {
  /** Its name in the messages, `nav`. */
  readonly id: keyof Messages["nav"];
  /** Its address. Part by part; a part that begins with a colon is a parameter. `src/api/session-routes.ts` must serve it too. */
  readonly pattern: string;
  /** Who may see it: below that role it is not offered. */
  readonly least: Role;
  /** Whether the navigation lists it; `without-engineer`: for those only who are not offered the engineer's page, which leads to it too. */
  readonly listed: boolean | "without-engineer";
  readonly load: () => Promise<ComponentType<ViewProps>>;
}

export const VIEWS: readonly View[] = [
  {
    id: "monitor",
    pattern: "/",
    least: "viewer",
    listed: true,
    load: async () => (await import("./monitor/view.tsx")).MonitorView,
  },
  {
    id: "lift",
    pattern: "/lift/:id",
    least: "viewer",
    listed: false,
    load: async () => (await import("./lift/view.tsx")).LiftPage,
  },
  {
    id: "alert",
    pattern: "/alert/:id",
    least: "viewer",
    listed: false,
    load: async () => (await import("./engineer/alert-view.tsx")).AlertView,
  },
  {
    id: "engineer",
    pattern: "/engineer",
    least: "engineer",
    listed: true,
    load: async () => (await import("./engineer/view.tsx")).EngineerView,
  },
  {
    id: "quarantine",
    pattern: "/engineer/quarantine",
    least: "engineer",
    listed: false,
    load: async () => (await import("./engineer/quarantine.tsx")).QuarantineView,
  },
  {
    id: "pipeline",
    pattern: "/engineer/pipeline",
    least: "viewer",
    listed: "without-engineer",
    load: async () => (await import("./engineer/pipeline.tsx")).PipelineView,
  },
  {
    id: "trends",
    pattern: "/trends",
    least: "viewer",
    listed: true,
    load: async () => (await import("./trends/view.tsx")).TrendsView,
  },
];

/** `may`: whether the reader's role includes another. */
export function isListed(listed: View["listed"], may: (role: Role) => boolean): boolean {
  return listed === "without-engineer" ? !may("engineer") : listed;
}

export function viewAt(path: string): { readonly view: View; readonly params: Readonly<Record<string, string>> } | null {
  for (const view of VIEWS) {
    const params = match(view.pattern, path);
    if (params !== null) return { view, params };
  }
  return null;
}
