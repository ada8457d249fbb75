/** Filters of a view. They live in the address, so a filtered view can be sent, and comes back as it was left. */
import type { ComponentChildren } from "preact";
import { useId } from "preact/hooks";
import { messages } from "../preferences.ts";
import { param, setParams } from "../router.ts";

interface FilterBarProps {
  /** The parameters that "show everything" takes away. */
  readonly names: readonly string[];
  /** What the filters leave, e.g. "12 of 40 alerts"; said to screen readers when it changes. */
  readonly left?: string;
  readonly children: ComponentChildren;
}

export function FilterBar({ names, left, children }: FilterBarProps) {
  const say = messages.value.parts;
  const set = names.filter((name) => param(name) !== null);
  return (
    <div class="filters" role="group" aria-label={say.filters}>
      {children}
      {left !== undefined && <span class="quiet">{left}</span>}
      {set.length > 0 && (
        <button type="button" onClick={() => setParams(Object.fromEntries(set.map((name) => [name, null])))}>
          ✕ {say.clearFilters}
        </button>
      )}
    </div>
  );
}

interface FilterSelectProps {
  /** The parameter's name in the address. */
  readonly name: string;
  readonly label: string;
  /** Value and what people call it. The first choice, everything, is added. */
  readonly options: readonly (readonly [value: string, label: string])[];
}

export function FilterSelect({ name, label, options }: FilterSelectProps) {
  const id = useId();
  const chosen = param(name) ?? "";
  // An address may name what is not in the list (any more): it stays to be seen, and to be taken away.
  const all = chosen === "" || options.some(([value]) => value === chosen) ? options : [...options, [chosen, chosen] as const];
  return (
    <span class={chosen === "" ? "filter" : "filter set"}>
      <label for={id}>{label}</label>
      <select id={id} value={chosen} onChange={(event) => setParams({ [name]: event.currentTarget.value })}>
        <option value="">{messages.value.parts.all}</option>
        {all.map(([value, text]) => (
          <option key={value} value={value}>
            {text}
          </option>
        ))}
      </select>
    </span>
  );
}
