/** What a person sees who follows the README: `start`, the printed URL in a browser, live alerts of simulated lifts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PATIENCE, type Ready, Spawned } from "../program/run.ts";
import { busyness, launch, skipped } from "./chromium.ts";

/** Issue 2: a live alert in the browser within so long of the start, on a machine that has nothing else to do. */
const ALERT_WITHIN_MS = 30_000;
/** Times as long as that at most where the machine does other things too. */
const MOST_BUSY = 4;
const LIFTS = 40;

/** For the README: with some alerts on it. */
async function takeScreenshot(page: Page, path: string | undefined): Promise<void> {
  if (path === undefined) return;
  await page.locator("[data-alert]").nth(2).waitFor({ timeout: 60_000 });
  await page.screenshot({ path });
}

describe.skipIf(skipped)("start", () => {
  let data: string;
  let browser: Browser;
  let program: Spawned;
  let ready: Ready;
  let startedAt: number;

  beforeAll(async () => {
    data = await mkdtemp(join(tmpdir(), "hoistway-start-"));
    browser = await launch();
    startedAt = performance.now();
    const ports = ["--mqtt-port", "0", "--http-port", "0"];
    program = new Spawned(["start", "--data", data, ...ports, "--lifts", String(LIFTS), "--scenario", "demo"]);
    const said = await program.ready();
    if (said === null) throw new Error(`start ended: ${program.stderr}`);
    ready = said;
  });
  afterAll(async () => {
    await browser?.close();
    await program?.kill("SIGTERM");
    await rm(data, { recursive: true, force: true });
  });

  /** A page of a person of their own, and what their browser complains about. */
  async function visit(url: string): Promise<{ readonly page: Page; readonly complaints: string[]; readonly status: number }> {
    const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB" });
    const page = await context.newPage();
    const complaints: string[] = [];
    page.on("pageerror", (error) => complaints.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning") complaints.push(message.text());
    });
    page.on("requestfailed", (request) => complaints.push(`${request.url()}: ${request.failure()?.errorText ?? "failed"}`));
    const response = await page.goto(url);
    return { page, complaints, status: response?.status() ?? 0 };
  }

  it("prints a URL that signs in once and shows a live alert within 30 s, which can be acknowledged, in both languages", async () => {
    expect(ready.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/);
    const { page, complaints, status } = await visit(ready.url);
    expect(status).toBe(200);
    expect(page.url()).toBe(`http://127.0.0.1:${ready.httpPort}/`);
    await page.getByText("Live", { exact: true }).waitFor();
    const acknowledge = page.getByRole("button", { name: /^Acknowledge: / });
    const before = busyness();
    await acknowledge.first().waitFor({ timeout: MOST_BUSY * ALERT_WITHIN_MS });
    const shownAfterMs = performance.now() - startedAt;
    const busy = Math.min(MOST_BUSY, Math.max(before, busyness()));
    console.info(`the first alert was on the page ${(shownAfterMs / 1_000).toFixed(1)} s after the start; load ${busy.toFixed(1)}`);
    expect(shownAfterMs).toBeLessThan(ALERT_WITHIN_MS * busy);
    await expect.poll(() => page.getByText(`${LIFTS}`).count(), PATIENCE).toBeGreaterThan(0);

    const id = await page.locator("[data-alert]").filter({ has: acknowledge }).first().getAttribute("data-alert");
    const row = page.locator(`[data-alert="${id}"]`);
    await row.getByRole("button", { name: /^Acknowledge: / }).click();
    await row.getByText(/✓ acknowledged/).waitFor();

    await page.getByRole("button", { name: "中文" }).click();
    await page.getByRole("heading", { name: "其他报警" }).waitFor();
    await row.getByText(/已确认/).waitFor();
    await page.getByRole("button", { name: "EN", exact: true }).click();
    await page.getByRole("heading", { name: "Other alerts" }).waitFor();
    await takeScreenshot(page, process.env["HOISTWAY_SCREENSHOT"]);

    // The session outlives a reload, and nothing was refused by the page's own policy.
    await page.reload();
    await row.getByText(/✓ acknowledged/).waitFor();
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  it("lets nobody in with the URL that was used, nor without one", async () => {
    for (const url of [ready.url, ready.url.replace(/token=.*/, "token=guess"), ready.url.replace(/\?.*/, "")]) {
      const { page } = await visit(url);
      await page.getByLabel("Token").waitFor();
      await expect.poll(() => page.locator("[data-alert]").count()).toBe(0);
      await page.context().close();
    }
    expect((await fetch(`http://127.0.0.1:${ready.httpPort}/api/alerts`)).status).toBe(401);
  });

  it("stops in good order with its simulator", async () => {
    const before = performance.now();
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(performance.now() - before).toBeLessThan(10_000);
    expect(program.stdout.trimEnd().split("\n")).toHaveLength(1);
  });
});
