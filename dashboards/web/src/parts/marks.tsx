/** The priority's mark: its shape and number say it without colour; filled while nobody has acknowledged. */
import type { Priority } from "../../../../src/core/effects.ts";
import { rank } from "../order.ts";

const SHAPES: Readonly<Record<Priority, string>> = {
  critical: "M3 3h20v20H3z",
  high: "M13 1.5 25 23.5H1z",
  medium: "M13 1.5 24.5 13 13 24.5 1.5 13z",
  low: "M13 3a10 10 0 1 1 0 20 10 10 0 1 1 0-20z",
};

export function Mark(props: { readonly priority: Priority; readonly filled: boolean }) {
  return (
    <svg class={`mark ${props.priority} ${props.filled ? "filled" : ""}`} viewBox="0 0 26 26" aria-hidden="true">
      <path d={SHAPES[props.priority]} />
      <text x="13" y={props.priority === "high" ? 20 : 18} text-anchor="middle">
        {rank(props.priority)}
      </text>
    </svg>
  );
}
