/** Finds a lift by code, building or address: a combobox after the WAI-ARIA pattern, its list below it. */
import { batch, signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { bindKey } from "../keys.ts";
import { districtName } from "../messages/messages.ts";
import { language, messages } from "../preferences.ts";
import { type Found, searchLifts } from "../rest.ts";
import { go } from "../router.ts";

/** Long enough that a word being typed is one question. */
const ASK_AFTER_MS = 180;
const MOST = 12;

type Answer = { readonly state: "idle" | "asking" | "failed" } | { readonly state: "found"; readonly lifts: readonly Found[] };

const text = signal("");
const answer = signal<Answer>({ state: "idle" });
const chosen = signal(0);
const open = signal(false);
let timer: number | undefined;
let asked = 0;

export function Search() {
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => bindKey("/", () => input.current?.focus()), []);
  const say = messages.value.search;
  const found = answer.value.state === "found" ? answer.value.lifts : [];
  const shown = open.value && text.value.trim() !== "";
  return (
    <search class="search" id="search">
      <input
        ref={input}
        type="text"
        inputMode="search"
        role="combobox"
        aria-label={say.label}
        placeholder={say.placeholder}
        aria-expanded={shown && found.length > 0}
        aria-controls="found"
        aria-autocomplete="list"
        aria-activedescendant={shown && found.length > 0 ? `found-${chosen.value}` : undefined}
        autocomplete="off"
        spellcheck={false}
        value={text.value}
        onInput={(event) => ask(event.currentTarget.value)}
        onFocus={() => (open.value = true)}
        onBlur={() => (open.value = false)}
        onKeyDown={(event) => onKey(event, found)}
      />
      {shown && (
        <div class="found">
          <ul id="found" role="listbox" aria-label={say.results}>
            {found.map((lift, at) => (
              <li
                key={lift.liftId}
                id={`found-${at}`}
                role="option"
                aria-selected={at === chosen.value}
                onPointerDown={(event) => {
                  // Before the blur, which would take the list away.
                  event.preventDefault();
                  visit(lift);
                }}
              >
                <b>{lift.liftId}</b>{" "}
                <span lang="zh">
                  {lift.building} {lift.address}
                </span>{" "}
                <span class="quiet">{lift.district === null ? "" : districtName(lift.district, language.value)}</span>
              </li>
            ))}
          </ul>
          <p class="quiet" role="status">
            {remark(found)}
          </p>
        </div>
      )}
    </search>
  );
}

function remark(found: readonly Found[]): string {
  const say = messages.value.search;
  if (answer.value.state === "asking") return say.searching;
  if (answer.value.state === "failed") return say.failed;
  if (answer.value.state === "idle") return "";
  const count = found.length;
  return count === 0 ? say.none : count === MOST ? say.first(count) : say.count(count);
}

function onKey(event: KeyboardEvent, found: readonly Found[]): void {
  const step = event.key === "ArrowDown" ? 1 : event.key === "ArrowUp" ? -1 : 0;
  if (step !== 0 && found.length > 0) {
    event.preventDefault();
    chosen.value = (chosen.value + step + found.length) % found.length;
  } else if (event.key === "Enter") {
    const lift = found[chosen.value];
    if (lift !== undefined) visit(lift);
  } else if (event.key === "Escape") {
    batch(() => {
      text.value = "";
      open.value = false;
    });
  }
}

function ask(typed: string): void {
  batch(() => {
    text.value = typed;
    open.value = true;
    chosen.value = 0;
  });
  clearTimeout(timer);
  asked += 1;
  const question = asked;
  const wanted = typed.trim();
  if (wanted === "") {
    answer.value = { state: "idle" };
    return;
  }
  timer = window.setTimeout(() => {
    if (answer.value.state !== "found") answer.value = { state: "asking" };
    void look(wanted, question);
  }, ASK_AFTER_MS);
}

async function look(wanted: string, question: number): Promise<void> {
  let found: Answer;
  try {
    found = { state: "found", lifts: await searchLifts(wanted, MOST) };
  } catch {
    found = { state: "failed" };
  }
  if (question === asked) answer.value = found;
}

function visit(lift: Found): void {
  batch(() => {
    text.value = "";
    open.value = false;
    answer.value = { state: "idle" };
  });
  if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
  go(`/lift/${encodeURIComponent(lift.liftId)}`);
}
