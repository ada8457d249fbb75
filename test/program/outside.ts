/** The publisher of publisher.ts, as the test that started it sees it. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { createInterface } from "node:readline";
import { vi } from "vitest";

const SCRIPT = fileURLToPath(new URL("publisher.ts", import.meta.url));
/** Longest time without the acknowledgements that are waited for, a restart of the program included. */
const PROGRESS = { timeout: 60_000, interval: 2 };

export interface Sums {
  /** Connections made, of all gateways. */
  readonly connects: number;
  /** By lift: readings sent, and acknowledged. */
  readonly sent: Readonly<Record<string, number>>;
  readonly acknowledged: Readonly<Record<string, number>>;
}

export class OutsidePublisher {
  /** Readings acknowledged so far. */
  acknowledged = 0;
  #sums: Sums | null = null;
  readonly #child: ChildProcess;
  readonly #ended: Promise<unknown>;

  constructor(port: number, lifts: number, gateways: number, startAt: number) {
    const numbers = [port, lifts, gateways, startAt].map(String);
    this.#child = spawn(process.execPath, ["--import", "tsx", SCRIPT, ...numbers], { stdio: ["pipe", "pipe", "inherit"] });
    this.#ended = once(this.#child, "close");
    if (this.#child.stdout === null) throw new Error("the publisher has no standard output");
    createInterface({ input: this.#child.stdout }).on("line", (line) => {
      const message = JSON.parse(line) as { acknowledged: number } | (Sums & { done: true });
      if ("done" in message) this.#sums = message;
      else this.acknowledged = message.acknowledged;
    });
  }

  /** Waits until at least so many more are acknowledged. */
  async more(readings: number): Promise<void> {
    const goal = this.acknowledged + readings;
    await vi.waitFor(() => {
      if (this.acknowledged < goal) throw new Error(`${this.acknowledged} readings acknowledged; expected ${goal}`);
    }, PROGRESS);
  }

  /** Ends the readings; resolves when all are acknowledged. */
  async stop(): Promise<Sums> {
    this.#child.stdin?.write("stop\n");
    await this.#ended;
    if (this.#sums === null) throw new Error("the publisher ended without its sums");
    return this.#sums;
  }

  [Symbol.dispose](): void {
    this.#child.kill("SIGKILL");
  }
}
