/** Bounds that both adapters keep. */
import type { LIMITS } from "../config.ts";

/** `LIMITS.mqtt`, or other numbers in a test. */
export type MqttLimits = { readonly [name in keyof typeof LIMITS.mqtt]: number };

/** Beginning of an oversized payload that goes to the quarantine; it shows people what it was, and the rest is not kept. */
export const EXCERPT_BYTES = 256;
