/** An engineer's story against the real program and its simulator: an alert, its replay, other limits tried on it, and what may not be done. */
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { toZoned } from "../../dashboards/web/src/engineer/zoned.ts";
import { openAccess } from "../../src/access/open-access.ts";
import type { Comparison } from "../../src/backtest/compare.ts";
import { systemClock } from "../../src/clock.ts";
import type { Alert } from "../../src/core/effects.ts";
import { alertsOf, fetchJson, type Rest, restClient } from "../program/rest.ts";
import { PATIENCE, runVerb, Spawned } from "../program/run.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-component-update"];
const ZONE = "Asia/Shanghai";
const LIFTS = 40;
/** About the moment, not the lift's own signals. */
const UNFIT: ReadonlySet<string> = new Set(["mass-event", "silent"]);

const present = existsSync(CHROMIUM);
if (!present && process.env["CI"] === undefined)
  console.warn(`SKIPPED: the engineer's pages in a browser, because there is no ${CHROMIUM}`);

const replayed = (page: Page) => page.getByRole("region", { name: "Replay controls" }).waitFor();
const timeShown = async (page: Page) => page.locator("output").innerText();

describe.skipIf(!present && process.env["CI"] === undefined)("an engineer", () => {
  let directory: string;
  let browser: Browser;
  let program: Spawned;
  let rest: Rest;
  const tokens = { engineer: "", viewer: "" };
  let alert: Alert;
  /** The alert's minutes, all of them past. */
  let from = 0;
  let to = 0;

  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "hoistway-engineer-"));
    const data = join(directory, "data");
    await mkdir(data);
    const access = await openAccess({ dir: join(data, "credentials"), enabled: true, liftIds: [], clock: systemClock() });
    for (const role of ["engineer", "viewer"] as const) tokens[role] = await access.addPerson(`${role} Li`, role);
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
    const ports = ["--mqtt-port", "0", "--http-port", "0"];
    program = new Spawned([
      "start",
      "--data",
      data,
      ...ports,
      "--lifts",
      String(LIFTS),
      "--scenario",
      "unintended-movement",
      "--seed",
      "7",
    ]);
    const ready = await program.ready();
    if (ready === null) throw new Error(`start ended: ${program.stderr}`);
    rest = restClient(`http://127.0.0.1:${ready.httpPort}`, tokens.engineer);
    alert = await vi.waitFor(
      async () => {
        const found = (await alertsOf(rest)).find(({ hazard }) => !UNFIT.has(hazard));
        if (found === undefined) throw new Error("no alert yet");
        return found;
      },
      { timeout: 50_000, interval: 100 },
    );
    from = Math.floor(alert.detectedAt / 1_000) * 1_000 - 60_000;
    to = Math.ceil(alert.detectedAt / 1_000) * 1_000 + 2_000;
    await vi.waitFor(() => {
      if (Date.now() <= to + 500) throw new Error("not past yet");
    }, PATIENCE);
  }, 90_000);
  afterAll(async () => {
    await browser?.close();
    await program?.kill("SIGTERM");
    await rm(directory, { recursive: true, force: true });
  });

  interface Visit {
    readonly page: Page;
    /** What the browser says is wrong, violations of the page's policy included. */
    readonly complaints: string[];
  }

  /** Somebody's own browser, signed in. */
  async function visit(role: keyof typeof tokens, path: string, locale = "en-GB"): Promise<Visit> {
    const context = await browser.newContext({ viewport: { width: 1_440, height: 900 }, locale, acceptDownloads: true });
    const signedIn = await context.request.post(`${rest.origin}/api/session`, {
      data: { token: tokens[role] },
      headers: { origin: rest.origin },
    });
    expect(signedIn.status()).toBe(200);
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    await page.goto(rest.origin + path);
    return { page, complaints };
  }

  async function downloaded(page: Page, press: () => Promise<void>, name: string): Promise<string> {
    const [file] = await Promise.all([page.waitForEvent("download"), press()]);
    const path = join(directory, name);
    await file.saveAs(path);
    return path;
  }

  const minutes = (begins = from) => `/engineer?lift=${alert.liftId}&from=${toZoned(begins, ZONE)}&to=${toZoned(to, ZONE)}`;

  it("goes from an alert to its explanation and on to its replay, which tells the same alert, in both languages", async () => {
    const { page, complaints } = await visit("engineer", `/alert/${alert.id}`);
    await page.getByRole("heading", { name: "What it was judged by" }).waitFor();
    await page.getByText("What to do").first().waitFor();
    await page.getByRole("table", { name: "Readings around it" }).waitFor();
    await page.getByRole("link", { name: "Replay" }).click();
    await replayed(page);
    expect(page.url()).toContain(`/engineer?alert=${alert.id}`);
    await page.getByRole("table", { name: "Told in this replay" }).getByRole("link", { name: "the same alert" }).first().waitFor();
    await page.getByRole("button", { name: "中文" }).click();
    await page.getByRole("table", { name: "本次回放的报警" }).getByRole("link", { name: "同一报警" }).first().waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("moves through a replay by keys, by play and by the scrubber, and sees the car and each rule follow", async () => {
    const { page, complaints } = await visit("engineer", minutes());
    await replayed(page);
    const car = page.getByRole("complementary", { name: "The lift at this moment" });
    const scrubber = page.getByRole("slider", { name: "Time in the replay" });
    await scrubber.focus();
    await page.keyboard.press("End");
    await expect.poll(() => timeShown(page), PATIENCE).toContain(toZoned(to, ZONE).slice(14, 17));
    // The alert is in hand at the end, by what the monitor's own state says.
    const hazard = (
      await page.getByRole("table", { name: "Told in this replay" }).getByRole("row").nth(1).getByRole("cell").first().innerText()
    ).trim();
    await car
      .getByRole("table", { name: "What each rule has in hand" })
      .getByText(hazard.replace(/^\d\s*/, ""))
      .waitFor();
    await page.keyboard.press("Home");
    await car.getByText("Nothing speaks for a hazard at this moment.").waitFor();
    const begun = await timeShown(page);
    await page.keyboard.press(".");
    await page.keyboard.press(".");
    await expect.poll(() => page.getByText(/^entry [\d,]+$/).innerText(), PATIENCE).not.toBe("entry 1");
    await page.keyboard.press(">");
    await expect.poll(() => page.getByRole("combobox", { name: "Speed" }).inputValue()).toBe("2");
    await page.getByRole("combobox", { name: "Speed" }).selectOption("100");
    await page.getByRole("button", { name: "▶ Play" }).click();
    await page.getByRole("button", { name: "▶ Play" }).waitFor({ timeout: 20_000 });
    await expect.poll(() => timeShown(page)).not.toBe(begun);
    await car.getByRole("img", { name: /floor|Floor/ }).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("tells in the browser, byte for byte, what `hoistway replay` tells of the same recording", async () => {
    const { page, complaints } = await visit("engineer", minutes());
    await replayed(page);
    const recording = await downloaded(page, () => page.getByRole("link", { name: "Download this recording" }).click(), "minutes.ndjson");
    const told = await downloaded(page, () => page.getByRole("button", { name: "Download the alert changes" }).click(), "told.ndjson");
    const program = await runVerb(["replay", recording]);
    expect(program, program.stderr).toMatchObject({ code: 0 });
    expect(program.stdout).toContain(`"id":"${alert.id}"`);
    expect(await readFile(told, "utf8")).toBe(program.stdout);
    // A stretch that begins in the middle says so, and is the verb's all the same.
    await page.goto(rest.origin + minutes(to - 6_000));
    await replayed(page);
    await page.getByText("Begins in the middle: only the register and the limits are known").waitFor();
    const middle = await downloaded(page, () => page.getByRole("link", { name: "Download this recording" }).click(), "middle.ndjson");
    const save = page.getByRole("button", { name: "Download the alert changes" });
    const some = (await save.isEnabled()) ? await readFile(await downloaded(page, () => save.click(), "some.ndjson"), "utf8") : "";
    expect(some).toBe((await runVerb(["replay", middle])).stdout);
    // The file itself, opened from the reader's disk, is the same replay.
    await page.goto(`${rest.origin}/engineer`);
    await page.getByLabel("Open a recording").setInputFiles(recording);
    await replayed(page);
    const again = await downloaded(page, () => page.getByRole("button", { name: "Download the alert changes" }).click(), "again.ndjson");
    expect(await readFile(again, "utf8")).toBe(program.stdout);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("tries other limits on the recording, and is told what `hoistway backtest` tells; mistakes are told by the field", async () => {
    const { page, complaints } = await visit("engineer", minutes());
    await replayed(page);
    await page.getByText("Door held open door-held-open").click();
    const field = page.getByRole("spinbutton", { name: "afterMs", exact: true });
    await field.fill("-5");
    await page.getByText(/expected .*; found -5|Too small.*found -5/).waitFor();
    await expect.poll(() => page.getByRole("button", { name: "Run over this recording" }).isDisabled()).toBe(true);
    await field.fill("1000");
    await expect.poll(() => page.getByRole("button", { name: "Run over this recording" }).isEnabled(), PATIENCE).toBe(true);
    await page.getByRole("button", { name: "Run over this recording" }).click();
    await page.getByRole("table", { name: "Alerts by hazard" }).waitFor();
    const counts = await page.getByRole("table", { name: "Alerts by hazard" }).getByRole("row").last().getByRole("cell").allInnerTexts();

    const recording = await downloaded(page, () => page.getByRole("link", { name: "Download this recording" }).click(), "tested.ndjson");
    const rules = await downloaded(page, () => page.getByRole("button", { name: "Download as a rules file" }).click(), "rules.yaml");
    expect(await readFile(rules, "utf8")).toMatch(/^door-held-open:\n {2}# built in: 120000\n.*\n {2}afterMs: 1000$/m);
    const program = await runVerb(["backtest", recording, "--rules", rules, "--against", "own", "--json"]);
    expect(program, program.stderr).toMatchObject({ code: 0 });
    const { hazards, gained } = JSON.parse(program.stdout) as Comparison;
    const {
      rules: edited,
      against,
      same,
      gained: more,
      lost,
      moved,
    } = hazards.at(-1) ?? hazards[0] ?? ({} as Comparison["hazards"][number]);
    expect(counts.map(Number)).toEqual([edited, against, same, more, lost, moved]);
    expect(gained.length).toBeGreaterThan(0);
    await page.getByRole("heading", { name: "Gained: told with the edited limits only" }).waitFor();
    await page.getByText("Over longer stretches").click();
    await page.getByText(`--lift ${alert.liftId}`).waitFor();

    // The file comes back as the same form.
    await page.getByRole("button", { name: "Back to those in force" }).click();
    await page.getByText("as in force").waitFor();
    await page.getByLabel("Open a rules file").setInputFiles(rules);
    await page.getByRole("status").getByText("1 changed").waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("sees what was refused and that the ledger adds up, with nothing that axe finds serious", async () => {
    await fetchJson(rest, "/api/quarantine?limit=1");
    const { page, complaints } = await visit("engineer", "/engineer/quarantine");
    await page.getByRole("heading", { name: "Quarantine" }).waitFor();
    await page.getByRole("link", { name: "Pipeline", exact: true }).click();
    await page.getByText("Both sums hold.").waitFor();
    const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
    for (const path of [minutes(), `/alert/${alert.id}`, "/engineer/quarantine", "/engineer/pipeline"]) {
      await page.goto(rest.origin + path);
      await (path === minutes() ? replayed(page) : page.getByRole("heading", { level: 1 }).first().waitFor());
      await page.evaluate(axe);
      const found = await page.evaluate(async () => {
        const { axe: check } = globalThis as unknown as { axe: { run(): Promise<{ violations: { id: string; impact: string }[] }> } };
        return (await check.run()).violations.filter(({ impact }) => impact === "serious" || impact === "critical").map(({ id }) => id);
      });
      expect(found, path).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("alone is offered recordings: a viewer gets the explanation, and no way to what they may not do", async () => {
    const { page, complaints } = await visit("viewer", `/alert/${alert.id}`);
    await page.getByRole("heading", { name: "What it was judged by" }).waitFor();
    await expect.poll(() => page.getByRole("link", { name: /Replay|recording/ }).count()).toBe(0);
    await expect.poll(() => page.getByRole("navigation", { name: "Views" }).getByRole("link", { name: "Engineering" }).count()).toBe(0);
    await page.goto(rest.origin + minutes());
    await page.getByText("This page is for the role engineer and above.").waitFor();
    await page.goto(`${rest.origin}/engineer/pipeline`);
    await page.getByText("Both sums hold.").waitFor();
    await expect.poll(() => page.getByRole("link", { name: "Replay and limits" }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
