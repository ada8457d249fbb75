/** The embedded broker: MQTT 3.1.1 over TCP, acknowledging only what is durable. */
import { createServer } from "node:net";
import type { AddressInfo } from "node:net";
import type { DeviceIdentity } from "../access/access.ts";
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
  /** 0 picks a free port. */
  readonly port: number;
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
    onGone(connection) {
      connections.delete(connection);
      if (connections.size === 0) onAllGone?.();
    },
  };

  const server = createServer({ noDelay: true, keepAlive: true, keepAliveInitialDelay: limits.tcpKeepAliveMs }, (socket) => {
    if (hub.closing) socket.destroy();
    else connections.add(new Connection(socket, hub));
  });
  server.maxConnections = limits.connections;
  server.on("drop", () => {
    refusedConnections++;
    report("connection refused", `${limits.connections} connections are open already`);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host: options.host, port: options.port, backlog: limits.backlog }, resolve);
    });
  } catch (error) {
    await hub.sessions.close();
    throw new OperationalError("mqtt-listen", `cannot listen on ${options.host}:${options.port} for MQTT (${(error as Error).message})`, {
      cause: error,
    });
  }
  // After listening an error is one of accepting (out of descriptors, say): the next connection is tried as if nothing were.
  server.removeAllListeners("error");
  server.on("error", (error) => report("accepting failed", error.message));

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
    server.close();
    for (const connection of connections) connection.stopReading();
    await flight.empty(limits.closeWithinMs);
    for (const connection of connections) connection.leave();
    await allGone(limits.lingerMs);
    for (const connection of connections) connection.destroy();
    clearInterval(sweeper);
    await hub.sessions.close();
  };

  return {
    port: (server.address() as AddressInfo).port,
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
