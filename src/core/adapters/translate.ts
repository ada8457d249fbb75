/** The adapters that a site has turned on in its rules. A further one is a file beside inspur.ts, a setting, and a line here. */
import { decodePayload, Defect } from "../decode.ts";
import type { MessageEntry } from "../entry.ts";
import type { Rules } from "../rules.ts";
import type { ForeignMessage } from "./foreign.ts";
import { INSPUR_PREFIX, inspurLift, translateInspur } from "./inspur.ts";

/** Whether an adapter that is turned on takes this topic. Hot path. */
export function isForeign(topic: string, { adapters }: Rules): boolean {
  return adapters.inspur && topic.startsWith(INSPUR_PREFIX);
}

/** A message of a foreign topic, translated. */
export function translate(entry: MessageEntry): ForeignMessage | Defect {
  const raw = decodePayload(entry);
  return raw instanceof Defect ? raw : translateInspur(entry.topic, raw);
}

/** Topics of the adapters that are turned on, for the ingress: it must ask for them, and know for which lift a message speaks. */
export function foreignTopics({
  adapters,
}: Rules): { readonly prefix: string; readonly liftOf: (payload: string) => string | null } | undefined {
  if (!adapters.inspur) return undefined;
  return {
    prefix: INSPUR_PREFIX,
    liftOf(payload) {
      try {
        return inspurLift(JSON.parse(payload));
      } catch {
        return null;
      }
    },
  };
}
