/** `check`, `rules` and `doctor` as a user runs them, with the compiled program. */
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LINKS, type Link } from "../../src/doctor/examine.ts";
import { alertsOf, fetchJson } from "../program/rest.ts";
import { ledgerOf, openSite, type Program, runVerb, serve } from "../program/run.ts";

describe("check", () => {
  it("names every mistake of settings, register and limits in one run, each with its file, line and path, and ends with code 2", async () => {
    await using site = await openSite([]);
    const at = (name: string) => join(site.directory, name);
    await writeFile(
      at("hoistway.yaml"),
      `data: ${site.data}\nmqttPort: high\nhtttpPort: 80\nfleet: ${at("bad.csv")}\nrules: ${at("bad.yaml")}\n`,
    );
    await writeFile(at("bad.csv"), "liftId,kind\nL 1,passenger\nL2,balloon\n");
    await writeFile(at("bad.yaml"), "overspeed:\n  warnFactor: 1.2\n");
    const checked = await runVerb(["check", "--config", at("hoistway.yaml"), "--http-port", "70000"]);
    expect(checked, checked.stderr).toMatchObject({ code: 2, stderr: "" });
    const lines = checked.stdout.trim().split("\n");
    expect(lines).toEqual([
      expect.stringMatching(/hoistway\.yaml: line 2, mqttPort: expected a port, or off; found "high"$/),
      expect.stringMatching(/^--http-port: .*65535; found 70000$/),
      expect.stringMatching(/hoistway\.yaml: line 3, htttpPort: is not a setting; expected one of .*httpPort/),
      expect.stringMatching(/bad\.csv: line 2, liftId: expected .*; found "L 1"$/),
      expect.stringMatching(/bad\.csv: line 3, kind: expected one of passenger.*; found "balloon"$/),
      expect.stringMatching(/bad\.yaml: line 1, overspeed\.alarmFactor: found 1\.1; expected at least warnFactor, which is 1\.2$/),
      expect.stringMatching(/^warning: .*bad\.csv: line 1: expected all columns/),
      expect.stringMatching(/^checked settings .*, fleet .*, rules .*: 6 mistakes, 1 warning$/),
    ]);
    const json = await runVerb(["check", "--config", at("hoistway.yaml"), "--json"]);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stdout)).toMatchObject({
      errors: 5,
      mistakes: expect.arrayContaining([
        { file: at("bad.csv"), line: 3, path: "kind", message: expect.stringContaining("expected one of passenger") as string },
      ]) as unknown,
    });
    expect(existsSync(site.data)).toBe(false);
    const none = await runVerb(["check", "--rules", at("none.yaml")]);
    expect(none.code).toBe(2);
    expect(none.stdout).toMatch(/none\.yaml: cannot be read/);
  });

  it("takes the printed defaults for a file of limits without a mistake; the printed schema has the same defaults", async () => {
    await using site = await openSite([{ liftId: "L1", ratedSpeedMps: 1 }]);
    const printed = await runVerb(["rules", "default"]);
    const rules = join(site.directory, "rules.yaml");
    await writeFile(rules, printed.stdout);
    expect(await runVerb(["check", "--fleet", site.fleet, "--rules", rules])).toMatchObject({ code: 0 });
    const schema = await runVerb(["rules", "schema"]);
    expect(JSON.parse(schema.stdout)).toMatchObject({ properties: { overspeed: { properties: { warnFactor: { default: 1.05 } } } } });
  });
});

async function linksOf(program: Program, ...flags: string[]): Promise<{ readonly code: number | null; readonly links: readonly Link[] }> {
  const { code, stdout } = await runVerb(["doctor", "--url", program.url, "--json", ...flags]);
  return { code, links: (JSON.parse(stdout) as { links: Link[] }).links };
}

function failing(links: readonly Link[]): string[] {
  return links.filter(({ state }) => state === "failed").map(({ link }) => link);
}

describe("doctor", () => {
  it("follows its probe through every link, and leaves no trace in lists, counts of lifts and pages", async () => {
    await using site = await openSite([{ liftId: "L1", ratedSpeedMps: 1 }]);
    await using program = await serve(site, { auth: true });
    const before = await fetchJson(program.rest, "/api/fleet");
    const { code, links } = await linksOf(program, "--data", site.data);
    expect(links.map(({ link, state }) => `${link} ${state}`)).toEqual(LINKS.map((link) => `${link} ok`));
    expect(code).toBe(0);
    expect((await linksOf(program, "--token-file", join(site.data, "credentials", "admin-token"))).code).toBe(0);
    expect(await fetchJson(program.rest, "/api/fleet")).toEqual(before);
    expect((await fetchJson<{ lifts: { liftId: string }[] }>(program.rest, "/api/lifts")).lifts.map(({ liftId }) => liftId)).toEqual([
      "L1",
    ]);
    expect(await ledgerOf(program.rest)).toMatchObject({ received: 6, accepted: 6 });
    const alerts = await alertsOf(program.rest);
    expect(alerts.length).toBeGreaterThan(0);
    expect(
      alerts.every(({ liftId, suppressedBy, state }) => liftId === "hoistway-probe" && suppressedBy !== null && state === "cleared"),
    ).toBe(true);
  });

  it("says which link fails: nobody there, no token, another broker", async () => {
    await using site = await openSite([{ liftId: "L1", ratedSpeedMps: 1 }]);
    await using program = await serve(site, { auth: true });
    const unsigned = await linksOf(program, "--data", join(site.directory, "none"));
    expect([unsigned.code, failing(unsigned.links)]).toEqual([1, ["sign-in"]]);
    expect(unsigned.links.find(({ link }) => link === "sign-in")?.message).toContain("--token-file");
    const elsewhere = await linksOf(program, "--data", site.data, "--broker", "mqtt://127.0.0.1:1");
    expect([elsewhere.code, failing(elsewhere.links)]).toEqual([1, ["broker"]]);
    // As a device that it is not: a name without a token.
    const stranger = await linksOf(
      program,
      "--data",
      site.data,
      "--broker",
      `mqtt://127.0.0.1:${program.mqttPort}`,
      "--broker-username",
      "x",
    );
    expect([stranger.code, failing(stranger.links)]).toEqual([1, ["broker"]]);
    await program.kill("SIGTERM");
    const gone = await linksOf(program, "--data", site.data);
    expect([gone.code, failing(gone.links)]).toEqual([1, ["http"]]);
    expect(await runVerb(["doctor", "--url", "nowhere"])).toMatchObject({ code: 2, stdout: "" });
  });
});
