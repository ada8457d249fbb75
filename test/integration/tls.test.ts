/** MQTT and HTTP over TLS, and what becomes of connections whose sign-in is taken away. */
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type TLSSocket } from "node:tls";
import { promisify } from "node:util";
import { connectAsync } from "mqtt";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { WebSocket } from "ws";
import { openCertificate, readCertificate } from "../../src/certificate.ts";
import { loadSettings } from "../../src/settings/settings.ts";
import { Authority, opensslMissing, type Pair } from "../program/certificates.ts";
import { mosquittoMissing } from "../program/mosquitto.ts";
import { openSite, runVerb, serveArguments, Spawned } from "../program/run.ts";
import { connectPacket, Deliveries, openBroker, PATIENCE, publishPacket, RawClient } from "./ingress-client.ts";

const skip = opensslMissing() || mosquittoMissing();
const run = promisify(execFile);
let directory = "";
let authority: Authority;
let server: Pair;

beforeAll(() => {
  if (skip) return;
  directory = mkdtempSync(join(tmpdir(), "hoistway-tls-"));
  authority = new Authority(directory);
  server = authority.issue("server");
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

async function secured(port: number): Promise<TLSSocket> {
  const socket = connect({ port, host: "127.0.0.1", ca: authority.pem });
  // Read, so that its end is seen.
  socket.resume();
  socket.on("error", () => undefined);
  await Promise.race([once(socket, "secureConnect"), once(socket, "close").then(() => Promise.reject(new Error("closed")))]);
  return socket;
}

/** What came, in hex, until it has so many bytes. */
async function received(socket: TLSSocket, bytes: number): Promise<string> {
  let text = "";
  socket.on("data", (chunk: Buffer) => {
    text += chunk.toString("hex");
  });
  await vi.waitFor(() => expect(text.length / 2).toBeGreaterThanOrEqual(bytes), PATIENCE);
  return text;
}

/** Arguments of mosquitto_pub, for a publish by the lift L1. */
function publishing(port: number, cafile: string, token: string, message: string): string[] {
  const to = ["-h", "localhost", "-p", String(port), "--cafile", cafile];
  return [...to, "-u", "L1", "-P", token, "-q", "1", "-t", "lifts/L1/door", "-m", message];
}

/** `--tls-cert` is `tlsCert`. */
function keyOf(flag: string): string {
  return flag.slice(2).replaceAll(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

function brokerWithTls(
  limits: Parameters<typeof openBroker>[1] = {},
  files: Partial<{ tlsCa: string }> = {},
  log: (line: string) => void = () => undefined,
) {
  const certificate = openCertificate({ tlsCert: server.cert, tlsKey: server.key, tlsCa: files.tlsCa }, log, 10)!;
  return { certificate, opened: (deliveries: Deliveries) => openBroker(deliveries, limits, { tls: { port: 0, certificate } }) };
}

describe.skipIf(skip)("the broker's TLS listener", () => {
  it("takes publishes as the other one does, with the same guard of frames", async () => {
    const { certificate, opened } = brokerWithTls();
    const deliveries = new Deliveries();
    await using broker = await opened(deliveries);
    const device = await secured(broker.tlsPort!);
    device.write(connectPacket());
    expect(await received(device, 4)).toBe("20020000");
    device.write(publishPacket("lifts/L1/door", "on", 7));
    await deliveries.count(1);
    expect(deliveries.texts).toEqual(["on"]);
    const greedy = await secured(broker.tlsPort!);
    const gone = once(greedy, "close");
    greedy.write(connectPacket({ clientId: "c".repeat(5_000) }));
    await gone;
    expect(broker.stats.protocolErrors).toBe(1);
    certificate.close();
  });

  it("closes who says nothing, before and after the handshake, and who does not speak TLS; all count as connections", async () => {
    const { certificate, opened } = brokerWithTls({ connectTimeoutMs: 150, sweepMs: 10, connections: 2 });
    await using broker = await opened(new Deliveries());
    using mute = await RawClient.open(broker.tlsPort!);
    const silent = await secured(broker.tlsPort!);
    await Promise.all([mute.gone, once(silent, "close")]);
    using plain = await RawClient.open(broker.tlsPort!);
    plain.send(connectPacket());
    await plain.gone;
    expect(broker.stats.protocolErrors).toBe(2);
    using first = await RawClient.signedIn(broker.port, { user: "L1" });
    using second = await RawClient.signedIn(broker.port, { user: "L2" });
    const third = connect({ port: broker.tlsPort!, host: "127.0.0.1", ca: authority.pem });
    third.on("error", () => undefined).resume();
    await once(third, "close");
    expect(broker.stats.refusedConnections).toBe(1);
    await first.ping();
    await second.ping();
    certificate.close();
  });

  it("shows the new certificate when its files are replaced, and keeps the old one where they do not fit", async () => {
    const lines: string[] = [];
    const { certificate, opened } = brokerWithTls({}, {}, (line) => lines.push(line));
    await using broker = await opened(new Deliveries());
    const shown = async () => {
      const socket = await secured(broker.tlsPort!);
      const { fingerprint256 } = socket.getPeerCertificate();
      socket.destroy();
      return fingerprint256;
    };
    const before = await shown();
    authority.issue("server");
    await vi.waitFor(async () => expect(await shown()).not.toBe(before), PATIENCE);
    const after = await shown();
    writeFileSync(server.cert, "no certificate");
    await vi.waitFor(() => expect(lines.at(-1)).toContain("the old certificate stays in use"), PATIENCE);
    expect(await shown()).toBe(after);
    expect(lines.join()).not.toContain("PRIVATE");
    authority.issue("server");
    await vi.waitFor(async () => expect(await shown()).not.toBe(after), PATIENCE);
    certificate.close();
  });

  it("asks for a client's certificate where a CA is named, and lets in only who has one of it", async () => {
    const { certificate, opened } = brokerWithTls({}, { tlsCa: authority.ca });
    const deliveries = new Deliveries();
    await using broker = await opened(deliveries);
    const own = authority.issue("client");
    const stranger = new Authority(directory, "strange-ca").issue("stranger");
    const pub = (pair: Pair | null) =>
      run("/usr/bin/mosquitto_pub", [
        ...publishing(broker.tlsPort!, authority.ca, "secret", "on"),
        ...(pair === null ? [] : ["--cert", pair.cert, "--key", pair.key]),
      ]);
    await pub(own);
    await expect(pub(stranger)).rejects.toThrow(/Command failed/);
    await expect(pub(null)).rejects.toThrow(/Command failed/);
    expect(deliveries.texts).toEqual(["on"]);
    certificate.close();
  });
});

describe("connections of one name", () => {
  it("are bounded: beyond it the oldest ends, and those of other names stay", async () => {
    await using broker = await openBroker(new Deliveries(), { connectionsPerName: 2 });
    using other = await RawClient.signedIn(broker.port, { user: "L2" });
    using first = await RawClient.signedIn(broker.port, { clientId: "a" });
    using second = await RawClient.signedIn(broker.port, { clientId: "b" });
    using third = await RawClient.signedIn(broker.port, { clientId: "c" });
    await first.gone;
    for (const client of [other, second, third]) await client.ping();
    second.socket.destroy();
    await vi.waitFor(() => expect(broker.stats.connections).toBe(2), PATIENCE);
    using fourth = await RawClient.signedIn(broker.port, { clientId: "d" });
    for (const client of [other, third, fourth]) await client.ping();
  });
});

describe.skipIf(skip)("the program over TLS", () => {
  it("takes mosquitto_pub's publishes and serves the page, REST and the feed, and ends what a removed sign-in has open", async () => {
    await using site = await openSite([
      { liftId: "L1", ratedSpeedMps: 1.75 },
      { liftId: "L2", ratedSpeedMps: 1.75 },
    ]);
    const flags = ["--mqtts-port", "0", "--mqtt-port", "off", "--https", "on", "--tls-cert", server.cert, "--tls-key", server.key];
    await using program = new Spawned([...serveArguments(site, { auth: true }), ...flags]);
    const ready = (await program.ready()) as unknown as { mqttPort: null; mqttsPort: number; httpPort: number; url: string };
    expect(ready).toMatchObject({ mqttPort: null, url: `https://127.0.0.1:${ready.httpPort}/` });
    const tokens = await site.deviceTokens();
    const pub = (cafile: string, token = tokens.get("L1")!) =>
      run(
        "/usr/bin/mosquitto_pub",
        publishing(ready.mqttsPort, cafile, token, JSON.stringify({ at: Date.now(), seq: 0, state: "closed" })),
      );
    await pub(authority.ca);
    await expect(pub(new Authority(directory, "other-ca").ca)).rejects.toThrow(/tls|certificate/i);
    await expect(pub(authority.ca, "wrong")).rejects.toThrow(/refused|not authori[sz]ed/i);

    const admin = await site.adminToken();
    const answer = await new Promise<{ status: number | undefined; cookie: string; body: string }>((resolve, reject) => {
      get(`${ready.url}api/ledger`, { ca: authority.pem, headers: { authorization: `Bearer ${admin}` } }, (response) => {
        let body = "";
        response.setEncoding("utf8").on("data", (text: string) => {
          body += text;
        });
        response.on("end", () => resolve({ status: response.statusCode, cookie: String(response.headers["set-cookie"]), body }));
      }).on("error", reject);
    });
    expect([answer.status, JSON.parse(answer.body)]).toMatchObject([200, { received: 1, accepted: 1 }]);

    const added = await runVerb(["credentials", "add", "wang", "--role", "viewer", "--data", site.data]);
    expect(added.code).toBe(0);
    const feed = new WebSocket(`wss://127.0.0.1:${ready.httpPort}/feed`, {
      ca: authority.pem,
      headers: { authorization: `Bearer ${added.stdout.trim()}` },
    });
    const [hello] = (await once(feed, "message")) as [Buffer];
    expect(JSON.parse(hello.toString())).toMatchObject({ type: "hello" });
    const closed = once(feed, "close");
    const sign = (user: string) => ({ username: user, password: tokens.get(user)!, ca: authority.pem, reconnectPeriod: 0 });
    const [removed, kept] = await Promise.all(["L1", "L2"].map((user) => connectAsync(`mqtts://localhost:${ready.mqttsPort}`, sign(user))));
    const ended = new Promise<void>((resolve) => removed!.once("close", () => resolve()));
    for (const name of ["wang", "L1"]) {
      expect(await runVerb(["credentials", "remove", name, "--data", site.data])).toMatchObject({ code: 0, stderr: "" });
    }
    expect((await closed)[0]).toBe(4401);
    await ended;
    await expect(connectAsync(`mqtts://localhost:${ready.mqttsPort}`, sign("L1"))).rejects.toThrow(/not authorized/i);
    await kept!.publishAsync("lifts/L2/door", JSON.stringify({ at: Date.now(), seq: 0, state: "open" }), { qos: 1 });
    await kept!.endAsync();
    expect((await runVerb(["credentials", "add", "L2", "--role", "viewer", "--data", site.data])).code).toBe(2);
    expect(await program.kill("SIGTERM")).toEqual({ code: 0, signal: null });
    expect(program.stderr).not.toContain(admin);
  });

  it("refuses to start, with code 2, where certificate, key and listeners do not fit", async () => {
    await using site = await openSite([]);
    const tries: readonly (readonly [string[], RegExp])[] = [
      [["--mqtts-port", "0"], /--mqtts-port: needs a certificate; expected --tls-cert and --tls-key/],
      [["--https", "on"], /--https: needs a certificate/],
      [["--tls-cert", server.cert], /--tls-cert: needs its key/],
      [["--tls-cert", server.cert, "--tls-key", server.key], /--tls-cert: is used by no listener/],
      [["--mqtt-port", "off"], /--mqtt-port: off leaves no way in/],
      [
        ["--mqtts-port", "0", "--tls-cert", server.cert, "--tls-key", authority.ca.replace("pem", "key")],
        /expected a certificate chain and its key/,
      ],
      [["--mqtts-port", "0", "--tls-cert", "nowhere.pem", "--tls-key", server.key], /--tls-cert nowhere\.pem: cannot be read/],
    ];
    for (const [flags, words] of tries) {
      const named = Object.fromEntries(flags.flatMap((flag, index) => (index % 2 === 0 ? [[keyOf(flag), flags[index + 1]!]] : [])));
      expect(() => readCertificate(loadSettings(named, {}, undefined)), flags.join(" ")).toThrow(words);
    }
    const { code: refused, stderr } = await runVerb([...serveArguments(site), ...tries[0]![0]]);
    expect([refused, stderr]).toEqual([2, expect.stringMatching(tries[0]![1])]);
    const { code, stdout } = await runVerb(["check", "--mqtts-port", "0", "--tls-cert", server.cert, "--tls-key", server.key]);
    expect([code, stdout]).toEqual([0, expect.stringContaining("certificate")]);
  });
});
