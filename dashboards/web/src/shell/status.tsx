/** A strip of fixed height that always says how old the page's contents are; a longer message lies over what follows. */
import { clockTime, span } from "../format.ts";
import { messages } from "../preferences.ts";
import { hurry, lastFrameAt, link, localNow, now, stale, trouble, zone } from "../site.ts";

/** The HTTP status of a refused Origin is not shown to scripts; the feed's own code for it is. */
const ORIGIN_REFUSED = 4403;

export function Status() {
  return (
    <div class="strip">
      <Line />
    </div>
  );
}

function Line() {
  const say = messages.value.link;
  const last = lastFrameAt.value;
  const connecting = last === null && link.value.phase !== "waiting";
  if (connecting) return <p class="status">{say.connecting}</p>;
  if (stale.value) return <Stale />;
  return (
    <p class={trouble.value === null ? "status" : "status troubled"}>
      <span class="dot" aria-hidden="true" /> <b>{say.live}</b>{" "}
      <span class="quiet">{say.age(Math.max(0, Math.floor((localNow.value - (last ?? 0)) / 1000)))}</span>
      {trouble.value !== null && <b> ⚠ {say.troubled(trouble.value)}</b>}
    </p>
  );
}

function Stale() {
  const say = messages.value.link;
  const last = lastFrameAt.value;
  const phase = link.value;
  const offsetMs = now.value - localNow.value;
  return (
    <div class="status stale" role="alert">
      <b>⚠ {say.stale}</b>{" "}
      <span aria-live="off">
        {last === null
          ? say.never
          : `${say.since(clockTime(last + offsetMs, now.value, zone.value, messages.value.tag), span(localNow.value - last, messages.value.units))} ${say.old}`}{" "}
        {phase.phase === "waiting" && phase.closeCode === ORIGIN_REFUSED && say.originRefused}{" "}
        {phase.phase === "waiting" ? say.retryIn(Math.max(0, Math.ceil((phase.retryAt - localNow.value) / 1000))) : say.retrying}
      </span>{" "}
      <button type="button" disabled={phase.phase !== "waiting"} onClick={hurry}>
        {say.tryNow}
      </button>
    </div>
  );
}
