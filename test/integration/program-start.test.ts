/** `start`: the program and its simulated fleet live and end together. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it, vi } from "vitest";
import { restClient } from "../program/rest.ts";
import { ledgerOf, openSite, PATIENCE, runVerb, Spawned } from "../program/run.ts";

const PORTS = ["--mqtt-port", "0", "--http-port", "0"];

/** Children of a process, by the kernel's word. */
function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

function alive(pid: number): boolean {
  // A child that nobody has waited for is a zombie; it does nothing any more.
  const status = `/proc/${pid}/status`;
  return existsSync(status) && !/^State:\s+Z/m.test(readFileSync(status, "utf8"));
}

describe("start", () => {
  it.each(["SIGTERM", "SIGKILL"] as const)("takes its simulated lifts along when it ends by %s", async (signal) => {
    await using site = await openSite([]);
    await using program = new Spawned(["start", "--data", site.data, ...PORTS, "--auth", "off", "--lifts", "10"]);
    const ready = await program.ready();
    if (ready === null) throw new Error(program.stderr);
    const rest = restClient(`http://127.0.0.1:${ready.httpPort}`, null);
    await vi.waitFor(async () => expect((await ledgerOf(rest)).accepted).toBeGreaterThan(10), PATIENCE);
    const simulators = childrenOf(program.pid);
    expect(simulators).toHaveLength(1);
    const exit = await program.kill(signal);
    expect(exit).toEqual(signal === "SIGKILL" ? { code: null, signal } : { code: 0, signal: null });
    await vi.waitFor(() => expect(simulators.filter(alive)).toEqual([]), PATIENCE);
  });

  it("ends with code 2 and starts nothing on a bad flag of its own", async () => {
    await using site = await openSite([]);
    for (const flags of [
      ["--lifts", "many"],
      ["--scenario", "no-such-thing"],
      ["--speed", "-1"],
      ["--seed", "x"],
    ]) {
      const refused = await runVerb(["start", "--data", site.data, ...PORTS, ...flags]);
      expect(refused, flags.join(" ")).toMatchObject({ code: 2, stdout: "" });
      expect(refused.stderr, flags.join(" ")).toContain(flags[0]);
      expect(existsSync(join(site.data, "journal")), flags.join(" ")).toBe(false);
    }
  });
});
