/** Certificates for a test, made by openssl: of a CA for localhost, and for a client. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, renameSync } from "node:fs";
import { join } from "node:path";

const OPENSSL = "/usr/bin/openssl";

/** Whether a test that needs it must be skipped: never in CI, where it is to fail instead. */
export function opensslMissing(): boolean {
  if (existsSync(OPENSSL) || process.env["CI"] !== undefined) return false;
  console.warn(`SKIPPED: ${OPENSSL} is not installed (Debian: openssl)`);
  return true;
}

export interface Pair {
  readonly cert: string;
  readonly key: string;
}

export class Authority {
  readonly ca: string;
  readonly #directory: string;

  constructor(directory: string, name = "ca") {
    this.#directory = directory;
    this.ca = join(directory, `${name}.pem`);
    this.#make(name, ["-subj", `/CN=${name}`]);
  }

  get pem(): string {
    return readFileSync(this.ca, "utf8");
  }

  /** Files NAME.pem and NAME.key, replaced whole where they are there. */
  issue(name: string): Pair {
    const names = ["-subj", `/CN=${name}`, "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-addext", "basicConstraints=CA:FALSE"];
    this.#make(`${name}-new`, [...names, "-CA", this.ca, "-CAkey", this.ca.replace(/pem$/, "key")]);
    const pair = { cert: join(this.#directory, `${name}.pem`), key: join(this.#directory, `${name}.key`) };
    renameSync(join(this.#directory, `${name}-new.key`), pair.key);
    renameSync(join(this.#directory, `${name}-new.pem`), pair.cert);
    return pair;
  }

  #make(name: string, more: readonly string[]): void {
    const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
    const out = ["-keyout", join(this.#directory, `${name}.key`), "-out", join(this.#directory, `${name}.pem`)];
    execFileSync(OPENSSL, ["req", "-x509", "-days", "2", ...key, ...out, ...more], { stdio: "pipe" });
  }
}
