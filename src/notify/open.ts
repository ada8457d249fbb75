/** The outbox of a plan, with a transport for each of its targets. */
import { DeliveryError, type Transport } from "./delivery.ts";
import type { MqttLogin, PublishHere } from "./mqtt.ts";
import type { Notifications } from "./notifications.ts";
import { openOutbox, type OutboxOptions } from "./outbox.ts";
import type { Target } from "./plan.ts";
import { openWebhook } from "./webhook.ts";

export interface NotificationsOptions extends Omit<OutboxOptions, "transports"> {
  readonly version: string;
  /** The broker that the lifts use: this process's own, or another. */
  readonly broker: { readonly publish: PublishHere } | Omit<MqttLogin, "clientId">;
  /** Client id at the other broker; that of a target is added to it. */
  readonly clientId: string;
}

/** @throws OperationalError `notifications-unwritable` */
export async function openNotifications(options: NotificationsOptions): Promise<Notifications> {
  const transports = new Map<string, Transport>();
  for (const [name, target] of Object.entries(options.plan.targets)) transports.set(name, await transportOf(name, target, options));
  return openOutbox({ ...options, transports });
}

/** What a kind of target needs is loaded where there is such a target: a mail client and an MQTT client are half a second of a start. */
async function transportOf(name: string, target: Target, { plan, version, broker, clientId }: NotificationsOptions): Promise<Transport> {
  const secret = plan.secrets.get(name) ?? null;
  if (target.kind === "webhook") return openWebhook({ target, secret, version });
  if (target.kind === "email") return (await import("./mail.ts")).openMail({ target, password: secret });
  const { openMqttElsewhere, openMqttHere } = await import("./mqtt.ts");
  const id = `${clientId}-${name}`;
  if (target.broker !== undefined) {
    return openMqttElsewhere(target, { url: target.broker, username: target.username, password: secret ?? undefined, clientId: id });
  }
  return "publish" in broker ? openMqttHere(target, broker.publish) : openMqttElsewhere(target, { ...broker, clientId: id });
}

/** For a broker of this process that is not open yet, or not any more. */
export function notOpen(): never {
  throw new DeliveryError("the broker is not open");
}
