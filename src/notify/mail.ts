/** A message as a mail, by SMTP. One mail's attempts share a Message-ID, and an alert's mails one thread. */
import { createHash } from "node:crypto";
import { createTransport } from "nodemailer";
import { isLoopback, LIMITS } from "../config.ts";
import { DeliveryError, type Transport } from "./delivery.ts";
import type { MailTarget } from "./plan.ts";

export interface MailOptions {
  readonly target: MailTarget;
  readonly password: string | null;
}

export function openMail({ target, password }: MailOptions): Transport {
  const url = new URL(target.server);
  const secure = url.protocol === "smtps:";
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const timeoutMs = target.timeoutS * 1_000;
  // On this machine there is nobody between; elsewhere a server that offers no TLS is not spoken to, unless somebody said so.
  const requireTLS = !secure && !target.insecure && !isLoopback(host);
  const transport = createTransport({
    host,
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    requireTLS,
    ignoreTLS: false,
    // A relay on this machine has a certificate of its own making, if any.
    tls: { minVersion: "TLSv1.2", ...(isLoopback(host) ? { rejectUnauthorized: false } : {}) },
    ...(target.username === undefined ? {} : { auth: { user: target.username, pass: password ?? "" } }),
    pool: true,
    maxConnections: LIMITS.notify.inFlightPerTarget,
    maxMessages: 100,
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    disableFileAccess: true,
    disableUrlAccess: true,
  });

  return {
    async send({ delivery, subject, text }, signal) {
      const domain = target.from.slice(target.from.indexOf("@") + 1);
      const thread = delivery.alertId === null ? {} : { references: [`<${hash(delivery.alertId)}@${domain}>`] };
      const sent = transport.sendMail({
        from: target.from,
        to: target.to,
        subject,
        text,
        messageId: `<${hash(delivery.id)}@${domain}>`,
        ...thread,
        ...(delivery.priority === "critical" ? { priority: "high" as const } : {}),
        headers: { "X-Hoistway-Key": delivery.key, "Auto-Submitted": "auto-generated" },
      });
      const { rejected } = await withinTime(sent, timeoutMs * 2, signal);
      // Some have it: to send it again would be to send it to them twice. Who was refused stands in the server's log.
      if (rejected.length === target.to.length) throw new DeliveryError("every recipient was refused");
    },
    close() {
      transport.close();
      return Promise.resolve();
    },
  };
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex").slice(0, 32);
}

/** A server may answer a byte at a time for ever: the whole of it has its time, too. */
function withinTime<T>(promise: Promise<T>, ms: number, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = () => reject(new DeliveryError("stopped"));
    const timer = setTimeout(() => reject(new DeliveryError(`not taken within ${ms / 1_000} s`)), ms);
    signal.addEventListener("abort", abort);
    void promise.then(resolve, reject).finally(() => {
      clearTimeout(timer);
      signal.removeEventListener("abort", abort);
    });
  });
}
