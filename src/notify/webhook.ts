/** A message as an HTTP POST of JSON, signed. */
import { createHmac } from "node:crypto";
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import type { IncomingMessage } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";
import { LIMITS } from "../config.ts";
import { DeliveryError, type Transport } from "./delivery.ts";
import type { WebhookTarget } from "./plan.ts";

export interface WebhookOptions {
  readonly target: Pick<WebhookTarget, "url" | "timeoutS">;
  /** Key of the signature; without one nothing is signed. */
  readonly secret: string | null;
  readonly version: string;
}

/** `t=SECONDS,v1=HEX`: HMAC-SHA256 of `SECONDS.BODY`, so that neither can be changed and an old one can be told. */
export function signature(secret: string, body: string, seconds: number): string {
  return `t=${seconds},v1=${createHmac("sha256", secret).update(`${seconds}.${body}`).digest("hex")}`;
}

export function openWebhook({ target, secret, version }: WebhookOptions): Transport {
  const url = new URL(target.url);
  const secure = url.protocol === "https:";
  const agentOptions = { keepAlive: true, maxSockets: LIMITS.notify.inFlightPerTarget, keepAliveMsecs: 1_000 };
  const agent = secure ? new HttpsAgent({ ...agentOptions, minVersion: "TLSv1.2" }) : new HttpAgent(agentOptions);
  const send = secure ? httpsRequest : httpRequest;

  return {
    send({ delivery, json }, signal) {
      const body = JSON.stringify(json);
      const headers: Record<string, string | number> = {
        "content-type": "application/json; charset=utf-8",
        "content-length": Buffer.byteLength(body),
        "user-agent": `hoistway/${version}`,
        // Node does not ask a proxy or a cache, and a receiver's framework may know this name.
        "idempotency-key": delivery.key,
        "hoistway-key": delivery.key,
        "hoistway-delivery": encodeURIComponent(delivery.id),
        ...(secret === null ? {} : { "hoistway-signature": signature(secret, body, Math.floor(Date.now() / 1_000)) }),
      };
      return new Promise<void>((resolve, reject) => {
        const request = send(url, { method: "POST", headers, agent, signal });
        const timer = setTimeout(
          () => request.destroy(new DeliveryError(`no answer within ${target.timeoutS} s`)),
          target.timeoutS * 1_000,
        );
        request.once("close", () => clearTimeout(timer));
        request.once("error", (error) => reject(error instanceof DeliveryError ? error : new DeliveryError(causeOf(error))));
        request.once("response", (response) => {
          // The status is the answer; of the rest so much is read as lets the connection be used again.
          drain(response);
          const status = response.statusCode ?? 0;
          if (status >= 200 && status < 300) resolve();
          else if (status >= 300 && status < 400) reject(new DeliveryError(`answered ${status}: redirects are not followed`));
          else reject(new DeliveryError(`answered ${status}`, retryAfterMs(response.headers["retry-after"])));
        });
        request.end(body);
      });
    },
    close() {
      agent.destroy();
      return Promise.resolve();
    },
  };
}

function drain(response: IncomingMessage): void {
  let bytes = 0;
  response.on("error", () => undefined);
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LIMITS.notify.responseBytes) response.destroy();
  });
}

function retryAfterMs(header: string | undefined): number {
  const seconds = Number(header);
  return Number.isFinite(seconds) && seconds > 0 ? Math.min(seconds * 1_000, LIMITS.notify.retryMaxMs) : 0;
}

/** A code where there is one: messages of the network name addresses and little else. */
function causeOf(error: Error): string {
  const { code } = error as NodeJS.ErrnoException;
  return code === undefined ? error.message : `${code} (${error.message})`;
}
