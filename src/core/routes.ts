/** Where the readings of a topic go. Topics come again and again, and reading one costs as much as judging its message: those of known lifts are kept. */
import { decodeTopic, Defect, type DecodedTopic } from "./decode.ts";
import type { LiftState } from "./lift-state.ts";

/** `lift` is found with the first good reading. */
export interface Route extends DecodedTopic {
  lift: LiftState | null;
}

export class Routes {
  /** By topic; at most one a lift and channel, so the bound on lifts bounds it. */
  #kept = new Map<string, Route>();

  of(topic: string): Route | Defect {
    const kept = this.#kept.get(topic);
    if (kept !== undefined) return kept;
    const decoded = decodeTopic(topic);
    // Not spread: V8 gives each object that is made so a shape of its own, and every use of one is then a miss.
    return decoded instanceof Defect ? decoded : { liftId: decoded.liftId, channel: decoded.channel, lift: null };
  }

  keep(topic: string, route: Route): void {
    this.#kept.set(topic, route);
  }

  clear(): void {
    this.#kept = new Map();
  }
}
