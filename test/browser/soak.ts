/**
 * The page under a storm: alert changes at a rate, for minutes, in headless Chromium; memory and frames at the beginning and at the end.
 * `npm run soak [MINUTES] [CHANGES_A_SECOND]` (default 60 and 200). Exit 1 when either has grown.
 */
import { rm, mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { CDPSession } from "playwright-core";
import { build } from "vite";
import type { Alert, ChangeKind } from "../../src/core/effects.ts";
import { launch, visit } from "./chromium.ts";
import { alert, city } from "./dashboard-city.ts";
import { startSite, TOKEN } from "./dashboard-site.ts";

const MINUTES = Number(process.argv[2] ?? 60);
const A_SECOND = Number(process.argv[3] ?? 200);
/** Alerts that stand at a time: a bad day of a city. */
const STANDING = 1_000;
const TICK_MS = 50;
/** Frames are looked at for so long at a time, as often as this. */
const LOOK_MS = 5_000;
const LOOKS_MOST = 60;
/** Growth from the first fifth of the looks to the last that is told as a failure. */
const HEAP_GROWTH_MOST = 1.25;
const FRAME_GROWTH_MOST = 1.5;

const FRAMES = `new Promise((resolve) => {
  const gaps = [];
  const begun = performance.now();
  let last = begun;
  const step = (now) => {
    gaps.push(now - last);
    last = now;
    if (now - begun < ${LOOK_MS}) requestAnimationFrame(step);
    else resolve(gaps.sort((a, b) => a - b));
  };
  requestAnimationFrame(step);
})`;

interface Look {
  readonly atS: number;
  readonly heapMB: number;
  readonly nodes: number;
  readonly frameMs: number;
  readonly p99Ms: number;
}

const HAZARDS = ["overspeed", "silent", "door-held-open", "reported-fault", "overtravel", "entrapment"] as const;
const PRIORITY = {
  overspeed: "high",
  silent: "medium",
  "door-held-open": "low",
  "reported-fault": "high",
  overtravel: "critical",
  entrapment: "critical",
} as const;

const files = await mkdtemp(join(tmpdir(), "hoistway-soak-"));
await build({ root: "dashboards/web", logLevel: "error", build: { outDir: files, emptyOutDir: true } });
const site = await startSite(files, []);
site.lifts = city();
const browser = await launch();
try {
  const { page } = await visit(browser, site.url);
  await page.locator("#token").fill(TOKEN);
  await page.keyboard.press("Enter");
  await page.locator(".live").waitFor();
  const devtools = await page.context().newCDPSession(page);
  await devtools.send("Performance.enable");
  const storm = blow();
  const looks: Look[] = [];
  const begun = performance.now();
  const endsAt = begun + MINUTES * 60_000;
  const everyMs = Math.max(LOOK_MS + 1_000, (MINUTES * 60_000) / LOOKS_MOST);
  // The list fills first.
  await page.waitForTimeout(Math.min(15_000, MINUTES * 10_000));
  while (performance.now() < endsAt) {
    const from = performance.now();
    looks.push(await look(devtools, (performance.now() - begun) / 1_000));
    const seen = looks.at(-1)!;
    console.info(
      `${seen.atS.toFixed(0)} s: heap ${seen.heapMB.toFixed(1)} MB, ${seen.nodes} nodes, frame ${seen.frameMs.toFixed(1)} ms, p99 ${seen.p99Ms.toFixed(0)} ms, ${storm.sent()} changes`,
    );
    await page.waitForTimeout(Math.max(0, everyMs - (performance.now() - from)));
  }
  storm.stop();
  const fifth = Math.max(1, Math.floor(looks.length / 5));
  const [first, last] = [looks.slice(0, fifth), looks.slice(-fifth)];
  const middle = (of: readonly Look[], key: "heapMB" | "frameMs" | "p99Ms"): number =>
    of.map((each) => each[key]).toSorted((a, b) => a - b)[Math.floor(of.length / 2)]!;
  for (const key of ["heapMB", "frameMs", "p99Ms"] as const)
    console.info(`${key}: ${middle(first, key).toFixed(1)} first, ${middle(last, key).toFixed(1)} last`);
  const rate = storm.sent() / ((performance.now() - begun) / 1_000);
  console.info(`${rate.toFixed(0)} changes a second, ${looks.length} looks`);
  const grew =
    middle(last, "heapMB") > middle(first, "heapMB") * HEAP_GROWTH_MOST ||
    middle(last, "frameMs") > middle(first, "frameMs") * FRAME_GROWTH_MOST;
  if (grew) {
    console.error("the page's memory or frame time has grown");
    process.exitCode = 1;
  }
} finally {
  await browser.close();
  await site.close();
  await rm(files, { recursive: true, force: true });
}

async function look(devtools: CDPSession, atS: number): Promise<Look> {
  const { result } = (await devtools.send("Runtime.evaluate", { expression: FRAMES, awaitPromise: true, returnByValue: true })) as {
    result: { value: number[] };
  };
  // Twice: on a busy machine one collection left tens of MB that a later one took, probably what died while a marking was under way.
  for (let round = 0; round < 2; round += 1) await devtools.send("HeapProfiler.collectGarbage");
  const { metrics } = await devtools.send("Performance.getMetrics");
  const metric = (name: string): number => metrics.find((each) => each.name === name)?.value ?? Number.NaN;
  const gaps = result.value;
  return {
    atS,
    heapMB: metric("JSHeapUsedSize") / 1e6,
    nodes: metric("Nodes"),
    frameMs: gaps[Math.floor(gaps.length / 2)]!,
    p99Ms: gaps[Math.floor(gaps.length * 0.99)]!,
  };
}

/** Raises, acknowledges, updates and clears, so that about STANDING alerts stand. */
function blow(): { stop(): void; sent(): number } {
  const standing: Alert[] = [];
  let sent = 0;
  let turn = 0;
  const change = (kind: ChangeKind, of: Alert): void => {
    site.change(kind, of);
    sent += 1;
  };
  const begun = performance.now();
  const timer = setInterval(() => {
    const due = Math.floor(((performance.now() - begun) / 1_000) * A_SECOND);
    for (let wanted = due - sent; wanted > 0; wanted -= 1) {
      turn += 1;
      const at = (turn * 7_919) % Math.max(1, standing.length);
      const old = standing[at];
      if (standing.length < STANDING || (turn % 3 === 0 && standing.length < STANDING * 1.02) || old === undefined) {
        const hazard = HAZARDS[turn % 200 === 0 ? 5 : turn % 5]!;
        const raised = alert(hazard, PRIORITY[hazard], 0, { details: { floor: 1 + (turn % 20) } });
        standing.push(raised);
        change("raised", raised);
      } else if (turn % 3 === 1) {
        standing[at] = { ...old, acknowledged: true, acknowledgedAt: Date.now(), occurrences: old.occurrences + 1 };
        change("updated", standing[at]);
      } else {
        standing.splice(at, 1);
        change("cleared", { ...old, acknowledged: true, state: "cleared", clearedAt: Date.now() });
      }
    }
    site.trim(A_SECOND * 30);
  }, TICK_MS);
  return {
    stop: () => clearInterval(timer),
    sent: () => sent,
  };
}
