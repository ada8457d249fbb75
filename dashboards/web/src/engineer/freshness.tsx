/** How old what a page shows is; it must look old when it is. */
import type { ReadonlySignal } from "@preact/signals";
import { localNow } from "../site.ts";
import { seconds } from "./figures.ts";
import { say } from "./messages.ts";
import type { Polled } from "./poll.ts";

export function Freshness(props: { readonly polled: ReadonlySignal<Polled<unknown>> & { again: () => void } }) {
  const words = say.value.freshness;
  const { at, failed } = props.polled.value;
  return (
    <p class={failed === null ? "quiet freshness" : "freshness aged"}>
      {failed !== null && <b role="alert">⚠ {words.failed(failed)} </b>}
      {at === null ? words.none : words.age(seconds(Math.max(0, Math.floor((localNow.value - at) / 1_000)) * 1_000))}{" "}
      <button type="button" class="plain" onClick={props.polled.again}>
        {words.again}
      </button>
    </p>
  );
}
