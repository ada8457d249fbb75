/** `simulate` and `fleet generate`: the simulators are a program of their own, and nothing here imports them. */
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

const SIMULATOR = fileURLToPath(
  new URL(import.meta.url.endsWith(".ts") ? "../../simulators/main.ts" : "../../simulators/main.js", import.meta.url),
);

/** A command line of the simulators' program, as if it had been run itself. */
export async function simulators(words: readonly string[]): Promise<void> {
  const child = spawnSimulator(words, "inherit");
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on("SIGTERM", pass).on("SIGINT", pass);
  const [code] = (await once(child, "exit")) as [number | null];
  process.exitCode = code ?? 1;
}

/** Its results go to our standard output only for `simulate`: `start` has one line there. */
export function spawnSimulator(args: readonly string[], output: "inherit" | "simulator"): ChildProcess {
  const development = SIMULATOR.endsWith(".ts") ? ["--import", "tsx"] : [];
  const child = spawn(process.execPath, [...development, SIMULATOR, ...args], {
    // The channel carries nothing: its end tells the simulator that we are gone, even when we could not say so.
    stdio: ["ignore", output === "inherit" ? "inherit" : "ignore", "inherit", "ipc"],
  });
  const stopChild = () => child.kill("SIGKILL");
  process.once("exit", stopChild);
  child.once("exit", () => process.off("exit", stopChild));
  return child;
}
