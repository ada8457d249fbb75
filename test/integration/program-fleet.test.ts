/** `fleet`: registers as a user makes, checks and takes them in, with the compiled program. */
import { existsSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { fetchJson, restClient } from "../program/rest.ts";
import { openSite, runVerb, Spawned } from "../program/run.ts";

const PORTS = ["--mqtt-port", "0", "--http-port", "0", "--auth", "off"];

interface Lifts {
  readonly lifts: readonly { readonly liftId: string; readonly registered: boolean }[];
}

/** Ids of the registered lifts of a running program. */
async function registered(program: Spawned): Promise<string[]> {
  const ready = await program.ready();
  if (ready === null) throw new Error(program.stderr);
  const rest = restClient(`http://127.0.0.1:${ready.httpPort}`, null);
  const { lifts } = await fetchJson<Lifts>(rest, "/api/lifts?limit=1000");
  return lifts.filter((lift) => lift.registered).map((lift) => lift.liftId);
}

describe("fleet generate", () => {
  it("writes the city, the same bytes for the same seed, and a clean register", async () => {
    await using site = await openSite([]);
    const files = ["a", "b", "c"].map((name) => join(site.directory, `${name}.csv`));
    for (const [index, out] of files.entries()) {
      const made = await runVerb(["fleet", "generate", "--city", "shaoguan", "--seed", index === 2 ? "8" : "7", "--out", out]);
      expect(made, made.stderr).toMatchObject({ code: 0, stdout: `fleet ${JSON.stringify({ lifts: 16_409, file: out })}\n` });
    }
    const [first = "", second = "", third = ""] = await Promise.all(files.map((out) => readFile(out, "utf8")));
    expect(first.split("\n")).toHaveLength(1 + 16_409 + 1);
    expect(second === first).toBe(true);
    expect(third === first).toBe(false);
    const checked = await runVerb(["fleet", "check", files[0] ?? "", "--json"]);
    expect(checked.code).toBe(0);
    expect(JSON.parse(checked.stdout)).toEqual({ file: files[0], rows: 16_409, errors: 0, warnings: 0, defects: [] });
  });

  it.each([
    [["--city", "atlantis"], "--city"],
    [["--seed", "x"], "--seed"],
    [["--as-of", "2026-02-30"], "--as-of"],
    [["--city", "tiny", "--lifts", "6"], "--lifts"],
  ])("refuses %j with code 2 and writes nothing", async (flags, named) => {
    await using site = await openSite([]);
    const out = join(site.directory, "out.csv");
    const refused = await runVerb(["fleet", "generate", "--out", out, ...flags]);
    expect(refused).toMatchObject({ code: 2, stdout: "" });
    expect(refused.stderr).toContain(named);
    expect(existsSync(out)).toBe(false);
  });
});

describe("fleet check", () => {
  it("names every defect and ends with code 1; with code 2 where it could not look", async () => {
    await using site = await openSite([]);
    await writeFile(site.fleet, "liftId,kind,floors,installedOn\nL1,passenger,3,2020-01-01\nL1,lift,x,2020-01-01\nL3,,,2020-02-30\n");
    const checked = await runVerb(["fleet", "check", site.fleet]);
    expect(checked.code).toBe(1);
    expect(checked.stdout.trim().split("\n")).toEqual([
      expect.stringContaining("line 1: warning: expected all columns"),
      `${site.fleet}: line 3, kind: expected one of passenger, freight, dumbwaiter, escalator; found "lift"`,
      `${site.fleet}: line 3, floors: expected an integer from 1 to 200; found "x"`,
      `${site.fleet}: line 3, liftId: expected an id that no other row has; found "L1", as in line 2`,
      `${site.fleet}: line 4, installedOn: expected a day that exists, as YYYY-MM-DD; found "2020-02-30"`,
      `${site.fleet}: 3 rows, 4 errors, 1 warning`,
    ]);
    const forPrograms = await runVerb(["fleet", "check", site.fleet, "--json"]);
    expect(forPrograms.code).toBe(1);
    expect(JSON.parse(forPrograms.stdout)).toMatchObject({
      rows: 3,
      errors: 4,
      warnings: 1,
      defects: expect.arrayContaining([
        { line: 4, column: "installedOn", severity: "error", expected: "a day that exists, as YYYY-MM-DD", found: '"2020-02-30"' },
      ]),
    });
    for (const words of [
      ["fleet", "check", join(site.directory, "none.csv")],
      ["fleet", "check", site.fleet, "--encoding", "klingon"],
      ["fleet", "check", site.fleet, "--map", "no"],
      ["fleet", "check"],
      ["fleet", "inspect", site.fleet],
    ])
      expect(await runVerb(words), words.join(" ")).toMatchObject({ code: 2, stdout: "" });
  });
});

describe("fleet import", () => {
  it("takes a register in that serve then uses, tells what became of the one before, and leaves it when the next is bad", async () => {
    await using site = await openSite([]);
    const imported = join(site.data, "fleet.csv");
    const take = async (text: string, ...flags: string[]) => {
      await writeFile(site.fleet, text);
      return runVerb(["fleet", "import", site.fleet, "--data", site.data, "--json", ...flags]);
    };
    const first = await take("liftId,floors\nL1,3\nL2,4\n");
    expect(first.code, first.stderr).toBe(0);
    expect(JSON.parse(first.stdout)).toEqual({ file: imported, lifts: 2, warnings: 1, added: ["L1", "L2"], changed: [], removed: [] });
    const second = await take("liftId,floors\nL2,5\nL3,3\n");
    expect(JSON.parse(second.stdout)).toMatchObject({ lifts: 2, added: ["L3"], changed: ["L2"], removed: ["L1"] });
    const before = await readFile(imported, "utf8");
    const bad = await take("liftId,floors\nL4,x\nL5,y\n");
    expect(bad).toMatchObject({ code: 2, stdout: "" });
    expect(bad.stderr).toContain("line 2, floors");
    expect(bad.stderr).toContain("line 3, floors");
    expect(bad.stderr).toContain("nothing was imported; 2 errors");
    expect(await readFile(imported, "utf8")).toBe(before);

    await using program = new Spawned(["serve", "--data", site.data, ...PORTS]);
    expect(await registered(program)).toEqual(["L2", "L3"]);
  });

  it("reads another's columns in another's encoding", async () => {
    await using site = await openSite([]);
    // 设备代码,区 / L1,韶关 in GBK.
    const bytes = [
      0xc9, 0xe8, 0xb1, 0xb8, 0xb4, 0xfa, 0xc2, 0xeb, 0x2c, 0xc7, 0xf8, 0x0d, 0x0a, 0x4c, 0x31, 0x2c, 0xc9, 0xd8, 0xb9, 0xd8, 0x0d, 0x0a,
    ];
    await writeFile(site.fleet, Buffer.from(bytes));
    const flags = ["--encoding", "GBK", "--map", "设备代码=liftId", "--map", "区=district"];
    const taken = await runVerb(["fleet", "import", site.fleet, "--data", site.data, ...flags]);
    expect(taken, taken.stderr).toMatchObject({ code: 0 });
    expect(taken.stdout).toContain("1 lift; 1 added, 0 changed, 0 removed");
    expect(await readFile(join(site.data, "fleet.csv"), "utf8")).toMatch(/\nL1,,韶关,/);
    const without = await runVerb(["fleet", "import", site.fleet, "--data", join(site.directory, "other"), ...flags.slice(2)]);
    expect(without).toMatchObject({ code: 2 });
    expect(existsSync(join(site.directory, "other"))).toBe(false);
  });
});

describe("a built-in fleet by its name", () => {
  it("is served and simulated by start", async () => {
    await using site = await openSite([]);
    await using program = new Spawned(["start", "--data", site.data, ...PORTS, "--fleet", "tiny"]);
    expect(await registered(program)).toEqual(["L1", "L2", "L3", "L4", "L5"]);
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
  });

  it("is simulated by simulate, as far as it is asked for", async () => {
    await using site = await openSite([]);
    const out = join(site.directory, "r.ndjson");
    const flags = ["--lifts", "20", "--duration", "60", "--scenario", "normal", "--out", out];
    const recorded = await runVerb(["simulate", "--fleet", "shaoguan", ...flags]);
    expect(recorded.code, recorded.stderr).toBe(0);
    const topics = (await readFile(out, "utf8"))
      .trim()
      .split("\n")
      .map((line) => (JSON.parse(line) as { topic?: string }).topic ?? "");
    const ids = new Set(topics.map((topic) => topic.split("/")[1]));
    expect(ids.size).toBeGreaterThan(10);
    expect([...ids].every((id) => /^3\d{3}440204\d{10}$/.test(id ?? ""))).toBe(true);
  });
});
