/** A message as an MQTT publish: on the embedded broker to whoever listens, on another with QoS 1. */
import { connect } from "mqtt";
import type { MqttClient } from "mqtt";
import { LIMITS } from "../config.ts";
import { DeliveryError, type Message, type Transport } from "./delivery.ts";
import type { MqttTarget } from "./plan.ts";

/** Hands a publish to those who are connected and have subscribed. @throws Error when it cannot. */
export type PublishHere = (topic: string, payload: Buffer) => void;

export interface MqttLogin {
  readonly url: string;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly clientId: string;
}

/** On the broker of this process. Who is not connected does not get it: the feed and REST are for those who must know. */
export function openMqttHere(target: Pick<MqttTarget, "topic">, publish: PublishHere): Transport {
  return {
    send(message) {
      publish(topicOf(target, message), payloadOf(message));
      return Promise.resolve();
    },
    close: () => Promise.resolve(),
  };
}

/** On another broker, whose PUBACK says that it has it. Connects with the first message; mqtt.js reconnects. */
export function openMqttElsewhere(target: Pick<MqttTarget, "topic" | "timeoutS">, login: MqttLogin): Transport {
  let client: MqttClient | null = null;
  let lastError = "it is not connected";

  function opened(): MqttClient {
    if (client !== null) return client;
    client = connect(login.url, {
      clientId: login.clientId,
      ...(login.username === undefined ? {} : { username: login.username }),
      ...(login.password === undefined ? {} : { password: login.password }),
      protocolVersion: 4,
      clean: true,
      keepalive: 60,
      connectTimeout: target.timeoutS * 1_000,
      reconnectPeriod: LIMITS.notify.mqttReconnectMs,
      queueQoSZero: false,
      // What waits is ours to send again; a queue of mqtt.js would send it a second time.
      resubscribe: false,
    });
    client.on("error", (error) => {
      lastError = error.message;
    });
    return client;
  }

  return {
    async send(message, signal) {
      const connected = await connectedWithin(opened(), target.timeoutS * 1_000, signal);
      if (!connected) throw new DeliveryError(`the broker is away: ${lastError}`);
      await new Promise<void>((resolve, reject) => {
        const timer = setTimeout(() => {
          // Gone with its connection, or mqtt.js would publish it once more when it is back.
          client?.end(true);
          client = null;
          reject(new DeliveryError(`no PUBACK within ${target.timeoutS} s`));
        }, target.timeoutS * 1_000);
        opened().publish(topicOf(target, message), payloadOf(message), { qos: 1 }, (error) => {
          clearTimeout(timer);
          if (error == null) resolve();
          else reject(new DeliveryError(error.message));
        });
      });
    },
    async close() {
      await client?.endAsync(true);
      client = null;
    },
  };
}

function connectedWithin(client: MqttClient, ms: number, signal: AbortSignal): Promise<boolean> {
  if (client.connected) return Promise.resolve(true);
  return new Promise((resolve) => {
    const done = (connected: boolean) => {
      clearTimeout(timer);
      client.off("connect", onConnect);
      signal.removeEventListener("abort", onAbort);
      resolve(connected);
    };
    const onConnect = () => done(true);
    const onAbort = () => done(false);
    const timer = setTimeout(() => done(false), ms);
    client.on("connect", onConnect);
    signal.addEventListener("abort", onAbort);
  });
}

function topicOf({ topic }: Pick<MqttTarget, "topic">, { delivery }: Message): string {
  return `${topic}/${delivery.kind === "summary" ? "summary" : delivery.priority}`;
}

function payloadOf({ json }: Message): Buffer {
  return Buffer.from(JSON.stringify(json));
}
