/**
 * A report's page printed to PDF by headless Chromium, where there is one. The page's own policy
 * forbids it scripts and everything from outside; printing itself needs Chromium's own, so they cannot be switched off.
 */
import { spawn } from "node:child_process";
import { access, constants, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";

/** What distributions call it. */
const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome", "chromium.exe", "chrome.exe"];
const PLACES = ["/Applications/Google Chrome.app/Contents/MacOS/Google Chrome", "/Applications/Chromium.app/Contents/MacOS/Chromium"];

/** Path of a browser: HOISTWAY_CHROMIUM, or the first on PATH; null where there is none. */
export async function findChromium(environment: Readonly<Record<string, string | undefined>>): Promise<string | null> {
  const named = environment["HOISTWAY_CHROMIUM"];
  const directories = (environment["PATH"] ?? "").split(delimiter).filter((directory) => directory !== "");
  const places =
    named === undefined || named === ""
      ? [...directories.flatMap((directory) => NAMES.map((name) => join(directory, name))), ...PLACES]
      : [named];
  for (const place of places) {
    const runs = await access(place, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (runs) return place;
  }
  return null;
}

/** @throws OperationalError `no-chromium`, or `report-failed` with what Chromium said. */
export async function printPdf(
  html: Uint8Array,
  environment: Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): Promise<Buffer> {
  const chromium = await findChromium(environment);
  if (chromium === null)
    throw new OperationalError(
      "no-chromium",
      "PDF needs Chromium or Chrome, and none was found on PATH; install one, name it in HOISTWAY_CHROMIUM, or take --format html and print that",
    );
  const directory = await mkdtemp(join(tmpdir(), "hoistway-report-"));
  try {
    const [page, pdf] = [join(directory, "report.html"), join(directory, "report.pdf")];
    await writeFile(page, html, { mode: 0o600 });
    const said = await run(
      chromium,
      [
        "--headless",
        "--disable-gpu",
        "--disable-extensions",
        "--disable-background-networking",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--no-default-browser-check",
        "--no-pdf-header-footer",
        `--user-data-dir=${join(directory, "profile")}`,
        `--print-to-pdf=${pdf}`,
        // Chromium has no sandbox for root, and refuses to start; the page is our own, without a script.
        ...(process.getuid?.() === 0 ? ["--no-sandbox"] : []),
        pathToFileURL(page).href,
      ],
      signal,
    );
    return await readFile(pdf).catch((error: unknown) => {
      throw new OperationalError("report-failed", `${chromium} made no PDF: ${said}`, { cause: error });
    });
  } finally {
    await rm(directory, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Resolves with the end of what it said on stderr. It gets none of our environment but what it needs to start: secrets stay here. */
function run(command: string, flags: readonly string[], signal: AbortSignal | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    const { PATH, HOME, LANG, TMPDIR } = process.env;
    const child = spawn(command, flags, { stdio: ["ignore", "ignore", "pipe"], env: { PATH, HOME, LANG, TMPDIR }, signal });
    let said = "";
    const timer = setTimeout(() => child.kill("SIGKILL"), LIMITS.report.pdfMs);
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-LIMITS.report.saidChars);
    });
    child.on("error", (error) => {
      clearTimeout(timer);
      reject(new OperationalError("report-failed", `${command} cannot be started (${error.message})`, { cause: error }));
    });
    child.on("close", () => {
      clearTimeout(timer);
      resolve(said);
    });
  });
}
