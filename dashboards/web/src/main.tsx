import { effect } from "@preact/signals";
import { render } from "preact";
import { followActs } from "./acts.ts";
import { listenForKeys } from "./keys.ts";
import { fetchView } from "./parts/lazy.tsx";
import { applyPreferences, messages } from "./preferences.ts";
import { place, startRouter } from "./router.ts";
import { Page } from "./shell/page.tsx";
import { startSound } from "./shell/sound.ts";
import { followTour } from "./shell/tour.tsx";
import { enter, entrance, lists, stale } from "./site.ts";
import { viewAt } from "./views.ts";

const root = document.getElementById("page");
if (root === null) throw new Error("index.html has no element with id page");
applyPreferences();
startRouter();
listenForKeys();
followActs();
followTour();
// While it is being found out who is signed in, the view's chunk is on its way.
const first = viewAt(place.value.path);
if (first !== null) fetchView(first.view);
effect(() => {
  const open = lists.value.unacknowledgedCritical;
  const at = viewAt(place.value.path);
  const where = at === null ? "" : (at.params["id"] ?? messages.value.nav[at.view.id]);
  const old = stale.value && entrance.value === "signed-in" ? "⚠ " : "";
  document.title = `${old}${open > 0 ? `(${open}) ` : ""}${where === "" ? "" : `${where} · `}Hoistway`;
});
render(<Page />, root);
void enter();
// Sound is asked for when somebody is signed in: before that there is nothing to tell.
const off = effect(() => {
  if (entrance.value !== "signed-in") return;
  queueMicrotask(() => off());
  startSound();
});
