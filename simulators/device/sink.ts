/** Where a device's acts go: the one edge between a simulated fleet and what carries its messages. */
import type { Bytes } from "./bytes.ts";

/** Lifts are named by their index in the fleet; times are the simulation's, ms. */
export interface Sink {
  /** The link comes up: readings can leave. `will` is published by the broker, retained, when the link is lost. */
  connect(lift: number, at: number, will: string): void;
  /** The link is lost at once, without a goodbye. */
  drop(lift: number, at: number, loss: Loss): void;
  /**
   * A message under `lifts/{id}/{channel}` begins: its payload, JSON in ASCII and at most PAYLOAD_BYTES long, is appended to what this
   * gives back (which may hold something already), and `end` follows before anything else. So a reading is composed where it stays.
   */
  begin(lift: number, at: number, channel: string): Bytes;
  end(): void;
  /** A message that is there already. `at` may lie ahead; the bytes are the caller's again after the call. */
  publish(lift: number, at: number, channel: string, payload: Bytes): void;
  /** A message that is not JSON: what a broken device or a bad line makes of one. */
  noise(lift: number, at: number, channel: string, payload: Buffer): void;
}

/** More than any one reading takes. */
export const PAYLOAD_BYTES = 512;

/**
 * `device`: it died, and the readings that had not left are gone with it. `link`: its own way to the broker is broken; it keeps them.
 * `gateway`: so is the way of all the lifts of its building. MQTT allows one will for a connection, so nobody speaks for them.
 */
export type Loss = "device" | "link" | "gateway";
