/** The list of single keys, and the switch for those whom they hinder. */
import { keysOn, switchKeys } from "../keys.ts";
import { Dialog } from "../parts/dialog.tsx";
import { messages } from "../preferences.ts";
import { go } from "../router.ts";
import { mayAct } from "../site.ts";
import { beginTour } from "./tour.tsx";

const KEYS = [
  ["/", "find"],
  ["j · k", "move"],
  ["Enter", "open"],
  ["a", "act"],
  ["e", "people"],
  ["m", "mute"],
  ["?", "list"],
  ["Esc", "close"],
] as const;

export function Shortcuts(props: { readonly onClose: () => void }) {
  const say = messages.value.keys;
  return (
    <Dialog title={say.title} onClose={props.onClose}>
      <dl class="keys">
        {KEYS.filter(([, does]) => does !== "act" || mayAct.value).map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{say.does[does]}</dd>
          </div>
        ))}
      </dl>
      <label class="check">
        <input type="checkbox" checked={keysOn.value} onChange={(event) => switchKeys(event.currentTarget.checked)} /> {say.on}
      </label>
      <p>
        <button
          type="button"
          onClick={() => {
            props.onClose();
            go("/");
            beginTour();
          }}
        >
          {messages.value.tour.again}
        </button>
      </p>
    </Dialog>
  );
}
