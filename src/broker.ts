/** Where messages come in, as the settings say: the embedded broker, or a bridge to an external one. */
import type { Certificate } from "./certificate.ts";
import { type EmbeddedBrokerOptions, openEmbeddedBroker } from "./ingress/embedded.ts";
import type { Ingress } from "./ingress/ingress.ts";
import type { Settings } from "./settings/schema.ts";

export interface BrokerParts extends Required<Pick<EmbeddedBrokerOptions, "deliver" | "authenticate" | "foreign" | "log">> {
  readonly certificate: Certificate | null;
}

export async function openBroker(settings: Settings, { certificate, authenticate, ...parts }: BrokerParts): Promise<Ingress> {
  const { broker, host, mqttPort, mqttsPort } = settings;
  if (broker !== undefined) {
    const { brokerUsername: username, brokerPassword: password, brokerClientId: clientId } = settings;
    // Half a second of a start that most sites need not wait for, as they have the embedded broker.
    const { openExternalBroker } = await import("./ingress/external.ts");
    return openExternalBroker({ url: broker, username, password, clientId, ...parts });
  }
  return openEmbeddedBroker({
    host,
    port: mqttPort === "off" ? null : mqttPort,
    tls: certificate === null || mqttsPort === undefined ? undefined : { port: mqttsPort, certificate },
    authenticate,
    ...parts,
  });
}
