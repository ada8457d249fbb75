/** Whose readings the messages of a topic are. Topics come again and again, and reading one costs as much as judging its message: those of known lifts are kept. */
import type { LiftState } from "./lift-state.ts";
import { CHANNELS, type Channel } from "./reading.ts";

/**
 * By the code of a channel's last letter, which no two share (asserted in a test). It is at hand with the topic that was looked
 * up just now; an object that told the channel would be memory of its own, and far away.
 */
const BY_LAST_LETTER: readonly Channel[] = CHANNELS.reduce<Channel[]>((table, channel) => {
  table[channel.charCodeAt(channel.length - 1)] = channel;
  return table;
}, []);

export class Routes {
  /** By topic; at most one a lift and channel, so the bound on lifts bounds it. */
  #kept = new Map<string, LiftState>();

  liftOf(topic: string): LiftState | null {
    return this.#kept.get(topic) ?? null;
  }

  /** From now on the topic, which must be a good one (`decodeTopic`), is that lift's. Returns the lift. */
  keep(topic: string, lift: LiftState | null): LiftState | null {
    if (lift !== null) this.#kept.set(topic, lift);
    return lift;
  }

  clear(): void {
    this.#kept = new Map();
  }
}

/** The channel of a topic that is kept. */
export function channelOfKept(topic: string): Channel {
  return BY_LAST_LETTER[topic.charCodeAt(topic.length - 1)] as Channel;
}
