/** Single keys that do something, where nobody is typing. They can be switched off (WCAG 2.1.4). */
import { signal } from "@preact/signals";
import { keep, read } from "./kept.ts";

const OFF = "hoistway.keys";
export const keysOn = signal(read(OFF) !== "off");

export function switchKeys(on: boolean): void {
  keysOn.value = on;
  keep(OFF, on ? "" : "off");
}

const bound = new Map<string, () => void>();

/** Binds `key` (as in `KeyboardEvent.key`) until the answer is called. The newest binding of a key wins. */
export function bindKey(key: string, act: () => void): () => void {
  const before = bound.get(key);
  bound.set(key, act);
  return () => {
    if (bound.get(key) !== act) return;
    if (before === undefined) bound.delete(key);
    else bound.set(key, before);
  };
}

export function listenForKeys(): void {
  document.addEventListener("keydown", (event) => {
    if (!keysOn.value || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    const { target } = event;
    if (target instanceof HTMLElement && (target.isContentEditable || /^(input|select|textarea)$/i.test(target.tagName))) return;
    // A dialog has the keyboard for itself.
    if (document.querySelector("dialog:modal") !== null) return;
    const act = bound.get(event.key);
    if (act === undefined) return;
    event.preventDefault();
    act();
  });
}
