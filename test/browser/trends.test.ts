/** A manager's story in headless Chromium against the real program with an imported history: from a ranking down to a lift, and out as a file. */
import { readFile } from "node:fs/promises";
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { fetchJson } from "../program/rest.ts";
import { type Program, type Site, serve } from "../program/run.ts";
import { launch, OVERRUN, serious, skipped, visit } from "./chromium.ts";
import { BAD, GONE_BAD, openTrendsCity, TINY, YEAR } from "./trends-city.ts";

const SHOWS = ["rates", "ranking", "rescue", "life", "index", "compare", "works", "lifts"] as const;
const SETTLED = { timeout: 30_000 };
const DAYS = `from=${YEAR.from}-01&to=${YEAR.to}-31`;

interface Rates {
  readonly rows: readonly {
    readonly key: string;
    readonly faults: number;
    readonly episodes: number;
    readonly fair: { readonly place: string | null } | null;
  }[];
}

/** Every question of the page is answered. */
async function settled(page: Page): Promise<void> {
  await page.getByRole("heading", { level: 2 }).first().waitFor(SETTLED);
  await expect.poll(() => page.getByText(/^(Reckoning …|正在计算……)$/).count(), SETTLED).toBe(0);
}

const row = (page: Page, table: string, name: string) =>
  page.getByRole("table", { name: table }).getByRole("row").filter({ hasText: name });

describe.skipIf(skipped)("a manager", () => {
  let site: Site;
  let program: Program;
  let browser: Browser;
  const complaints: string[][] = [];

  beforeAll(async () => {
    [site, browser] = await Promise.all([openTrendsCity(), launch()]);
    program = await serve(site);
  });
  afterAll(async () => {
    await browser?.close();
    await program?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
  });

  async function open(path: string, options: Parameters<typeof visit>[2] = {}): Promise<Page> {
    const visited = await visit(browser, `http://127.0.0.1:${program.httpPort}${path}`, options);
    complaints.push(visited.complaints);
    await settled(visited.page);
    return visited.page;
  }

  const addressOf = (show: string) => `http://127.0.0.1:${program.httpPort}/trends?show=${show}&firm=${encodeURIComponent(BAD)}`;

  const firmRates = () => fetchJson<Rates>(program.rest, `/api/trends/fault-rate?by=firm&bucket=total&${DAYS}`);

  it("finds the firm that is bad and no other, and goes from its rate down to one of its lifts and back", async () => {
    const page = await open("/trends");
    await page.getByText(/episodes a lift-month \(/).waitFor();
    await page.getByRole("link", { name: "Ranking", exact: true }).click();
    await settled(page);
    const ranking = "Ranking by maintenance firm";
    await expect.poll(() => page.getByText("likely above twice the rate of all").count(), SETTLED).toBe(1);
    await expect.poll(() => row(page, ranking, BAD).innerText()).toContain("likely above twice the rate of all");
    const tiny = await row(page, ranking, TINY).innerText();
    expect(tiny).toContain("too few to rank");
    expect(tiny).toMatch(/\t–\t/);
    await page.getByRole("img", { name: /^Funnel/ }).waitFor();
    const out = (await firmRates()).rows.filter(({ fair }) => fair?.place === "very-high").map(({ key }) => key);
    await page.getByText(out.length === 0 ? "None is above the outer limit." : `Above the outer limit: ${out.join(", ")}`).waitFor();

    await row(page, ranking, BAD).getByRole("link", { name: BAD }).click();
    await page.getByRole("heading", { name: `The lifts behind the figures: ${BAD}` }).waitFor();
    await settled(page);
    expect(new URL(page.url()).searchParams.get("firm")).toBe(BAD);
    const own = (await firmRates()).rows.find(({ key }) => key === BAD);
    await page.getByText(`together ${own?.faults} stopping faults, ${own?.episodes} episodes`).waitFor();

    const link = page.getByRole("table", { name: "The lifts behind the figures" }).getByRole("link").first();
    const liftId = await link.innerText();
    await link.click();
    await page.getByRole("heading", { name: new RegExp(liftId) }).waitFor();
    await page.goBack();
    await page.getByRole("heading", { name: `The lifts behind the figures: ${BAD}` }).waitFor();

    // The address is all that somebody else needs.
    const other = await open(new URL(page.url()).pathname + new URL(page.url()).search);
    await other.getByText(`together ${own?.faults} stopping faults`).waitFor();
    await Promise.all([page, other].map((each) => each.context().close()));
  });

  it("takes the figures along as the file that the program's REST gives, and as paper without the page around them", async () => {
    const page = await open(`/trends?show=ranking&by=firm&to=${YEAR.to}`);
    const [download] = await Promise.all([page.waitForEvent("download"), page.getByRole("link", { name: "Download as CSV" }).click()]);
    expect(download.suggestedFilename()).toBe(`hoistway-ranking-firm-${YEAR.to}.csv`);
    const text = await readFile(await download.path(), "utf8");
    const [head = "", first = ""] = text.split("\n");
    expect(head.split(",").slice(0, 6)).toEqual(["rank", "key", "within", "rate", "low", "high"]);
    expect(first).toMatch(new RegExp(`^1,${BAD},`));

    await page.emulateMedia({ media: "print" });
    await expect.poll(() => page.getByRole("navigation").count()).toBe(0);
    await page.getByText("Ranking · Nov 2025 to Oct 2026").waitFor();
    await expect.poll(() => row(page, "Ranking by maintenance firm", BAD).isVisible()).toBe(true);
    await page.context().close();
  });

  it("compares two years by what the test makes of them, not by bare differences", async () => {
    const page = await open("/trends?show=compare&by=firm");
    await page.getByText("Nov 2025 to Oct 2026, compared with Nov 2024 to Oct 2025.").waitFor();
    const table = "Period against period";
    await expect.poll(() => row(page, table, GONE_BAD).innerText()).toMatch(/\tworse\t/);
    await expect.poll(() => row(page, table, BAD).innerText()).toContain("no difference beyond chance");
    const [heads, ...rows] = await page.getByRole("table", { name: table }).getByRole("row").allInnerTexts();
    expect(heads).toContain("95 % interval");
    expect(rows.filter((text) => /\tworse\t/.test(text))).toHaveLength(1);
    await page.getByLabel("Compared with").selectOption({ label: "the months just before" });
    await page.getByText("Nov 2025 to Oct 2026, compared with Nov 2024 to Oct 2025.").waitFor();
    await page.getByLabel("From").selectOption({ label: "May 2026" });
    await page.getByText("May 2026 to Oct 2026, compared with Nov 2025 to Apr 2026.").waitFor();
    await page.context().close();
  });

  it("reads rescue times, ages and the index with what they rest on", async () => {
    const page = await open("/trends?show=rescue");
    await page.getByText("Somebody there within 30 minutes").waitFor();
    await page.getByText(/\d+ of \d+ that were timed, of \d+/).waitFor();
    await page.getByRole("link", { name: "Service life" }).click();
    await page.getByRole("img", { name: /^Service life/ }).waitFor(SETTLED);
    await page.getByText(/In the first five years seen a lift fails .* times a year, in the last five/).waitFor();
    await page.getByRole("link", { name: "Evaluation index" }).click();
    await page.getByRole("table", { name: "What the ranking owes to the weights" }).waitFor(SETTLED);
    const text = await row(page, "Evaluation index by maintenance firm", BAD).innerText();
    expect(text).toMatch(/D sure|D or/);
    await page.context().close();
  });

  it("sees nothing that axe finds serious, and nothing wider than the window, on a desk in English", async () => {
    const page = await open("/trends");
    for (const show of SHOWS) {
      await page.goto(addressOf(show));
      await settled(page);
      expect(await serious(page), show).toEqual([]);
      expect(await page.evaluate(OVERRUN), show).toBe(0);
    }
    await page.context().close();
  });

  it("reads all of it in Chinese, in the dark, on a phone", async () => {
    const page = await open("/trends", { locale: "zh-CN", colorScheme: "dark", viewport: { width: 390, height: 844 } });
    for (const show of SHOWS) {
      await page.goto(addressOf(show));
      await settled(page);
      await page.getByRole("heading", { level: 1, name: "趋势统计" }).waitFor();
      expect(await page.evaluate(OVERRUN), show).toBe(0);
      // What lacks a Chinese word would stand there in English; the name of a document is no such word.
      const text = (await page.getByRole("main").innerText()).replaceAll("docs/index.zh-CN.md", "");
      expect(text, show).not.toMatch(/[A-Za-z]{4,}/);
    }
    expect(await serious(page)).toEqual([]);
    await page.context().close();
  });

  it("has met no error of a script, and nothing that the page's own policy refused", () => {
    expect(complaints.length).toBeGreaterThan(5);
    expect(complaints.flat()).toEqual([]);
  });
});
