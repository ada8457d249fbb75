/**
 * Pictures of every page in both languages and themes, on a desk and on a phone, of a demonstration that really runs:
 * `npm run screens [DIRECTORY]` (default docs/screens). Look at each of them.
 */
import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { setInterval } from "node:timers/promises";
import { promisify } from "node:util";
import type { Page } from "playwright-core";
import UPNG from "upng-js";
import type { Alert } from "../../src/core/effects.ts";
import { launch, visit } from "./chromium.ts";

const DIRECTORY = process.argv[2] ?? "docs/screens";
/** So many alerts make a page worth a picture. */
const ALERTS_LEAST = 20;
const POLL_MS = 500;
/** Pictures stay small, so that the repository does. */
const BYTES_MOST = 200_000;

const COLOURS = 64;
/** Of history, up to the month that runs. */
const YEARS = 3;
/** A page that follows something live is never idle for long. */
const IDLE_WITHIN_MS = 5_000;

const LANGUAGES = { en: "en-GB", zh: "zh-CN" } as const;
const SIZES = { desk: { width: 1440, height: 900 }, phone: { width: 390, height: 844 } } as const;

interface Shown {
  readonly name: string;
  readonly path: string;
  readonly settled: (page: Page) => Promise<unknown>;
}

let taken = 0;
const data = await mkdtemp(join(tmpdir(), "hoistway-screens-"));
await mkdir(DIRECTORY, { recursive: true });
const main = fileURLToPath(new URL("../../dist/src/main.js", import.meta.url));
// Years that are past, for the trends.
const run = promisify(execFile);
const today = new Date();
const history = join(data, "history.csv");
await run(process.execPath, [
  fileURLToPath(new URL("../../dist/simulators/main.js", import.meta.url)),
  "history",
  "--years",
  String(YEARS),
  "--from",
  new Date(Date.UTC(today.getUTCFullYear() - YEARS, today.getUTCMonth(), 1)).toISOString(),
  "--out",
  history,
]);
await run(process.execPath, [main, "import-events", history, "--data", data]);
const program = spawn(process.execPath, [main, "start", "--data", data, "--mqtt-port", "0", "--http-port", "0"], {
  stdio: ["ignore", "pipe", "ignore"],
});
try {
  const [line] = (await once(createInterface({ input: program.stdout }), "line")) as [string];
  const { httpPort } = JSON.parse(line.slice("ready ".length)) as { httpPort: number };
  const origin = `http://127.0.0.1:${httpPort}`;
  const token = (await readFile(join(data, "credentials", "admin-token"), "utf8")).trim();
  console.info(`the demonstration runs; the pictures follow when ${ALERTS_LEAST} alerts and an entrapment have been told`);
  await using browser = await launch();
  let alerts: readonly Alert[] = [];
  let people: Alert | undefined;
  for await (const _ of setInterval(POLL_MS)) {
    const answer = await fetch(`${origin}/api/alerts?limit=200`, { headers: { authorization: `Bearer ${token}` } });
    ({ alerts } = (await answer.json()) as { alerts: readonly Alert[] });
    people = alerts.find(({ hazard }) => hazard === "entrapment");
    if (people !== undefined && alerts.length >= ALERTS_LEAST) break;
    if (program.exitCode !== null) throw new Error(`the demonstration ended with exit code ${program.exitCode}`);
  }
  if (people === undefined) throw new Error("the demonstration has no entrapment to show");
  const pages: readonly Shown[] = [
    { name: "monitor", path: "/", settled: (page) => page.locator("[data-alert]").nth(2).waitFor() },
    { name: "alert", path: `/#alert-${people.id}`, settled: (page) => page.locator(".panel .pairs").waitFor() },
    { name: "lift", path: `/lift/${people.liftId}?span=10m`, settled: (page) => page.locator(".trace canvas").first().waitFor() },
    {
      name: "engineer",
      path: `/engineer?alert=${people.id}`,
      settled: (page) => page.locator(".engineer .trace canvas").first().waitFor(),
    },
    { name: "evidence", path: `/alert/${people.id}`, settled: (page) => page.locator(".alert-facts").waitFor() },
    { name: "quarantine", path: "/engineer/quarantine", settled: (page) => page.locator("main h1, main h2").first().waitFor() },
    { name: "pipeline", path: "/engineer/pipeline", settled: (page) => page.locator("main h1, main h2").first().waitFor() },
    { name: "trends", path: "/trends?show=rates&by=firm", settled: (page) => page.locator(".figure-plot").first().waitFor() },
    { name: "compare", path: "/trends?show=compare&by=firm", settled: (page) => page.locator(".trends .interval").first().waitFor() },
    { name: "ranking", path: "/trends?show=ranking", settled: (page) => page.locator(".figure-plot").first().waitFor() },
  ];
  for (const [language, locale] of Object.entries(LANGUAGES)) {
    for (const colorScheme of ["light", "dark"] as const) {
      for (const [size, viewport] of Object.entries(SIZES)) {
        const { page } = await visit(browser, origin, { locale, colorScheme, viewport });
        await page.locator("#token").waitFor();
        await take(page, `sign-in-${language}-${colorScheme}-${size}`);
        await page.locator("#token").fill(token);
        await page.keyboard.press("Enter");
        await page.locator(".live").waitFor();
        for (const { name, path, settled } of pages) {
          await page.goto(origin + path);
          await page.locator(".live").waitFor();
          await settled(page);
          await page.evaluate("document.fonts.ready.then(() => undefined)");
          await page.waitForLoadState("networkidle", { timeout: IDLE_WITHIN_MS }).catch(() => undefined);
          // As somebody would who is there: then the page may sound.
          await page.mouse.click(4, 4);
          await take(page, `${name}-${language}-${colorScheme}-${size}`);
        }
        await page.context().close();
      }
    }
  }
  console.info(`${taken} pictures in ${DIRECTORY}`);
} finally {
  program.kill("SIGTERM");
  if (program.exitCode === null) await once(program, "exit");
  await rm(data, { recursive: true, force: true });
}

async function take(page: Page, name: string): Promise<void> {
  const file = join(DIRECTORY, `${name}.png`);
  const bytes = inFewColours(await page.screenshot());
  await writeFile(file, bytes);
  if (bytes.length > BYTES_MOST) console.warn(`${file}: ${bytes.length} bytes, more than ${BYTES_MOST}`);
  taken += 1;
}

/** The page has few colours: a palette of 64 keeps its edges and a third of its bytes. */
function inFewColours(png: Buffer): Buffer {
  const picture = UPNG.decode(new Uint8Array(png).buffer);
  return Buffer.from(UPNG.encode(UPNG.toRGBA8(picture), picture.width, picture.height, COLOURS));
}
