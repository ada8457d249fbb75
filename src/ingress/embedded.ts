/** The embedded broker: MQTT 3.1.1 over TCP and over TLS, acknowledging only what is durable. */
import { createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import type { DeviceIdentity } from "../access/access.ts";
import type { Certificate } from "../certificate.ts";
import { LIMITS } from "../config.ts";
import { OperationalError } from "../errors.ts";
import { Connection } from "./connection.ts";
import type { Hub } from "./connection.ts";
import { Flight } from "./flight.ts";
import type { Deliver, ForeignTopics, Ingress } from "./ingress.ts";
import type { MqttLimits } from "./limits.ts";
import { rateLimitedReports } from "./reports.ts";
import { openSessions } from "./sessions.ts";

export interface EmbeddedBrokerOptions {
  readonly host: string;
  /** Without TLS; 0 picks a free port, null listens on none. */
  readonly port: number | null;
  /** The listener with TLS, if there is to be one. */
  readonly tls?: { readonly port: number; readonly certificate: Certificate } | undefined;
  readonly deliver: Deliver;
  /** Null refuses the sign-in. Called once for each CONNECT, so it must be quick. */
  readonly authenticate: (user: string | undefined, token: string | undefined) => DeviceIdentity | null;
  /** Topics of other vendors' devices that are taken too. */
  readonly foreign?: ForeignTopics | undefined;
  /** Takes log lines, of each kind at most one a minute. */
  readonly log?: (line: string) => void;
  /** Other bounds than `LIMITS.mqtt`, for tests. */
  readonly limits?: Partial<MqttLimits>;
}

/**
 * Listens, and resolves when devices may connect.
 * @throws OperationalError `mqtt-listen` when the address cannot be bound.
 */
export async function openEmbeddedBroker(options: EmbeddedBrokerOptions): Promise<Ingress> {
  const limits: MqttLimits = { ...LIMITS.mqtt, ...options.limits };
  const flight = new Flight(options.deliver, limits);
  const report = rateLimitedReports(options.log);
  const counters = { oversized: 0, refusedSignIns: 0, protocolErrors: 0, timeouts: 0, slowClients: 0 };
  const connections = new Set<Connection>();
  const byName = new Map<string, Set<Connection>>();
  let refusedConnections = 0;
  let onAllGone: (() => void) | null = null;
  const hub: Hub = {
    limits,
    flight,
    sessions: await openSessions<Connection>((problem) => report("session rules", problem)),
    authenticate: options.authenticate,
    foreign: options.foreign,
    report,
    counters,
    listeners: new Set(),
    sweep: 0,
    closing: false,
    onSignedIn(connection, name) {
      // Without authentication everybody is the same nobody.
      if (name === "") return;
      const own = byName.get(name) ?? new Set();
      byName.set(name, own.add(connection));
      if (own.size <= limits.connectionsPerName) return;
      const [oldest] = own;
      own.delete(oldest!);
      oldest!.yield();
    },
    onGone(connection, name) {
      connections.delete(connection);
      const own = name === null ? undefined : byName.get(name);
      if (own?.delete(connection) === true && own.size === 0) byName.delete(name!);
      if (connections.size === 0) onAllGone?.();
    },
  };

  const accept = (socket: Socket): void => {
    if (hub.closing) socket.destroy();
    else if (connections.size >= limits.connections) {
      refuse();
      socket.destroy();
    } else connections.add(new Connection(socket, hub));
  };
  function refuse(): void {
    refusedConnections++;
    report("connection refused", `${limits.connections} connections are open already`);
  }
  const tcp = { noDelay: true, keepAlive: true, keepAliveInitialDelay: limits.tcpKeepAliveMs };
  const servers: Server[] = [];
  /** @returns the port. */
  async function listen(server: Server, port: number): Promise<number> {
    server.maxConnections = limits.connections;
    server.on("drop", refuse);
    servers.push(server);
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: options.host, port, backlog: limits.backlog }, resolve);
    }).catch(async (error: Error) => {
      for (const opened of servers) opened.close();
      await hub.sessions.close();
      throw new OperationalError("mqtt-listen", `cannot listen on ${options.host}:${port} for MQTT (${error.message})`, { cause: error });
    });
    // After listening an error is one of accepting (out of descriptors, say): the next connection is tried as if nothing were.
    server.removeAllListeners("error");
    server.on("error", (error) => report("accepting failed", error.message));
    return (server.address() as AddressInfo).port;
  }

  function tlsServer({ certificate }: { readonly certificate: Certificate }): Server {
    const server = createTlsServer({ ...certificate.options, ...tcp, handshakeTimeout: limits.connectTimeoutMs }, accept);
    certificate.onChange((changed) => server.setSecureContext(changed));
    server.on("tlsClientError", (error, socket) => {
      counters.protocolErrors++;
      report("TLS refused", `${socket.remoteAddress ?? "a closed address"}: ${error.message}`);
      // After a handshake that took too long Node leaves it open.
      socket.destroy();
    });
    return server;
  }
  const port = options.port === null ? null : await listen(createServer(tcp, accept), options.port);
  const tlsPort = options.tls === undefined ? null : await listen(tlsServer(options.tls), options.tls.port);

  const sweeper = setInterval(() => {
    hub.sweep++;
    for (const connection of connections) connection.checkSilence();
  }, limits.sweepMs);

  /** Resolves when every connection is gone, or after `withinMs`. */
  const allGone = (withinMs: number): Promise<void> =>
    connections.size === 0
      ? Promise.resolve()
      : new Promise((resolve) => {
          const timer = setTimeout(resolve, withinMs);
          onAllGone = () => {
            clearTimeout(timer);
            resolve();
          };
        });

  let closed: Promise<void> | null = null;
  const close = async (): Promise<void> => {
    hub.closing = true;
    for (const server of servers) server.close();
    for (const connection of connections) connection.stopReading();
    await flight.empty(limits.closeWithinMs);
    for (const connection of connections) connection.leave();
    await allGone(limits.lingerMs);
    for (const connection of connections) connection.destroy();
    clearInterval(sweeper);
    await hub.sessions.close();
  };

  return {
    port,
    tlsPort,
    stats: {
      get state() {
        if (hub.closing) return "closed";
        return flight.full ? `not reading: ${flight.count} publishes wait for the journal` : "up";
      },
      reconnects: 0,
      get connections() {
        return connections.size;
      },
      get refusedConnections() {
        return refusedConnections;
      },
      get inFlight() {
        return flight.count;
      },
      get publishes() {
        return flight.publishes;
      },
      get bytes() {
        return flight.publishedBytes;
      },
      get refusedPublishes() {
        return flight.refused;
      },
      get failedPublishes() {
        return flight.failed;
      },
      get oversized() {
        return counters.oversized;
      },
      get refusedSignIns() {
        return counters.refusedSignIns;
      },
      get protocolErrors() {
        return counters.protocolErrors;
      },
      get timeouts() {
        return counters.timeouts;
      },
      get slowClients() {
        return counters.slowClients;
      },
    },
    publish(topic, payload) {
      if (hub.listeners.size === 0) return;
      const packet = publishPacket(topic, payload);
      for (const listener of hub.listeners) listener.tell(topic, packet);
    },
    recheck() {
      for (const connection of connections) connection.recheck();
    },
    close: () => (closed ??= close()),
  };
}

/** MQTT 3.1.1 §3.3, with QoS 0. */
function publishPacket(topic: string, payload: Uint8Array): Buffer {
  const name = Buffer.from(topic);
  const header = [0x30];
  for (let rest = 2 + name.length + payload.length; ; rest = rest >> 7) {
    header.push(rest > 127 ? (rest & 127) | 128 : rest);
    if (rest <= 127) break;
  }
  return Buffer.concat([Buffer.from(header), Buffer.from([name.length >> 8, name.length & 255]), name, payload]);
}
