/** The monitoring centre: people shut in, the other alerts, the fleet. */
import "./monitor.css";
import { useEffect } from "preact/hooks";
import { nextAct } from "../handling.ts";
import { bindKey } from "../keys.ts";
import { ActWordsDialog, perform } from "../parts/acts.tsx";
import { place } from "../router.ts";
import { toggleMute } from "../shell/sound.ts";
import { alertById, mayAct, stale } from "../site.ts";
import { AlertPanel, openAlertId } from "./alert-panel.tsx";
import { Alerts } from "./alerts.tsx";
import { Fleet } from "./fleet.tsx";
import { People } from "./people.tsx";

export function MonitorView() {
  useEffect(() => {
    const release = [
      bindKey("j", () => step(1)),
      bindKey("k", () => step(-1)),
      bindKey("a", actOnFocused),
      bindKey("e", () => document.getElementById("people")?.querySelector<HTMLElement>("[data-open]")?.focus()),
      bindKey("m", toggleMute),
    ];
    return () => release.forEach((off) => off());
  }, []);
  // Links to parts of this page come through the router, which the browser does not scroll for.
  useEffect(() => {
    const target = document.getElementById(place.value.hash);
    target?.scrollIntoView({ block: "start" });
    target?.focus({ preventScroll: true });
  }, [place.value.hash]);
  return (
    <>
      <main class={stale.value ? "board old" : "board"} id="main" tabIndex={-1}>
        <People />
        <Alerts />
        <Fleet />
      </main>
      <AlertPanel />
      <ActWordsDialog />
    </>
  );
}

/** To the next alert, or the one before, from the one that has the focus. */
function step(by: 1 | -1): void {
  const stops = [...document.querySelectorAll<HTMLElement>("#people [data-open], #alerts .holder [data-open]")];
  const at = stops.findIndex((stop) => stop.closest("[data-alert]")?.contains(document.activeElement) === true);
  const next = stops[at === -1 ? (by === 1 ? 0 : stops.length - 1) : at + by];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
}

function actOnFocused(): void {
  const id = openAlertId() ?? document.activeElement?.closest<HTMLElement>("[data-alert]")?.dataset["alert"];
  const alert = id == null ? undefined : alertById(id);
  const act = alert === undefined ? null : nextAct(alert);
  if (alert !== undefined && act !== null && mayAct.value) perform(alert, act, false);
}
