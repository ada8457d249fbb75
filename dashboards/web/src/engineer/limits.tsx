/** The limits beside the replay: a form from the rules' own schema, as a file in and out, checked by the program. */
import { useSignal } from "@preact/signals";
import { useEffect, useId } from "preact/hooks";
import type { Hazard } from "../../../../src/core/effects.ts";
import { messages } from "../preferences.ts";
import { download } from "./download.ts";
import { figure, seconds } from "./figures.ts";
import {
  changedCount,
  checked,
  edited,
  failure,
  known,
  limitsOf,
  loadLimits,
  mistakeOf,
  resetLimits,
  sections,
  setLimit,
  takeYaml,
  valueOf,
} from "./limits-state.ts";
import { say } from "./messages.ts";
import type { LimitSchema } from "./rest.ts";

const UNITS: readonly (readonly [RegExp, string])[] = [
  [/Mps$/, "m/s"],
  [/Mm$/, "mm"],
  [/Ms$/, "ms"],
  [/Kg$/, "kg"],
  [/Percent$/, "%"],
  [/M$/, "m"],
];

export function Limits() {
  const words = say.value.limits;
  useEffect(() => {
    void loadLimits();
  }, []);
  if (known.value === null) return failure.value === null ? null : <p class="failure">{failure.value.message}</p>;
  const elsewhere = (checked.value?.mistakes ?? []).filter(({ path }) => !path.includes(".") || !isField(path));
  return (
    <section class="limits" aria-labelledby="limits-title">
      <div class="engineer-bar">
        <h2 id="limits-title">{words.title}</h2>
        <span class="quiet" role="status">
          {changedCount.value === 0 ? words.asInForce : words.changed(changedCount.value)}
        </span>
      </div>
      <div class="limits-acts">
        <label class="button file-button">
          <span>{words.openYaml}</span>
          <input
            type="file"
            class="unseen"
            accept=".yaml,.yml"
            onChange={(event) => {
              const [file] = event.currentTarget.files ?? [];
              event.currentTarget.value = "";
              if (file !== undefined) void file.text().then(takeYaml);
            }}
          />
        </label>
        <button type="button" disabled={checked.value?.yaml == null} onClick={save}>
          {words.saveYaml}
        </button>
        <button type="button" disabled={changedCount.value === 0} onClick={() => resetLimits("in-force")}>
          {words.reset}
        </button>
        <button type="button" onClick={() => resetLimits("built-in")}>
          {words.builtIn}
        </button>
      </div>
      {failure.value !== null && (
        <p class="failure" role="alert">
          {failure.value.message}
        </p>
      )}
      {elsewhere.map(({ line, path, message }) => (
        <p key={`${line} ${path}`} class="failure" role="alert">
          {line === null ? "" : `${words.line(line)} `}
          {path} {message}
        </p>
      ))}
      <div class="limits-sections">
        {sections.value.map((section) => (
          <Section key={section} name={section} />
        ))}
      </div>
      {checked.value?.yaml != null && (
        <details class="fold">
          <summary>{words.asYaml}</summary>
          <pre class="yaml" tabIndex={0}>
            {checked.value.yaml}
          </pre>
        </details>
      )}
    </section>
  );
}

function isField(path: string): boolean {
  const [section = "", name = ""] = path.split(".");
  return limitsOf(section).some((each) => each.name === name);
}

function save(): void {
  const { rules, yaml } = checked.value ?? { rules: null, yaml: null };
  if (rules !== null && yaml !== null) download(`rules-${rules.version}.yaml`, "application/yaml", yaml);
}

function Section(props: { readonly name: string }) {
  const { name } = props;
  const words = say.value.limits;
  const open = useSignal(false);
  const fields = limitsOf(name);
  const changed = fields.filter((field) => `${name}.${field.name}` in edited.value).length;
  const mistaken = fields.some((field) => mistakeOf(name, field.name) !== null);
  if (fields.length === 0) return null;
  return (
    <details open={open.value} onToggle={(event) => (open.value = event.currentTarget.open)}>
      <summary>
        {title(name)} <code class="quiet">{name}</code>
        {changed > 0 && <b> · {words.changed(changed)}</b>}
        {mistaken && <b class="failure-sign"> ⚠</b>}
      </summary>
      {open.value && fields.map((field) => <Field key={field.name} section={name} name={field.name} schema={field.schema} />)}
    </details>
  );
}

/** A hazard's name, or the name of what is not about one. */
function title(section: string): string {
  const named = messages.value.hazards as Readonly<Partial<Record<string, string>>>;
  const others = say.value.limits.sections as Readonly<Partial<Record<string, string>>>;
  return named[section as Hazard] ?? others[section] ?? section;
}

function Field(props: { readonly section: string; readonly name: string; readonly schema: LimitSchema }) {
  const { section, name, schema } = props;
  const words = say.value.limits;
  const id = useId();
  const value = valueOf(section, name);
  const unit = UNITS.find(([pattern]) => pattern.test(name))?.[1] ?? "";
  const mistake = mistakeOf(section, name);
  const changed = `${section}.${name}` in edited.value;
  const described = { "aria-describedby": `${id}-about`, "aria-invalid": mistake !== null };
  return (
    <div class={changed ? "limit changed" : "limit"}>
      <label for={id}>
        {changed && <span aria-hidden="true">✎ </span>}
        <code>{name}</code>
      </label>
      {typeof value === "boolean" ? (
        <input
          id={id}
          type="checkbox"
          checked={value}
          {...described}
          onChange={(event) => setLimit(section, name, event.currentTarget.checked)}
        />
      ) : (
        <span class="limit-value">
          <input
            id={id}
            type="number"
            step="any"
            min={schema.minimum}
            max={schema.maximum}
            value={value === undefined ? "" : String(value)}
            {...described}
            onInput={(event) => setLimit(section, name, numberOf(event.currentTarget))}
          />{" "}
          {unit}
          {unit === "ms" && typeof value === "number" && value >= 1_000 && <span class="quiet"> = {seconds(value)}</span>}
        </span>
      )}
      <p id={`${id}-about`} class="quiet limit-about">
        {schema.default !== undefined &&
          words.byDefault(typeof schema.default === "number" ? figure(schema.default, 9) : JSON.stringify(schema.default))}
        {schema.minimum !== undefined &&
          schema.maximum !== undefined &&
          ` · ${words.range(figure(schema.minimum, 9), figure(schema.maximum, 9))}`}
        {schema.description !== undefined && (
          <>
            {" · "}
            <span lang="en">{schema.description}</span>
          </>
        )}
        {mistake !== null && <span class="failure">{mistake}</span>}
      </p>
    </div>
  );
}

/** What is no number goes to the check as it was typed, which says what is wrong with it. */
function numberOf(input: HTMLInputElement): number | string {
  return Number.isNaN(input.valueAsNumber) ? input.value : input.valueAsNumber;
}
