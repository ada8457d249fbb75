/**
 * A strip of fixed height on every page that always says how old its contents are, what stands, and whether the sound is on; a longer
 * message lies over what follows.
 */
import { clockTime, span } from "../format.ts";
import { PRIORITIES_IN_ORDER } from "../order.ts";
import { Mark } from "../parts/marks.tsx";
import { messages } from "../preferences.ts";
import { hurry, known, lastFrameAt, link, lists, localNow, now, stale, trouble, zone } from "../site.ts";
import { mutedUntil, sound, toggleMute, unlock } from "./sound.ts";

/** The HTTP status of a refused Origin is not shown to scripts; the feed's own code for it is. */
const ORIGIN_REFUSED = 4403;

export function Status() {
  return (
    <div class="strip" id="strip">
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
    <div class={trouble.value === null ? "status" : "status troubled"}>
      <span class="live">
        <span class="dot" aria-hidden="true" /> <b>{say.live}</b>{" "}
        <span class="quiet">{say.age(Math.max(0, Math.floor((localNow.value - (last ?? 0)) / 1000)))}</span>
      </span>
      {trouble.value !== null && <b class="trouble">⚠ {say.troubled(trouble.value)}</b>}
      <span class="push" />
      <Counts />
      <SoundControl />
    </div>
  );
}

/** The same on every page, so that nobody who looks at one lift misses another. */
function Counts() {
  const say = messages.value;
  const { byPriority, people } = lists.value;
  if (!known.value) return null;
  return (
    <ul class="priorities" aria-label={say.strip.counts}>
      {people.length > 0 && (
        <li class="shut-in">
          <a href="/#people">{say.strip.people(people.length)}</a>
        </li>
      )}
      {PRIORITIES_IN_ORDER.map((priority) => (
        <li key={priority} class={byPriority[priority] === 0 ? "zero" : ""}>
          <Mark priority={priority} filled={byPriority[priority] > 0} /> <span class="word">{say.priorities[priority]}</span>{" "}
          <b>{byPriority[priority]}</b>
        </li>
      ))}
    </ul>
  );
}

function SoundControl() {
  const say = messages.value.strip;
  if (sound.value === "missing") return <span class="sound warn">⚠ {say.soundMissing}</span>;
  if (sound.value === "locked") {
    return (
      <button type="button" class="sound warn" onClick={unlock}>
        ⚠ {say.soundLocked}
      </button>
    );
  }
  const muted = sound.value === "muted";
  return (
    <button type="button" class={muted ? "sound warn" : "sound plain"} title={muted ? say.unmute : say.mute} onClick={toggleMute}>
      <span aria-hidden="true">{muted ? "⚠" : "♪"}</span>{" "}
      {muted ? say.muted(Math.max(1, Math.ceil((mutedUntil.value - localNow.value) / 60_000))) : say.soundOn}
    </button>
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
