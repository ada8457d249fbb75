/** Times for people: in the site's zone, wherever the reader sits. */
import { computed } from "@preact/signals";
import { clockTime, dateTime, span, zoneOffset } from "../format.ts";
import { messages } from "../preferences.ts";
import { now, zone } from "../site.ts";

const DAY_MS = 86_400_000;
/** Changes seldom, so that a thousand times of day are not written anew each second. */
const today = computed(() => now.value - (now.value % (DAY_MS / 96)));

/** Time of day; with the date where it is not today's. `at`: ms since the epoch. */
export function When(props: { readonly at: number }) {
  return <time dateTime={new Date(props.at).toISOString()}>{clockTime(props.at, today.value, zone.value, messages.value.tag)}</time>;
}

/** Date and time. */
export function Moment(props: { readonly at: number }) {
  return <time dateTime={new Date(props.at).toISOString()}>{dateTime(props.at, zone.value, messages.value.tag)}</time>;
}

/** The span since `from`, ticking. */
export function Age(props: { readonly from: number }) {
  return <>{span(now.value - props.from, messages.value.units)}</>;
}

/** The site's zone and its offset, for a table or a page whose times are in it. */
export function Zone() {
  return (
    <span class="quiet">
      {zone.value} ({zoneOffset(today.value, zone.value)})
    </span>
  );
}
