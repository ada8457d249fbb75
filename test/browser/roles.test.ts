/** Each role signs in at the real program, and is offered what the table of roles lets it do: all of it, and nothing else. */
import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { atLeast, type Role, ROLES } from "../../src/access/access.ts";
import { ADMISSIONS } from "../../src/api/roles.ts";
import type { Alert } from "../../src/core/effects.ts";
import { alertsOf } from "../program/rest.ts";
import { openSite, PATIENCE, type Program, serve, type Site } from "../program/run.ts";
import { launch, skipped, visit } from "./chromium.ts";
import { lifts, type Speaking } from "./lifts-speaking.ts";

const LIFT = "RO-01";
const NAMES: Readonly<Record<Role, string>> = { viewer: "viewer", operator: "operator", engineer: "engineer", admin: "administrator" };

/** By the table that the program itself goes by. */
function mayCall(role: Role, route: string): boolean {
  const needed = ADMISSIONS[route];
  if (needed === undefined || needed === "anyone" || needed === "in-band" || needed === "owner")
    throw new Error(`${route} is for ${needed}, not for a role`);
  return atLeast(role, needed);
}

const linkNames = async (page: Page, navigation: string): Promise<readonly string[]> =>
  page.getByRole("navigation", { name: navigation }).getByRole("link").allInnerTexts();

describe.skipIf(skipped)("of the page", () => {
  let site: Site;
  let program: Program;
  let speaking: Speaking;
  let browser: Browser;
  let alert: Alert;

  beforeAll(async () => {
    site = await openSite([{ liftId: LIFT, ratedSpeedMps: 1.75 }]);
    [program, browser] = await Promise.all([serve(site, { auth: true }), launch()]);
    speaking = await lifts(program.mqttPort, { username: LIFT, password: (await site.deviceTokens()).get(LIFT) ?? "" });
    await speaking.well(LIFT);
    await speaking.shutIn(LIFT, 2, 7);
    alert = await vi.waitFor(async () => {
      const found = (await alertsOf(program.rest)).find(({ hazard, evidence }) => hazard === "entrapment" && evidence === "confirmed");
      if (found === undefined) throw new Error("no entrapment has been told");
      return found;
    }, PATIENCE);
  });
  afterAll(async () => {
    await browser?.close();
    await speaking?.end();
    await program?.[Symbol.asyncDispose]();
    await site?.[Symbol.asyncDispose]();
  });

  it.each(ROLES)("a role is offered what it may do and nothing else: %s", async (role) => {
    const made = await program.rest.post("/api/credentials", { name: `one-${role}`, role });
    const { token } = made.body as { readonly token: string };
    const origin = `http://127.0.0.1:${program.httpPort}`;
    const { page, complaints } = await visit(browser, origin);
    await page.getByLabel("Token").fill(token);
    const refused: string[] = [];
    page.on("response", (response) => {
      if ([401, 403].includes(response.status())) refused.push(`${response.request().method()} ${response.url()}: ${response.status()}`);
    });
    await page.keyboard.press("Enter");
    await page.getByText("Live", { exact: true }).waitFor();
    await page.getByText(`(${NAMES[role]})`).waitFor();
    const [acts, rules, quarantine] = [
      mayCall(role, "POST /api/alerts/:id/acknowledge"),
      mayCall(role, "GET /api/export/recording"),
      mayCall(role, "GET /api/quarantine"),
    ];
    expect([acts, rules, quarantine]).toEqual([
      role !== "viewer",
      ...Array.from({ length: 2 }, () => role === "engineer" || role === "admin"),
    ]);

    await expect.poll(() => linkNames(page, "Views")).toEqual(["Monitoring centre", rules ? "Engineering" : "Pipeline", "Trends"]);
    const card = page.getByRole("region", { name: "People shut in" }).getByRole("listitem").filter({ hasText: LIFT });
    await card.waitFor();
    const anyAct = page.getByRole("button", { name: /^(Acknowledge|Dispatch|Arrived|People out|Close|Shelve): / });
    await expect.poll(() => card.getByRole("button", { name: /^Acknowledge: / }).count()).toBe(acts ? 1 : 0);
    expect((await anyAct.count()) === 0).toBe(!acts);
    await card.getByRole("link", { name: /^More/ }).click();
    const panel = page.getByRole("complementary", { name: "Entrapment" });
    await panel.getByRole("link", { name: "Readings around it" }).waitFor();
    expect((await panel.getByRole("button", { name: /: Entrapment, lift RO-01$/ }).count()) > 1).toBe(acts);
    await expect.poll(() => panel.getByRole("link", { name: "Replay" }).count()).toBe(rules ? 1 : 0);
    await expect.poll(() => panel.getByRole("link", { name: /^Recording/ }).count()).toBe(rules ? 1 : 0);
    await page.keyboard.press("Escape");
    await page.keyboard.press("?");
    const keys = page.getByRole("dialog", { name: "Keyboard shortcuts" });
    await keys.getByText("find a lift").waitFor();
    await expect.poll(() => keys.getByText("do the next act").count()).toBe(acts ? 1 : 0);
    await page.keyboard.press("Escape");

    await page.goto(`${origin}/alert/${alert.id}`);
    await page
      .getByRole("heading", { name: /Entrapment/ })
      .first()
      .waitFor();
    expect(
      await page
        .getByRole("main")
        .getByRole("link", { name: /Replay|recording/i })
        .count(),
    ).toBe(rules ? 2 : 0);

    await page.goto(`${origin}/engineer/pipeline`);
    await page.getByText("Both sums hold.").waitFor();
    await expect
      .poll(() => linkNames(page, "Engineer's pages"))
      .toEqual(rules ? ["Replay and limits", "Quarantine", "Pipeline"] : ["Pipeline"]);
    await expect.poll(() => page.getByRole("main").getByRole("link", { name: "quarantined" }).count()).toBe(quarantine ? 1 : 0);

    for (const path of ["/engineer", "/engineer/quarantine"]) {
      await page.goto(origin + path);
      const notice = page.getByRole("heading", { name: "This page is for the role engineer and above." });
      if (rules) await page.getByRole("navigation", { name: "Engineer's pages" }).waitFor();
      else await notice.waitFor();
      await expect.poll(() => notice.count()).toBe(rules ? 0 : 1);
    }
    for (const path of [`/lift/${LIFT}`, "/trends"]) {
      await page.goto(origin + path);
      await page.getByRole("heading", { level: 1 }).first().waitFor();
      await page.waitForLoadState("networkidle");
    }
    expect(refused).toEqual([]);
    expect(complaints).toEqual([]);
    await page.context().close();
  });
});
