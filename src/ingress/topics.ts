/** Which topics a publisher may use (contract §2), judged from the bytes on the wire. */
import { isUtf8 } from "node:buffer";
import type { DeviceIdentity } from "../access/access.ts";
import type { Refusal } from "../core/entry.ts";

interface JudgedTopic {
  readonly topic: string;
  readonly refusal: Refusal | null;
}

/** Longest topic taken, in bytes: `lifts/`, an id of 64, a channel, and room for what the monitor will call unknown (assumption). */
export const TOPIC_BYTES = 512;
/** Judgements remembered for one connection: the channels of a few lifts. A gateway with more pays about 1 µs a miss. */
const REMEMBERED = 64;

const PREFIX = "lifts/";
/** MQTT 3.1.1 §1.5.3 and §3.3.2.1: no NUL, no wildcard in the topic of a PUBLISH. U+FFFD is what bytes that are not UTF-8 become. */
const FORBIDDEN = ["\0", "#", "+", "\uFFFD"];

/** Judges a topic that is text already: a will's, or one from an external broker. */
export function judgeTopic(topic: string, identity: Pick<DeviceIdentity, "mayPublish">): JudgedTopic {
  if (topic.length > TOPIC_BYTES) return { topic: topic.slice(0, TOPIC_BYTES), refusal: "topic-invalid" };
  if (topic === "" || FORBIDDEN.some((character) => topic.includes(character))) return { topic, refusal: "topic-invalid" };
  // `$SYS` and its like belong to the broker (MQTT 3.1.1 §4.7.2).
  if (topic.startsWith("$")) return { topic, refusal: "topic-not-authorized" };
  if (topic.startsWith(PREFIX)) {
    const end = topic.indexOf("/", PREFIX.length);
    const liftId = topic.slice(PREFIX.length, end === -1 ? undefined : end);
    if (liftId !== "" && !identity.mayPublish(liftId)) return { topic, refusal: "topic-not-authorized" };
  }
  // Any other topic is not refused here: the monitor knows the channels, and quarantines what is unknown to it.
  return { topic, refusal: null };
}

/** Whether people may subscribe to it: to anything but the lifts' own signals, the broker's `$` topics, and everything at once. */
export function mayBeHeard(filter: string): boolean {
  return !/^([#+$]|lifts(\/|$))/.test(filter);
}

/** MQTT 3.1.1 §4.7.1; the filter is known to be well-formed. */
export function matches(filter: string, topic: string): boolean {
  const wanted = filter.split("/");
  const words = topic.split("/");
  for (const [index, word] of wanted.entries()) {
    if (word === "#") return true;
    if (index >= words.length || (word !== "+" && word !== words[index])) return false;
  }
  return wanted.length === words.length;
}

/** The topics that one connection used lately, each judged once. */
export class TopicJudge {
  readonly #identity: DeviceIdentity;
  readonly #known = new Map<string, JudgedTopic>();

  constructor(identity: DeviceIdentity) {
    this.#identity = identity;
  }

  /** Judges the topic in `bytes[start..end)`. */
  judge(bytes: Buffer, start: number, end: number): JudgedTopic {
    const key = bytes.toString("latin1", start, Math.min(end, start + TOPIC_BYTES + 1));
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const judged = this.#judgeBytes(bytes.subarray(start, end));
    // Refused topics are not remembered: only a faulty or hostile client repeats many of them.
    if (judged.refusal === null) {
      if (this.#known.size >= REMEMBERED) this.#known.clear();
      this.#known.set(key, judged);
    }
    return judged;
  }

  #judgeBytes(bytes: Buffer): JudgedTopic {
    if (bytes.length > TOPIC_BYTES) return { topic: bytes.toString("utf8", 0, TOPIC_BYTES), refusal: "topic-invalid" };
    const topic = bytes.toString("utf8");
    return isUtf8(bytes) ? judgeTopic(topic, this.#identity) : { topic, refusal: "topic-invalid" };
  }
}
