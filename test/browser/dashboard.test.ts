/** The page in headless Chromium against a scripted server that speaks the contract, with the program's security headers. */
import { existsSync } from "node:fs";
import { mkdtemp, readFile, readdir, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { type Browser, type BrowserContextOptions, type Page, chromium } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { alert, busyNight, city } from "./dashboard-city.ts";
import { type Site, TOKEN, startSite } from "./dashboard-site.ts";

const CHROMIUM = "/usr/bin/chromium";
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];
/** Gzipped; the whole first page may have 300 kB (issue 7), and this one is far from it. */
const SCRIPT_BYTES_MOST = 60_000;

/** Pixels by which the page is wider than the window, for the browser to work out. */
const OVERRUN = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

const present = existsSync(CHROMIUM);
if (!present && process.env["CI"] === undefined) console.warn(`SKIPPED: the page's browser tests, because there is no ${CHROMIUM}`);

/** The alert's row, whichever list it is in. */
const row = (page: Page, of: Alert) => page.getByRole("row").filter({ hasText: of.liftId });

describe.skipIf(!present && process.env["CI"] === undefined)("the first page", () => {
  let files: string;
  let browser: Browser;
  const open: { site: Site; page: Page; complaints: string[] }[] = [];

  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), "hoistway-page-"));
    await build({ root: "dashboards/web", logLevel: "error", build: { outDir: files, emptyOutDir: true } });
    browser = await chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
  });
  afterEach(async () => {
    for (const { site, page, complaints } of open.splice(0)) {
      await page.context().close();
      await site.close();
      if (complaints.length > 0) throw new Error(`the page complained: ${complaints.join("; ")}`);
    }
  });
  afterAll(async () => {
    await browser?.close();
    await rm(files, { recursive: true, force: true });
  });

  async function visit(initial: readonly Alert[] = [], options: BrowserContextOptions = {}, prepare?: (site: Site) => void) {
    const site = await startSite(files, initial);
    prepare?.(site);
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", ...options });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text());
    });
    open.push({ site, page, complaints });
    await page.goto(site.url);
    return { site, page };
  }

  async function signedIn(initial: readonly Alert[] = [], options: BrowserContextOptions = {}, prepare?: (site: Site) => void) {
    const visited = await visit(initial, options, prepare);
    await visited.page.locator("#token").fill(TOKEN);
    await visited.page.keyboard.press("Enter");
    await visited.page.getByRole("status").waitFor({ state: "attached" });
    await visited.page.getByText(/^(Live|实时)$/).waitFor();
    return visited;
  }

  test("asks for a token, refuses a wrong one in place, and opens with the right one", async () => {
    const { page } = await visit();
    await page.getByLabel("Token").fill("guess");
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("alert").getByText("not valid").waitFor();
    await page.getByLabel("Token").fill(TOKEN);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { name: "Active alerts" }).waitFor();
    await page.getByText("night shift (operator)").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    expect(await page.getByLabel("Token").inputValue()).toBe("");
  });

  test("returns to the sign-in page when the session ends", async () => {
    const { site, page } = await signedIn(busyNight());
    site.signEveryoneOut();
    await page.getByLabel("Token").waitFor();
    expect(await page.getByRole("row").count()).toBe(0);
  });

  test("shows a new alert within a second, on top and spoken, and its acknowledgement and its end", async () => {
    const { site, page } = await signedIn([alert("door-held-open", "low", 60_000)]);
    const raised = alert("entrapment", "critical", 30_000, { details: { floor: 7, persons: 2 } });
    const sentAt = Date.now();
    site.change("raised", raised);
    await row(page, raised).waitFor();
    expect(Date.now() - sentAt).toBeLessThan(1_000);
    const first = page.getByRole("table", { name: "Active alerts" }).getByRole("row").nth(1);
    expect(await first.innerText()).toMatch(
      /Critical[\s\S]*Entrapment[\s\S]*confirmed[\s\S]*碧桂园凤凰城12栋 · Wujiang[\s\S]*Floor 7 · 2 persons/,
    );
    await expect.poll(() => page.getByRole("status").innerText()).toContain(`Critical: Entrapment, lift ${raised.liftId}`);
    await expect.poll(() => page.title()).toBe("(1) Hoistway");

    await page.getByRole("button", { name: `Acknowledge Entrapment, lift ${raised.liftId}` }).focus();
    await page.keyboard.press("Enter");
    await row(page, raised).getByText("✓ Acknowledged").waitFor();
    expect(site.acknowledged).toEqual([raised.id]);
    await expect.poll(() => page.title()).toBe("Hoistway");

    site.change("cleared", { ...raised, acknowledged: true, state: "cleared", clearedAt: Date.now() });
    await page.getByRole("table", { name: "Recently ended" }).getByRole("row").filter({ hasText: raised.liftId }).waitFor();
    expect(await row(page, raised).count()).toBe(1);
  });

  test("resumes after a break with what it missed, each once, and without asking for everything again", async () => {
    const { site, page } = await signedIn([]);
    site.change("raised", alert("overspeed", "high", 1_000));
    await page.getByRole("table", { name: "Active alerts" }).waitFor();
    site.down = true;
    site.drop();
    await page.getByText("NO LIVE DATA").waitFor();
    const missed = [alert("silent", "medium", 0), alert("entrapment", "critical", 0), alert("door-held-open", "low", 0)];
    for (const one of missed) site.change("raised", one);
    site.change("cleared", { ...missed[0]!, state: "cleared", clearedAt: Date.now() });
    site.down = false;
    await page.getByRole("button", { name: "Try now" }).click();
    await page.getByText("Live", { exact: true }).waitFor();
    site.repeatLast();
    for (const one of missed) await row(page, one).waitFor();
    expect(await page.getByRole("table", { name: "Active alerts" }).getByRole("row").count()).toBe(1 + 3);
    expect(await row(page, missed[0]!).count()).toBe(1);
    expect(site.connects).toEqual([null, "e1:8"]);
  });

  test("takes a fresh snapshot when the feed cannot resume", async () => {
    const gone = alert("overspeed", "high", 1_000);
    const { site, page } = await signedIn([gone]);
    await row(page, gone).waitFor();
    site.forget();
    site.change("cleared", { ...gone, acknowledged: true, state: "cleared", clearedAt: Date.now() });
    site.forget();
    const fresh = alert("entrapment", "critical", 0);
    site.change("raised", fresh);
    site.drop();
    await row(page, fresh).waitFor();
    await page.getByRole("table", { name: "Recently ended" }).getByRole("row").filter({ hasText: gone.liftId }).waitFor();
    expect(await page.getByRole("table", { name: "Active alerts" }).getByRole("row").count()).toBe(1 + 1);
  });

  test("looks stale when the feed goes silent though its connection stays open", async () => {
    const { site, page } = await signedIn(busyNight());
    site.freeze();
    const frozenAt = Date.now();
    await page.getByRole("alert").getByText("NO LIVE DATA").waitFor();
    expect(Date.now() - frozenAt).toBeGreaterThan(1_500);
    expect(await page.evaluate(`getComputedStyle(document.querySelector("main")).filter`)).toBe("grayscale(1)");
    expect(await page.title()).toMatch(/^⚠/);
  });

  test("says what is being watched when all is quiet, and what the program says when a part is down", async () => {
    const { page } = await signedIn([], {}, (site) => {
      site.lifts = city();
      site.trouble = "the disk is full";
    });
    await page.getByText(/All quiet: 16,409 registered lifts are watched, 15,\d{3} of them in service and heard/).waitFor();
    await page.getByText("Watched for: Entrapment, ").waitFor();
    await page.getByText("store (the disk is full)").waitFor();
    const wujiang = page.getByRole("row", { name: /Wujiang 武江/ });
    expect(await wujiang.innerText()).toContain("4,697");
  });

  test("keeps the reader's language and theme, and takes the browser's at first", async () => {
    const { page } = await signedIn(busyNight(), { locale: "zh-CN" });
    await page.getByRole("heading", { name: "当前报警" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("zh-CN");
    await page.getByRole("rowheader", { name: "平层困人" }).waitFor();
    await page.getByRole("button", { name: "EN", exact: true }).click();
    await page.getByRole("heading", { name: "Active alerts" }).waitFor();
    await page.getByRole("button", { name: /Theme/ }).click();
    await page.reload();
    await page.getByRole("heading", { name: "Active alerts" }).waitFor();
    expect(await page.locator("html").getAttribute("lang")).toBe("en-GB");
    expect(await page.locator("html").getAttribute("data-theme")).toBe("light");
  });

  test("offers no acknowledgement to a viewer, and shows a refusal in its row to an operator", async () => {
    const one = alert("overspeed", "high", 5_000);
    const viewer = await signedIn([one], {}, (site) => (site.role = "viewer"));
    await row(viewer.page, one).getByText("Not acknowledged").waitFor();
    expect(await viewer.page.getByRole("button", { name: /^Acknowledge/ }).count()).toBe(0);

    const operator = await signedIn([one], {}, (site) => (site.forbidActs = true));
    await row(operator.page, one).getByRole("button").focus();
    await operator.page.keyboard.press("Space");
    await row(operator.page, one).getByRole("alert").getByText("The alert's state no longer allows this.").waitFor();
  });

  test("does not send a click that hits a row which has just moved under the pointer", async () => {
    const one = alert("overspeed", "high", 5_000);
    const { site, page } = await signedIn([one]);
    await row(page, one).getByRole("button").waitFor();
    await page.evaluate(`{
      const row = [...document.querySelectorAll("tr")].find((candidate) => candidate.textContent.includes(${JSON.stringify(one.liftId)}));
      const observer = new MutationObserver(() => {
        observer.disconnect();
        row.querySelector("button").dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
      });
      observer.observe(row.parentElement, { childList: true });
    }`);
    site.change("raised", alert("entrapment", "critical", 0));
    await row(page, one).getByText("The list has just moved").waitFor();
    expect(site.acknowledged).toEqual([]);
  });

  test("leaves the keyboard's focus on its row when others come, go and change places", async () => {
    const [high, low] = [alert("overspeed", "high", 5_000), alert("door-held-open", "low", 5_000)];
    const { site, page } = await signedIn([high, low]);
    const focused = row(page, high).getByRole("button");
    await focused.focus();
    const stays = async () => {
      await expect.poll(() => focused.evaluate((button) => button.matches(":focus"))).toBe(true);
    };
    const top = alert("entrapment", "critical", 0);
    site.change("raised", top);
    await row(page, top).waitFor();
    await stays();
    site.change("updated", { ...low, priority: "critical" });
    await row(page, low).getByText("Critical").waitFor();
    await stays();
    site.change("updated", { ...high, priority: "critical", hazard: "entrapment", raisedAt: Date.now() });
    await row(page, high).getByText("Entrapment").waitFor();
    await stays();
    site.change("cleared", { ...top, state: "cleared", clearedAt: Date.now() });
    await page.getByRole("table", { name: "Recently ended" }).waitFor();
    await stays();
  });

  test("makes rows for a mass of alerts a part at a time, the gravest first", async () => {
    const many = Array.from({ length: 4_697 }, () => alert("silent", "medium", 10_000));
    const top = alert("entrapment", "critical", 0);
    const { page } = await signedIn([...many, top]);
    const rows = page.getByRole("table", { name: "Active alerts" }).getByRole("row");
    await expect.poll(() => rows.count()).toBe(1 + 200);
    expect(await rows.nth(1).innerText()).toContain(top.liftId);
    await page.getByRole("button", { name: "Show 200 more" }).click();
    await expect.poll(() => rows.count()).toBe(1 + 400);
  });

  test.each([
    ["English, light, on a desk", { locale: "en-GB", colorScheme: "light" }],
    ["Chinese, dark, on a desk", { locale: "zh-CN", colorScheme: "dark" }],
    ["Chinese, light, on a phone", { locale: "zh-CN", colorScheme: "light", viewport: { width: 390, height: 844 } }],
    ["English, dark, on a phone", { locale: "en-GB", colorScheme: "dark", viewport: { width: 390, height: 844 } }],
  ] as const)("axe finds nothing serious and nothing runs over the edge: %s", async (_, options) => {
    const first = await visit([], options);
    await first.page.locator("#token").waitFor();
    expect(await serious(first.page)).toEqual([]);
    const { site, page } = await signedIn(busyNight(), options, (site) => (site.lifts = city()));
    await page.getByRole("table", { name: /By district|按区县/ }).waitFor();
    await page.locator("summary").click();
    expect(await serious(page)).toEqual([]);
    expect(await page.evaluate(OVERRUN)).toBeLessThanOrEqual(0);
    site.down = true;
    site.drop();
    await page.getByText(/NO LIVE DATA|无实时数据/).waitFor();
    expect(await serious(page)).toEqual([]);
  });

  test("its script is small", async () => {
    const assets = join(files, "assets");
    const scripts = (await readdir(assets)).filter((name) => name.endsWith(".js"));
    expect(scripts.length).toBeGreaterThan(0);
    const sizes = await Promise.all(scripts.map(async (name) => gzipSync(await readFile(join(assets, name))).length));
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(SCRIPT_BYTES_MOST);
  });
});

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
  readonly passes: readonly unknown[];
}

/** What axe-core calls serious or critical, with where. */
async function serious(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const result: AxeResult = await page.evaluate("axe.run()");
  // A run that looked at nothing would find nothing.
  expect(result.passes.length).toBeGreaterThan(10);
  return result.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}
