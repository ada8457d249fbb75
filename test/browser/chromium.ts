/** Headless Chromium for the tests of the page: one way to start it, to visit, and to ask axe-core. */
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { availableParallelism, loadavg } from "node:os";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";

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

const present = existsSync(CHROMIUM);
/** Without a browser these tests are skipped, loudly; in CI they fail. */
export const skipped = !present && process.env["CI"] === undefined;
if (skipped) console.warn(`SKIPPED: the page's tests in a browser, because there is no ${CHROMIUM}`);

export async function launch(): Promise<Browser> {
  return chromium.launch({ executablePath: CHROMIUM, args: FLAGS });
}

export interface Visit {
  readonly page: Page;
  /** What the browser complained of: errors of scripts, and what the page's own policy refused. */
  readonly complaints: string[];
}

/** A page of a person of their own, who has seen the tour unless told otherwise. */
export async function visit(
  browser: Browser,
  url: string,
  options: BrowserContextOptions & { readonly tour?: boolean } = {},
): Promise<Visit> {
  const { tour = false, ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: "en-GB", ...rest });
  if (!tour) await context.addInitScript("localStorage.setItem('hoistway.tour', 'seen')");
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on("pageerror", (error) => complaints.push(error.message));
  page.on("console", (message) => {
    if (/Content Security Policy|Refused to/i.test(message.text())) complaints.push(message.text());
  });
  await page.goto(url);
  return { page, complaints };
}

interface AxeResult {
  readonly violations: readonly {
    readonly id: string;
    readonly impact: string;
    readonly nodes: readonly { readonly html: string; readonly failureSummary: string }[];
  }[];
  readonly passes: readonly unknown[];
}

/** What axe-core calls serious or critical, with where. */
export async function serious(page: Page): Promise<readonly string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8"));
  const result: AxeResult = await page.evaluate("axe.run()");
  // A run that looked at nothing would find nothing.
  if (result.passes.length <= 10) throw new Error(`axe looked at next to nothing: ${result.passes.length} rules passed`);
  return result.violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html} ${node.failureSummary}`));
}

/** Pixels by which the page is wider than the window, for the browser to work out. */
export const OVERRUN = "document.documentElement.scrollWidth - document.documentElement.clientWidth";

/** A machine with three times as much to do as it can takes three times as long, whatever the page is like: at least 1. */
export function busyness(): number {
  return Math.max(1, loadavg()[0]! / availableParallelism());
}
