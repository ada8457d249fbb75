/** The engineer's pages, beside each other; only those that the reader's role may see. */
import { remembered } from "../router.ts";
import { may } from "../site.ts";
import { say } from "./messages.ts";

const TABS = [
  ["replay", "/engineer", "engineer"],
  ["quarantine", "/engineer/quarantine", "engineer"],
  ["pipeline", "/engineer/pipeline", "viewer"],
] as const;

export function Tabs(props: { readonly at: (typeof TABS)[number][0] }) {
  return (
    <nav class="tabs" aria-label={say.value.tabs.title}>
      {TABS.filter(([, , least]) => may(least)).map(([id, path]) => (
        <a key={id} href={remembered(path)} aria-current={id === props.at ? "page" : undefined}>
          {say.value.tabs[id]}
        </a>
      ))}
    </nav>
  );
}
