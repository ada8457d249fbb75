/** The page in headless Chromium against a scripted server that speaks the contract, with the program's security headers. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import type { Browser, Page } from "playwright-core";
import { build } from "vite";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Alert } from "../../src/core/effects.ts";
import { busyness, launch, OVERRUN, serious, skipped, visit as see } from "./chromium.ts";
import { alert, busyNight, city } from "./dashboard-city.ts";
import { type Site, TOKEN, startSite } from "./dashboard-site.ts";

/** Gzipped; the whole first page may have 300 kB (issue 7), and this one is far from it. */
const SCRIPT_BYTES_MOST = 80_000;

/** Scrolls the list for a second and a half; times between frames, ms, for the browser to measure. */
const SCROLL = `new Promise((resolve) => {
  const list = document.getElementById("alerts");
  const frames = [];
  const begun = performance.now();
  let last = begun;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    list.scrollTop += 120;
    if (now - begun < 1500) requestAnimationFrame(step);
    else resolve(frames);
  };
  requestAnimationFrame(step);
})`;

/** The alert, whichever list it is in. */
const row = (page: Page, of: Alert) => page.getByRole("row").or(page.getByRole("listitem")).filter({ hasText: of.liftId });
const others = (page: Page) => page.getByRole("table", { name: "Other alerts" }).getByRole("row");

describe.skipIf(skipped)("the first page", () => {
  let files: string;
  let browser: Browser;
  const open: { site: Site; page: Page; complaints: string[] }[] = [];

  beforeAll(async () => {
    files = await mkdtemp(join(tmpdir(), "hoistway-page-"));
    await build({ root: "dashboards/web", logLevel: "error", build: { outDir: files, emptyOutDir: true } });
    browser = await launch();
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

  async function visit(initial: readonly Alert[] = [], options: Parameters<typeof see>[2] = {}, prepare?: (site: Site) => void) {
    const site = await startSite(files, initial);
    prepare?.(site);
    const { page, complaints } = await see(browser, site.url, options);
    open.push({ site, page, complaints });
    return { site, page };
  }

  async function signedIn(initial: readonly Alert[] = [], options: Parameters<typeof see>[2] = {}, prepare?: (site: Site) => void) {
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
    await page.getByRole("heading", { name: "Other alerts" }).waitFor();
    await page.getByText("night shift (operator)").waitFor();
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByLabel("Token").waitFor();
    await expect.poll(() => page.getByLabel("Token").inputValue()).toBe("");
  });

  test("returns to the sign-in page when the session ends", async () => {
    const { site, page } = await signedIn(busyNight());
    site.signEveryoneOut();
    await page.getByLabel("Token").waitFor();
    await expect.poll(() => page.getByRole("row").count()).toBe(0);
  });

  test("shows a new alert within a second, on top and spoken, and its acknowledgement and its end", async () => {
    const { site, page } = await signedIn([alert("door-held-open", "low", 60_000)]);
    const raised = alert("entrapment", "critical", 30_000, { details: { floor: 7, persons: 2 } });
    const sentAt = Date.now();
    site.change("raised", raised);
    await row(page, raised).waitFor();
    expect(Date.now() - sentAt).toBeLessThan(1_000 * busyness());
    // People shut in have a place of their own, above all else.
    const first = page.getByRole("region", { name: "People shut in" }).getByRole("listitem");
    await expect
      .poll(() => first.innerText())
      .toMatch(/Entrapment[\s\S]*confirmed[\s\S]*碧桂园凤凰城12栋 · Wujiang[\s\S]*Floor 7 · 2 persons/);
    await expect.poll(() => page.getByRole("status").innerText()).toContain(`Critical: Entrapment, lift ${raised.liftId}`);
    await expect.poll(() => page.title()).toMatch(/^\(1\) /);

    await page.getByRole("button", { name: `Acknowledge: Entrapment, lift ${raised.liftId}` }).focus();
    await page.keyboard.press("Enter");
    await row(page, raised)
      .getByText(/✓ acknowledged/)
      .waitFor();
    expect(site.acts).toEqual([`acknowledge ${raised.id}`]);
    await expect.poll(() => page.title()).not.toMatch(/^\(/);

    site.change("cleared", { ...raised, acknowledged: true, state: "cleared", clearedAt: Date.now() });
    await page.getByRole("table", { name: "Recently ended" }).getByRole("row").filter({ hasText: raised.liftId }).waitFor();
    await expect.poll(() => row(page, raised).count()).toBe(1);
  });

  test("resumes after a break with what it missed, each once, and without asking for everything again", async () => {
    const { site, page } = await signedIn([]);
    site.change("raised", alert("overspeed", "high", 1_000));
    await page.getByRole("table", { name: "Other alerts" }).waitFor();
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
    await expect.poll(() => others(page).count()).toBe(1 + 2);
    await expect.poll(() => row(page, missed[0]!).count()).toBe(1);
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
    await expect.poll(() => others(page).count()).toBe(0);
  });

  test("looks stale when the feed goes silent though its connection stays open", async () => {
    const { site, page } = await signedIn(busyNight());
    site.freeze();
    const frozenAt = Date.now();
    await page.getByRole("alert").getByText("NO LIVE DATA").waitFor();
    expect(Date.now() - frozenAt).toBeGreaterThan(1_500);
    // Each part of the page draws itself: the board turns grey and the title changes beside the banner, not before it.
    await expect.poll(() => page.evaluate(`getComputedStyle(document.querySelector("main")).filter`)).toBe("grayscale(1)");
    await expect.poll(() => page.title()).toMatch(/^⚠/);
  });

  test("says what is being watched when all is quiet, and what the program says when a part is down", async () => {
    const { page } = await signedIn([], {}, (site) => {
      site.lifts = city();
      site.trouble = "the disk is full";
    });
    await page.getByText(/All quiet: 16,409 registered lifts are watched, 15,\d{3} of them in service and heard/).waitFor();
    await page.getByText("Watched for: Entrapment, ").waitFor();
    await page.getByText("store (the disk is full)").waitFor();
    const wujiang = page.getByRole("button", { name: /^Wujiang: 4,697 lifts, \d+ faulted, \d+ silent, 0 entrapments/ });
    await wujiang.waitFor();
    await expect.poll(() => wujiang.getAttribute("aria-pressed")).toBe("false");
  });

  test("keeps the reader's language and theme, and takes the browser's at first", async () => {
    const { page } = await signedIn(busyNight(), { locale: "zh-CN" });
    await page.getByRole("heading", { name: "其他报警" }).waitFor();
    await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("zh-CN");
    await page
      .getByRole("link", { name: /平层困人/ })
      .first()
      .waitFor();
    await page.getByRole("button", { name: "EN", exact: true }).click();
    await page.getByRole("heading", { name: "Other alerts" }).waitFor();
    await page.getByRole("button", { name: /Theme/ }).click();
    await page.reload();
    await page.getByRole("heading", { name: "Other alerts" }).waitFor();
    await expect.poll(() => page.locator("html").getAttribute("lang")).toBe("en-GB");
    await expect.poll(() => page.locator("html").getAttribute("data-theme")).toBe("light");
  });

  test("offers no acknowledgement to a viewer, and shows a refusal in its row to an operator", async () => {
    const one = alert("overspeed", "high", 5_000);
    const viewer = await signedIn([one], {}, (site) => (site.role = "viewer"));
    await row(viewer.page, one).getByText("Not acknowledged").waitFor();
    await expect.poll(() => viewer.page.getByRole("button", { name: /^Acknowledge/ }).count()).toBe(0);

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
      const row = [...document.querySelectorAll("[data-alert]")].find((candidate) => candidate.textContent.includes(${JSON.stringify(one.liftId)}));
      const observer = new MutationObserver(() => {
        observer.disconnect();
        row.querySelector("button").dispatchEvent(new MouseEvent("click", { bubbles: true, detail: 1 }));
      });
      observer.observe(row.parentElement, { childList: true });
    }`);
    site.change("raised", alert("overtravel", "critical", 0));
    await row(page, one).getByText("The list has just moved").waitFor();
    expect(site.acts).toEqual([]);
  });

  test("leaves the keyboard's focus on its row when others come, go and change places", async () => {
    const [high, low] = [alert("overspeed", "high", 5_000), alert("door-held-open", "low", 5_000)];
    const { site, page } = await signedIn([high, low]);
    const focused = row(page, high).getByRole("button");
    await focused.focus();
    const stays = async () => {
      await expect.poll(() => focused.evaluate((button) => button.matches(":focus"))).toBe(true);
    };
    const top = alert("overtravel", "critical", 0);
    site.change("raised", top);
    await row(page, top).waitFor();
    await stays();
    site.change("updated", { ...low, priority: "critical" });
    await row(page, low).getByText("Critical").waitFor();
    await stays();
    site.change("updated", { ...high, priority: "critical" });
    await row(page, high).getByText("Critical").waitFor();
    await stays();
    site.change("cleared", { ...top, state: "cleared", clearedAt: Date.now() });
    await row(page, top).getByText("signal ended").waitFor();
    await stays();
  });

  test("holds the list still while somebody points at it, says what waits, and never holds people shut in", async () => {
    const one = alert("overspeed", "high", 5_000);
    const { site, page } = await signedIn([one]);
    await row(page, one).getByText("Overspeed").hover();
    const before = await row(page, one).boundingBox();
    const [graver, people] = [alert("overtravel", "critical", 0), alert("entrapment", "critical", 0)];
    site.change("raised", graver);
    await page.getByText("1 new, shown when the pointer leaves the list:").waitFor();
    await page.getByText(`Critical: Overtravel, ${graver.liftId}`).waitFor();
    site.change("raised", people);
    await row(page, people).waitFor();
    expect(await row(page, one).boundingBox()).toEqual(before);
    await expect.poll(() => others(page).count()).toBe(1 + 1);
    await page.mouse.move(1, 1);
    await row(page, graver).waitFor();
    await expect.poll(() => others(page).nth(1).innerText()).toContain(graver.liftId);
    // Whoever rests the pointer there is not kept from anything either.
    await row(page, one).getByText("Overspeed").hover();
    const later = alert("unintended-movement", "critical", 0);
    site.change("raised", later);
    await row(page, later).waitFor();
  });

  test("makes rows for a mass of alerts a part at a time, the gravest first, and scrolls a thousand smoothly", async () => {
    const many = Array.from({ length: 4_697 }, () => alert("silent", "medium", 10_000));
    const top = alert("overtravel", "critical", 0);
    const { page } = await signedIn([...many, top]);
    const rows = others(page);
    await expect.poll(() => rows.count()).toBe(1 + 1_000);
    await expect.poll(() => rows.nth(1).innerText()).toContain(top.liftId);
    const frames = (await page.evaluate(SCROLL)) as readonly number[];
    const middle = frames.toSorted((a, b) => a - b)[Math.floor(frames.length / 2)]!;
    console.info(
      `scrolling 1,000 alerts: ${frames.length} frames, median ${middle.toFixed(1)} ms, longest ${Math.max(...frames).toFixed(0)} ms`,
    );
    expect(middle).toBeLessThan(50 * busyness());
    await page.getByRole("button", { name: "Show 1,000 more" }).click({ timeout: 30_000 * busyness() });
    await expect.poll(() => rows.count()).toBe(1 + 2_000);
  });

  test("tells of itself to whoever sees it first, once, and again on wish", async () => {
    const { page } = await signedIn([], { tour: true });
    const tour = page.getByRole("complementary", { name: "A short tour" });
    for (let step = 1; step < 5; step += 1) await tour.getByRole("button", { name: "Next" }).click();
    await tour.getByText("5 of 5").waitFor();
    await tour.getByRole("button", { name: "End the tour" }).click();
    await page.reload();
    await page.getByText("Nobody is shut in.").waitFor();
    await expect.poll(() => tour.count()).toBe(0);
    await page.keyboard.press("?");
    await page.getByRole("button", { name: "Show the tour" }).click();
    await tour.getByText("1 of 5").waitFor();
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
    await page.getByRole("list", { name: /Districts|各区县/ }).waitFor();
    await page.locator(".fold summary").first().click();
    expect(await serious(page)).toEqual([]);
    expect(await page.evaluate(OVERRUN)).toBeLessThanOrEqual(0);
    site.down = true;
    site.drop();
    await page.getByText(/NO LIVE DATA|无实时数据/).waitFor();
    expect(await serious(page)).toEqual([]);
  });

  test.each(["en-GB", "zh-CN"])(
    "its head is one line on desks and two on tablets and phones, and nothing is wider than the window: %s",
    async (locale) => {
      const { page } = await signedIn(busyNight(), { locale }, (site) => {
        site.lifts = city();
        site.role = "admin";
      });
      await page.getByRole("list", { name: /Districts|各区县/ }).waitFor();
      const views = page.getByRole("navigation");
      const seen: Record<number, readonly [lines: number, overrun: number, unseen: number]> = {};
      for (const width of [1920, 1440, 1280, 1024, 800, 390]) {
        await page.setViewportSize({ width, height: 900 });
        const height = (await page.getByRole("banner").boundingBox())?.height ?? 0;
        const unseen = await views.evaluate((links) => links.scrollWidth - links.clientWidth);
        seen[width] = [Math.round(height / 43), Math.max(0, (await page.evaluate(OVERRUN)) as number), unseen];
      }
      expect(seen).toEqual({
        ...Object.fromEntries([1920, 1440, 1280, 1024].map((width) => [width, [1, 0, 0]])),
        ...Object.fromEntries([800, 390].map((width) => [width, [2, 0, 0]])),
      });
    },
  );

  test("its script is small", async () => {
    const { page } = await signedIn(busyNight());
    await page.getByRole("heading", { name: "Other alerts" }).waitFor();
    const names = (await page.evaluate(
      `performance.getEntriesByType("resource").map(({ name }) => name).filter((name) => name.endsWith(".js"))`,
    )) as readonly string[];
    expect(names.length).toBeGreaterThan(1);
    const sizes = await Promise.all(names.map(async (name) => gzipSync(await readFile(join(files, new URL(name).pathname))).length));
    console.info(`the first page's script: ${sizes.reduce((sum, size) => sum + size, 0)} bytes, gzipped, in ${sizes.length} files`);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(SCRIPT_BYTES_MOST);
  });
});
