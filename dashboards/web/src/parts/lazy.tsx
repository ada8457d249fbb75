/** A view's component, fetched when it is first wanted and kept. */
import { signal, type Signal } from "@preact/signals";
import type { ComponentType } from "preact";
import { messages } from "../preferences.ts";
import type { View, ViewProps } from "../views.ts";

type Loaded = { readonly component: ComponentType<ViewProps> | null; readonly failed: boolean };

const chunks = new Map<View, Signal<Loaded>>();

/** Begins to fetch, so that it is there when it is rendered. */
export function fetchView(view: View): Signal<Loaded> {
  const known = chunks.get(view);
  if (known !== undefined) return known;
  const loaded = signal<Loaded>({ component: null, failed: false });
  chunks.set(view, loaded);
  void load(view, loaded);
  return loaded;
}

async function load(view: View, loaded: Signal<Loaded>): Promise<void> {
  try {
    loaded.value = { component: await view.load(), failed: false };
  } catch {
    // The program was updated meanwhile, or is away; the next try asks anew.
    chunks.delete(view);
    loaded.value = { component: null, failed: true };
  }
}

export function LazyView(props: { readonly view: View; readonly params: ViewProps["params"] }) {
  const { component: Component, failed } = fetchView(props.view).value;
  if (failed) {
    return (
      <main class="page" id="main">
        <p role="alert">{messages.value.parts.notLoaded}</p>
        <button type="button" onClick={() => location.reload()}>
          {messages.value.parts.reload}
        </button>
      </main>
    );
  }
  return Component === null ? <main class="page" id="main" aria-busy="true" /> : <Component params={props.params} />;
}
