/** The outbox with receivers that are real: a web server that misbehaves, a mail server, brokers. */
import { createHmac } from "node:crypto";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, stat, truncate, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { SMTPServer } from "smtp-server";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { Change } from "../../src/core/effects.ts";
import { openEmbeddedBroker } from "../../src/ingress/embedded.ts";
import { openNotifications, type NotificationsOptions } from "../../src/notify/open.ts";
import type { Notifications } from "../../src/notify/notifications.ts";
import type { Plan } from "../../src/notify/plan.ts";
import { mosquittoMissing, startMosquitto } from "../program/mosquitto.ts";
import { alertOf, changeMaker, planOf, type PlanText } from "../unit/notify-rows.ts";

const PATIENCE = { timeout: 15_000, interval: 10 };
const QUICK = { retryMinMs: 20, retryMaxMs: 100 };

let directory = "";
const cleanUps: (() => Promise<unknown> | void)[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "hoistway-notify-"));
});
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
  await rm(directory, { recursive: true, force: true });
});

/** Changes of now, so that none is too old. */
function changesNow() {
  const make = changeMaker();
  return (...args: Parameters<typeof make>): Change => ({ ...make(...args), at: Date.now() });
}

async function outbox(text: PlanText, options: Partial<NotificationsOptions> = {}, secrets: Plan["secrets"] = new Map()) {
  const notifications = await openNotifications({
    plan: { ...planOf(text), link: "https://lifts.example", secrets },
    directory,
    journalId: "j",
    journalEnd: 0,
    followableFrom: 0,
    timezone: "Asia/Shanghai",
    version: "1.2.3",
    clock: { now: () => Date.now() },
    factsOf: () => null,
    broker: { publish: () => undefined },
    clientId: "hoistway-notify",
    log: () => undefined,
    limits: QUICK,
    ...options,
  });
  cleanUps.push(() => notifications.close(100).catch(() => undefined));
  notifications.start();
  return notifications;
}

async function tell(notifications: Notifications, ...changes: Change[]): Promise<void> {
  await notifications.write({ to: changes.at(-1)?.seq ?? 0, changes });
}

/** Waits until nothing is pending; gives what became of each, oldest first. */
async function settled(notifications: Notifications) {
  await vi.waitFor(() => expect(notifications.stats.pending).toBe(0), PATIENCE);
  return notifications.recent(null, 1_000).toReversed();
}

/** A copy of the outbox's directory. */
async function copied(): Promise<string> {
  const copy = await mkdtemp(join(tmpdir(), "hoistway-notify-"));
  cleanUps.push(() => rm(copy, { recursive: true, force: true }));
  await cp(directory, copy, { recursive: true });
  return copy;
}

interface Call {
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

/** A web server that answers each call as it is told. */
async function webServer(answer: (call: Call, count: number, response: ServerResponse) => void) {
  const calls: Call[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.setEncoding("utf8").on("data", (text: string) => {
      body += text;
    });
    request.on("end", () => {
      calls.push({ headers: request.headers, body });
      answer({ headers: request.headers, body }, calls.length, response);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  cleanUps.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { calls, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook` };
}

const desk = (url: string, more: object = {}): PlanText => ({
  targets: { desk: { kind: "webhook", url, timeoutS: 1, ...more } },
  routes: [{ to: ["desk"] }],
});

describe("a webhook", () => {
  it("gets signed JSON with the alert, words and a key", async () => {
    const { calls, url } = await webServer((_call, _count, response) => response.end());
    const notifications = await outbox(desk(url, { lang: "zh" }), {}, new Map([["desk", "k3y"]]));
    await tell(notifications, changesNow()("raised", alertOf("A")));
    const rows = await settled(notifications);
    expect(rows).toMatchObject([{ key: "A:1", target: "desk", outcome: "sent", attempts: 1, lastError: null }]);
    const [call] = calls;
    const [, seconds, given] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(String(call?.headers["hoistway-signature"])) ?? [];
    expect(given).toBe(createHmac("sha256", "k3y").update(`${seconds}.${call?.body}`).digest("hex"));
    expect(Math.abs(Number(seconds) - Date.now() / 1_000)).toBeLessThan(10);
    expect(call?.headers).toMatchObject({ "idempotency-key": "A:1", "hoistway-key": "A:1", "user-agent": "hoistway/1.2.3" });
    expect(JSON.parse(call?.body ?? "")).toMatchObject({
      version: 1,
      key: "A:1",
      kind: "change",
      change: "raised",
      subject: "【危急】困人（疑似）发生：L-A，武江，B1",
      link: "https://lifts.example/#alert-A",
      alert: { id: "A", liftId: "L-A", hazard: "entrapment" },
    });
  });

  it("that answers 500, resets, stalls and redirects is tried again, until it takes the message", async () => {
    const elsewhere = await webServer((_call, _count, response) => response.end());
    const { calls, url } = await webServer((_call, count, response) => {
      if (count === 1) response.writeHead(500).end("no");
      else if (count === 2) response.destroy();
      else if (count === 3) response.writeHead(307, { location: elsewhere.url }).end();
      else if (count === 4) response.writeHead(503, { "retry-after": "1" }).end();
      else if (count >= 6) response.end("thanks");
    });
    const notifications = await outbox(desk(url));
    await tell(notifications, changesNow()("raised", alertOf("A")));
    const errors = new Set<string | null>();
    await vi.waitFor(() => {
      const [row] = notifications.recent("A", 1);
      errors.add(row?.lastError ?? null);
      expect(row).toMatchObject({ outcome: "sent", attempts: 6 });
    }, PATIENCE);
    expect([...errors].filter((error) => error?.includes("no answer within 1 s"))).toHaveLength(1);
    expect(new Set(calls.map(({ headers }) => headers["hoistway-key"]))).toEqual(new Set(["A:1"]));
    expect(elsewhere.calls).toEqual([]);
    expect(notifications.stats).toMatchObject({ sent: 1, retried: 5, failingTargets: 0 });
    expect(notifications.trouble).toBeNull();
  });

  it("that sends an endless answer is taken at its word, and cut off", async () => {
    let closed = false;
    const { url } = await webServer((_call, _count, response) => {
      response.writeHead(200);
      response.on("close", () => {
        closed = true;
      });
      const pour = () => {
        if (response.destroyed) return;
        if (response.write("x".repeat(16_384))) setImmediate(pour);
      };
      response.on("drain", pour);
      pour();
    });
    const notifications = await outbox(desk(url));
    await tell(notifications, changesNow()("raised", alertOf("A")));
    expect(await settled(notifications)).toMatchObject([{ outcome: "sent" }]);
    await vi.waitFor(() => expect(closed).toBe(true), PATIENCE);
  });

  it("that stalls holds up no other target, and no write", async () => {
    const stalled = await webServer(() => undefined);
    const quick = await webServer((_call, _count, response) => response.end());
    const notifications = await outbox({
      targets: { a: { kind: "webhook", url: stalled.url, timeoutS: 60 }, b: { kind: "webhook", url: quick.url } },
      routes: [{ to: ["a", "b"] }],
    });
    const make = changesNow();
    for (let index = 0; index < 50; index++) await tell(notifications, make("raised", alertOf(`A${index}`)));
    await vi.waitFor(() => expect(quick.calls).toHaveLength(50), PATIENCE);
    expect(stalled.calls.length).toBeLessThanOrEqual(4);
    expect(notifications.stats).toMatchObject({ sent: 50, pending: 50 });
  });
});

describe("its file", () => {
  it("brings back what was not sent, in the same words, and nothing that was", async () => {
    const make = changesNow();
    let healthy = false;
    const { calls, url } = await webServer((call, _count, response) =>
      response.writeHead(healthy || call.body.includes('"key":"A:1"') ? 200 : 500).end(),
    );
    const first = await outbox(desk(url));
    await tell(first, make("raised", alertOf("A")), make("raised", alertOf("B")));
    await vi.waitFor(() => expect(first.stats).toMatchObject({ sent: 1, pending: 1 }), PATIENCE);
    await first.close(0);
    const before = calls.findLast(({ headers }) => headers["hoistway-key"] === "B:2");
    calls.length = 0;
    healthy = true;
    const second = await outbox(desk(url), { journalEnd: 4 });
    expect(second.offset).toBe(4);
    await settled(second);
    expect(calls.map(({ body }) => body)).toEqual([before?.body]);
    expect(second.recent(null, 10).map(({ key, outcome }) => [key, outcome])).toEqual([
      ["B:2", "sent"],
      ["A:1", "sent"],
    ]);
    expect(second.recent("A", 10)).toHaveLength(1);
    expect((await stat(join(directory, "outbox.ndjson"))).mode & 0o077).toBe(0);
  });

  it("with a torn end or a damaged line loses that line only, and says so", async () => {
    const { url } = await webServer((_call, _count, response) => response.writeHead(500).end());
    const make = changesNow();
    const first = await outbox(desk(url), { limits: { retryMinMs: 60_000, retryMaxMs: 60_000 } });
    for (const id of ["A", "B", "C"]) await tell(first, make("raised", alertOf(id)));
    await first.close(0);
    const file = join(directory, "outbox.ndjson");
    const text = await readFile(file, "utf8");
    await writeFile(file, text.replace('"key":"B:2"', '"key":"B:9"'));
    await truncate(file, Buffer.byteLength(text) - 3);
    const said: string[] = [];
    const second = await outbox(desk(url), { journalEnd: 6, log: (line) => said.push(line) });
    expect(second.recent(null, 10).map(({ key }) => key)).toEqual(["C:3", "A:1"]);
    expect(said).toHaveLength(1);
    expect(said[0]).toMatch(/2 lines of .* cannot be read/);
  });

  it("goes on from the journal's end where the journal cannot be followed from where it stopped, or that is long ago", async () => {
    const { url } = await webServer((_call, _count, response) => response.end());
    const first = await outbox(desk(url));
    await tell(first, changesNow()("raised", alertOf("A")));
    await settled(first);
    await first.close(0);
    const near = await outbox(desk(url), { journalEnd: 900 });
    expect(near.offset).toBe(2);
    await near.close(0);
    const said: string[] = [];
    const log = (line: string) => said.push(line);
    for (const options of [{ followableFrom: 500 }, { clock: { now: () => Date.now() + 25 * 3_600_000 } }]) {
      const later = await outbox(desk(url), { journalEnd: 900, log, ...options, directory: await copied() });
      expect(later.offset).toBe(900);
    }
    expect(said).toHaveLength(2);
  });

  it("that cannot be written refuses what follows from a change, says so, and has everything once it can", async () => {
    const { calls, url } = await webServer((_call, _count, response) => response.end());
    const notifications = await outbox(desk(url), { fileBytes: 0 });
    const make = changesNow();
    await tell(notifications, make("raised", alertOf("A")));
    await settled(notifications);
    await rm(directory, { recursive: true, maxRetries: 10, retryDelay: 20 });
    const change = make("raised", alertOf("B"));
    await expect(tell(notifications, change)).rejects.toThrow(/outbox\.ndjson/);
    expect(notifications.trouble).toMatchObject({ unwritable: true });
    expect(notifications.offset).toBe(2);
    await mkdir(directory);
    await tell(notifications, change);
    await settled(notifications);
    expect(notifications.trouble).toBeNull();
    expect(calls.map(({ headers }) => headers["hoistway-key"])).toEqual(["A:1", "B:2"]);
    await notifications.close(0);
    const again = await outbox(desk(url), { journalEnd: 4 });
    expect(again.recent(null, 9).map(({ key, outcome }) => `${key} ${outcome}`)).toEqual(["B:2 sent", "A:1 sent"]);
  });

  it("is begun anew at its end when the journal is another one, and drops what has no target any more", async () => {
    const { url } = await webServer((_call, _count, response) => response.writeHead(500).end());
    const first = await outbox(desk(url));
    await tell(first, changesNow()("raised", alertOf("A")));
    await first.close(0);
    const plan = planOf({ targets: { other: { kind: "webhook", url } }, routes: [{ to: ["other"] }] });
    const targets = Object.fromEntries(Object.entries(plan.targets).filter(([name]) => name === "other"));
    const other = await outbox(desk(url), { journalId: "k", journalEnd: 900, plan: { ...plan, targets } });
    expect(other.offset).toBe(900);
    expect(other.recent("A", 1)).toMatchObject([{ outcome: "dropped" }]);
  });
});

interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly text: string;
}

async function mailServer(refuse: (mail: Mail, count: number) => Error | null = () => null) {
  const mails: Mail[] = [];
  let count = 0;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    // Nobody uses one; so it does not warn of its own.
    key: "",
    cert: "",
    onAuth: (auth, _session, done) => done(auth.password === "p4ss" ? null : new Error("no"), { user: auth.username }),
    onData(stream, session, done) {
      let text = "";
      stream.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      stream.on("end", () => {
        const { mailFrom, rcptTo } = session.envelope;
        const mail = { from: mailFrom === false ? "" : mailFrom.address, to: rcptTo.map(({ address }) => address), text };
        const error = refuse(mail, ++count);
        if (error === null) mails.push(mail);
        done(error);
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => {
    server.listen(0, "127.0.0.1", resolve);
  });
  cleanUps.push(() => new Promise<void>((resolve) => server.close(resolve)));
  return { mails, url: `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}` };
}

const duty = (server: string): PlanText => ({
  targets: {
    duty: {
      kind: "email",
      server,
      from: "lifts@example.org",
      to: ["duty@example.org", "chief@example.org"],
      username: "u",
      lang: "zh",
      timeoutS: 2,
    },
  },
  routes: [{ to: ["duty"] }],
});
function headerOf(text: string | undefined, name: string): string | undefined {
  return new RegExp(`^${name}: (.+)\r$`, "mi").exec(text ?? "")?.[1];
}

const PASSWORD = new Map([["duty", "p4ss"]]);

describe("a mail server", () => {
  it("gets a mail in the reader's language, an alert's mails in one thread", async () => {
    const { mails, url } = await mailServer();
    const notifications = await outbox(duty(url), {}, PASSWORD);
    const make = changesNow();
    await tell(notifications, make("raised", alertOf("A")), make("confirmed", alertOf("A", { evidence: "confirmed" })));
    await settled(notifications);
    expect(mails).toMatchObject([{ from: "lifts@example.org", to: ["duty@example.org", "chief@example.org"] }, {}]);
    const [raised, confirmed] = mails.map(({ text }) => text);
    const encoded = /^Subject: (.*(?:\r\n .*)*)/m.exec(raised ?? "")?.[1] ?? "";
    const subject = Buffer.concat(
      [...encoded.matchAll(/=\?UTF-8\?B\?([^?]+)\?=/gi)].map(([, part]) => Buffer.from(part ?? "", "base64")),
    ).toString("utf8");
    expect(subject).toBe("【危急】困人（疑似）发生：L-A，武江，B1");
    expect(headerOf(raised, "X-Hoistway-Key")).toBe("A:1");
    expect(headerOf(raised, "References")).toBe(headerOf(confirmed, "References"));
    expect(headerOf(raised, "Message-ID")).not.toBe(headerOf(confirmed, "Message-ID"));
    expect(headerOf(raised, "Auto-Submitted")).toBe("auto-generated");
  });

  it("that refuses is tried again with the same Message-ID; a wrong password is told without it", async () => {
    const refused: Mail[] = [];
    const { mails, url } = await mailServer((mail, count) => {
      if (count > 2) return null;
      refused.push(mail);
      return Object.assign(new Error("greylisted"), { responseCode: 451 });
    });
    const notifications = await outbox(duty(url), {}, PASSWORD);
    await tell(notifications, changesNow()("raised", alertOf("A")));
    expect(await settled(notifications)).toMatchObject([{ outcome: "sent", attempts: 3 }]);
    const idOf = ({ text }: Mail) => /^Message-ID: (.+)\r$/im.exec(text)?.[1];
    expect(new Set([...refused, ...mails].map(idOf)).size).toBe(1);
    await notifications.close(0);

    const wrong = await outbox(duty(url), { directory: join(directory, "wrong") }, new Map([["duty", "hunter2"]]));
    await tell(wrong, changesNow()("raised", alertOf("B")));
    await vi.waitFor(() => expect(wrong.trouble?.message).toMatch(/^duty: /), PATIENCE);
    expect(wrong.trouble?.message).not.toContain("hunter2");
    expect(mails).toHaveLength(1);
  });

  it("without TLS is not spoken to where it is not known to be this machine", async () => {
    const { mails, url } = await mailServer();
    const text = duty(url.replace("127.0.0.1", "0.0.0.0"));
    const notifications = await outbox(text, {}, PASSWORD);
    await tell(notifications, changesNow()("raised", alertOf("A")));
    await vi.waitFor(() => expect(notifications.stats.retried).toBeGreaterThan(1), PATIENCE);
    expect(mails).toEqual([]);
  });
});

describe("MQTT", () => {
  const board: PlanText = { targets: { board: { kind: "mqtt", timeoutS: 2 } }, routes: [{ to: ["board"] }] };

  it("on the embedded broker reaches people who listen, by priority, and no device", async () => {
    const broker = await openEmbeddedBroker({
      host: "127.0.0.1",
      port: 0,
      deliver: (_arrival, done) => done(null),
      authenticate: (user) =>
        user === undefined ? null : { name: user, mayPublish: () => user !== "operator", mayListen: user === "operator" },
    });
    cleanUps.push(() => broker.close());
    const at = `mqtt://127.0.0.1:${broker.port}`;
    const person = await connectAsync(at, { username: "operator", password: "x" });
    cleanUps.push(() => person.endAsync(true));
    const device = await connectAsync(at, { username: "L1", password: "x" });
    cleanUps.push(() => device.endAsync(true));
    const got: [string, { key: string }][] = [];
    person.on("message", (topic, payload) => got.push([topic, JSON.parse(payload.toString()) as { key: string }]));
    const leaked: string[] = [];
    device.on("message", (topic) => leaked.push(topic));
    expect(await person.subscribeAsync(["hoistway/alerts/critical", "hoistway/+/high"], { qos: 1 })).toHaveLength(2);
    for (const [client, filter] of [
      [person, "#"],
      [person, "lifts/#"],
      [person, "$SYS/#"],
      [device, "hoistway/alerts/#"],
    ] as const)
      await expect(client.subscribeAsync(filter), filter).rejects.toThrow(/Subscribe error|Unspecified|128/i);
    const notifications = await outbox(board, { broker: { publish: (topic, payload) => broker.publish?.(topic, payload) } });
    const make = changesNow();
    await tell(
      notifications,
      make("raised", alertOf("A")),
      make("raised", alertOf("B", { hazard: "overspeed", priority: "high" })),
      make("raised", alertOf("C", { hazard: "silent", priority: "low" })),
    );
    await settled(notifications);
    await vi.waitFor(() => expect(got).toHaveLength(2), PATIENCE);
    expect(got.map(([topic, { key }]) => `${topic} ${key}`)).toEqual(["hoistway/alerts/critical A:1", "hoistway/alerts/high B:2"]);
    await person.unsubscribeAsync("hoistway/alerts/critical");
    await tell(notifications, make("raised", alertOf("D")), make("raised", alertOf("E", { hazard: "overspeed", priority: "high" })));
    await settled(notifications);
    await vi.waitFor(() => expect(got).toHaveLength(3), PATIENCE);
    expect(got[2]?.[1].key).toBe("E:5");
    expect(leaked).toEqual([]);
  });

  it.skipIf(mosquittoMissing())("on another broker is sent when its PUBACK is there, and again when the broker was away", async () => {
    const broker = await startMosquitto();
    const url = `mqtt://127.0.0.1:${broker.port}`;
    const listener = await connectAsync(url);
    const got: string[] = [];
    listener.on("message", (topic, payload) => got.push(`${topic} ${(JSON.parse(payload.toString()) as { key: string }).key}`));
    await listener.subscribeAsync("site/lifts/#", { qos: 1 });
    const notifications = await outbox({
      targets: { board: { kind: "mqtt", broker: url, topic: "site/lifts", timeoutS: 1 } },
      routes: [{ to: ["board"] }],
    });
    const make = changesNow();
    await tell(notifications, make("raised", alertOf("A")));
    await settled(notifications);
    await vi.waitFor(() => expect(got).toEqual(["site/lifts/critical A:1"]), PATIENCE);
    await listener.endAsync(true);
    await broker[Symbol.asyncDispose]();
    await tell(notifications, make("raised", alertOf("B")));
    await vi.waitFor(() => expect(notifications.stats.retried).toBeGreaterThan(0), PATIENCE);
    expect(notifications.stats.pending).toBe(1);
    expect(notifications.trouble?.message).toMatch(/^board: /);
  });
});
