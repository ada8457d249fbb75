/**
 * The certificate of the TLS listeners, from files. Whoever renews it replaces the files; they are looked at every minute, and what they hold is
 * used for the connections from then on. New files that do not fit are told of, and the old ones stay in use.
 */
import { readFileSync, statSync } from "node:fs";
import { createSecureContext } from "node:tls";
import type { TlsOptions } from "node:tls";
import { isLoopback, LIMITS } from "./config.ts";
import { UsageError } from "./errors.ts";
import type { Settings } from "./settings/schema.ts";

export interface Certificate {
  /** For a listener. With a CA, clients must show a certificate of it. */
  readonly options: TlsOptions;
  /** Called with the new ones when the files have changed. */
  onChange(listener: (options: TlsOptions) => void): void;
  close(): void;
}

type Files = Pick<Settings, "tlsCert" | "tlsKey" | "tlsCa">;

/**
 * What the files hold now; null where none are named.
 * @throws UsageError naming the file that cannot be read, or what does not fit.
 */
export function readCertificate(files: Files): TlsOptions | null {
  const { tlsCert, tlsKey, tlsCa } = files;
  if (tlsCert === undefined || tlsKey === undefined) return null;
  const own = {
    cert: read("--tls-cert", tlsCert),
    key: read("--tls-key", tlsKey),
    ...(tlsCa === undefined ? {} : { ca: read("--tls-ca", tlsCa) }),
    minVersion: "TLSv1.2" as const,
  };
  try {
    createSecureContext(own);
  } catch (error) {
    // OpenSSL's words hold nothing of the key.
    throw new UsageError(
      `--tls-cert ${tlsCert}, --tls-key ${tlsKey}: expected a certificate chain and its key without a password, both PEM (${(error as Error).message})`,
    );
  }
  return tlsCa === undefined ? own : { ...own, requestCert: true, rejectUnauthorized: true };
}

/** Null where none is named. @throws UsageError as above. */
export function openCertificate(files: Files, log: (line: string) => void, everyMs: number = LIMITS.tls.lookMs): Certificate | null {
  let options = readCertificate(files);
  if (options === null) return null;
  const listeners: ((options: TlsOptions) => void)[] = [];
  let seen = stamp(files);
  const timer = setInterval(() => {
    const now = stamp(files);
    if (now === seen) return;
    seen = now;
    try {
      options = readCertificate(files) ?? options;
      for (const listener of listeners) listener(options!);
      log("tls: the certificate's files have changed, and new connections get what they hold now");
    } catch (error) {
      log(`tls: the certificate's files have changed, and the old certificate stays in use (${(error as Error).message})`);
    }
  }, everyMs).unref();
  return {
    get options() {
      return options!;
    },
    onChange: (listener) => void listeners.push(listener),
    close: () => clearInterval(timer),
  };
}

/** A line for each listener that others can reach and listen in on. */
export function inTheClear({ host, mqttPort, broker, https }: Settings): string[] {
  if (isLoopback(host)) return [];
  return [
    ...(mqttPort === "off" || broker !== undefined
      ? []
      : [`${host} is not loopback, and MQTT without TLS listens there: tokens and readings cross the network in the clear`]),
    ...(https ? [] : [`${host} is not loopback, and HTTP without TLS listens there: tokens cross the network in the clear`]),
  ];
}

function read(flag: string, file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (error) {
    throw new UsageError(`${flag} ${file}: cannot be read (${(error as Error).message})`);
  }
}

/** Changes when a file is written, replaced, or a link to it is set anew. */
function stamp({ tlsCert, tlsKey, tlsCa }: Files): string {
  return [tlsCert, tlsKey, tlsCa]
    .map((file) => {
      const stat = file === undefined ? undefined : statSync(file, { throwIfNoEntry: false });
      return stat === undefined ? "" : `${stat.ino} ${stat.mtimeMs} ${stat.size}`;
    })
    .join(" ");
}
