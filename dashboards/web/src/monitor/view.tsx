/** The monitoring centre. */
import { stale } from "../site.ts";
import { Alerts, Announcer } from "./alerts.tsx";
import { Fleet } from "./fleet.tsx";

export function MonitorView() {
  return (
    <>
      <main class={stale.value ? "board old" : "board"} id="main" tabIndex={-1}>
        <Alerts />
        <Fleet />
      </main>
      <Announcer />
    </>
  );
}
