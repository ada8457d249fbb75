/** A delivery as a person and as a program read it. */
import type { Delivery, Message } from "./delivery.ts";
import { wordsOf, type Wording } from "./words.ts";

/** Version of the object that webhooks and MQTT topics carry. */
const VERSION = 1;

export function messageOf(delivery: Delivery, wording: Wording): Message {
  const { id, key, kind, target, route, at, content } = delivery;
  const { subject, text, link } = wordsOf(delivery, wording);
  const heading = { version: VERSION, id, key, kind, target, route: route === "" ? null : route, at, subject, text, link };
  if (content.kind === "summary") return { delivery, subject, text, json: { ...heading, summary: content.summary } };
  const { change, by, note, n, alert } = content.change;
  const afterMinutes = content.kind === "escalation" ? { afterMinutes: content.afterMinutes } : {};
  return { delivery, subject, text, json: { ...heading, ...afterMinutes, change, n, by, note, alert, lift: content.lift } };
}
