/** For which lift a message speaks. */
import { foreignTopics } from "../core/adapters/translate.ts";
import { DEFAULT_RULES } from "../core/rules.ts";

const LIFTS = "lifts/";
/** All adapters, whether the site has turned them on or not: a filter by lift must not lose what one of them would have read. */
const FOREIGN = foreignTopics({ ...DEFAULT_RULES, adapters: { inspur: true } });

/** The lift of a topic of ours, whatever the channel, or of a foreign message, which says it in its payload; "" where neither names one. */
export function liftOf(topic: string, payload: string | Uint8Array | null): string {
  if (topic.startsWith(LIFTS)) {
    const end = topic.indexOf("/", LIFTS.length);
    return topic.slice(LIFTS.length, end < 0 ? undefined : end);
  }
  if (FOREIGN === undefined || payload === null || !topic.startsWith(FOREIGN.prefix)) return "";
  return FOREIGN.liftOf(typeof payload === "string" ? payload : Buffer.from(payload).toString("utf8")) ?? "";
}
