/**
 * Every setting of the program, with its default. A setting is a flag, a key of `hoistway.yaml` and an environment variable HOISTWAY_…;
 * flags win over the environment, which wins over the file.
 */
import { z } from "zod";
import { isTimeZone } from "../core/rules.ts";

const port = z.int().min(0).max(65_535);
const flag = z.union([z.boolean(), z.enum(["on", "off"]).transform((value) => value === "on")]);
/** Days that something is kept; 0 is for ever. */
const keptDays = z.int().min(0).max(36_500);
const timezone = z.string().refine(isTimeZone, "expected an IANA time zone such as Asia/Shanghai");

/** Some of these words: a list, or a text with commas. */
function words<const T extends string>(known: readonly T[]) {
  const text = z.string().transform((given) =>
    given
      .split(",")
      .map((one) => one.trim())
      .filter((one) => one !== ""),
  );
  return z.union([text, z.array(z.string())]).pipe(z.array(z.enum(known)));
}

export const settingsSchema = z.strictObject({
  data: z.string().min(1).default("./data").describe("directory of the journal, the store and the credentials"),
  host: z.string().min(1).default("127.0.0.1").describe("address that every listener binds"),
  mqttPort: z
    .union([port, z.literal("off")], "expected a port, or off")
    .default(1883)
    .describe("MQTT port; 0 picks a free one; off: TLS only"),
  mqttsPort: port.optional().describe("port of MQTT over TLS; 0 picks a free one"),
  httpPort: port.default(8080).describe("HTTP port; 0 picks a free one"),
  https: flag.default(false).describe("on: the page, REST and the feed over TLS"),
  tlsCert: z.string().optional().describe("certificate chain of the TLS listeners, PEM"),
  tlsKey: z.string().optional().describe("its key, PEM, without a password"),
  tlsCa: z.string().optional().describe("CA of clients' certificates, PEM: MQTT over TLS then asks for one"),
  fleet: z.string().optional().describe("register of lifts, CSV"),
  rules: z.string().optional().describe("limits of the rules, YAML"),
  store: z.enum(["embedded", "influx"]).default("embedded").describe("where readings, alerts and counts are kept"),
  influxUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("address of the InfluxDB; with the embedded store: of a mirror, which is written to only"),
  influxVersion: z
    .union([z.literal(1), z.literal(2), z.literal(3)], "expected 1, 2 or 3")
    .default(2)
    .describe("generation of that InfluxDB: 1, 2 or 3"),
  influxBucket: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,64}$/, "expected at most 64 letters, digits, - and _")
    .default("hoistway")
    .describe("bucket, or database of 1.x and 3"),
  influxOrg: z.string().default("").describe("organisation, 2.x"),
  influxToken: z.string().default("").describe("token, 2.x and 3; prefer the environment to the flag"),
  influxUsername: z.string().default("").describe("user, 1.x"),
  influxTokenFile: z.string().optional().describe("file with the token, instead of the token"),
  influxPassword: z.string().default("").describe("password, 1.x; prefer the environment to the flag"),
  influxPasswordFile: z.string().optional().describe("file with the password, instead of the password"),
  readingsDays: keptDays.default(30).describe("days that raw readings are kept; 0 is for ever"),
  minutesDays: keptDays.default(730).describe("days that readings rolled up by minute are kept; 0 is for ever"),
  broker: z
    .url({ protocol: /^mqtts?$/ })
    .optional()
    .describe("external broker to bridge to, instead of the embedded one"),
  brokerUsername: z.string().optional().describe("user name at the external broker"),
  brokerPassword: z.string().optional().describe("password at the external broker; prefer the environment to the flag"),
  brokerPasswordFile: z.string().optional().describe("file with the password, instead of the password"),
  brokerClientId: z.string().min(1).max(64).default("hoistway").describe("client id of the durable session there"),
  timezone: timezone.default("Asia/Shanghai").describe("the site's time zone; days begin and end by it"),
  operatorPositions: z.int().min(1).max(100).default(1).describe("operator positions that share the alerts, for the load report"),
  reports: words(["daily", "weekly", "monthly"]).default([]).describe("reports made on a schedule into DATA/reports: daily,weekly,monthly"),
  reportsHour: z.int().min(0).max(23).default(6).describe("hour of the site's day from which they are made"),
  reportsFormats: words(["html", "pdf", "xlsx", "csv", "json"]).default(["html", "xlsx"]).describe("their formats: html,pdf,xlsx,csv,json"),
  reportsLang: words(["zh", "en"]).default(["zh"]).describe("their languages: zh,en"),
  reportsKept: z.int().min(1).max(10_000).default(60).describe("periods of each kind whose reports are kept"),
  notifications: z.string().optional().describe("targets and routes of notifications, YAML"),
  auth: flag.default(true).describe("on or off; off is refused unless every listener is on loopback"),
  journalMaxGb: z.number().positive().max(100_000).default(20).describe("journal size at which the oldest segments are deleted"),
  journalMaxDays: z.number().positive().max(10_000).default(30).describe("journal age at which the oldest segments are deleted"),
});
export type Settings = z.infer<typeof settingsSchema>;

/** Settings that a file may hold instead, which `…File` names: containers and service managers give secrets so. */
export const SECRETS = ["influxToken", "influxPassword", "brokerPassword"] as const;

/** Names under which a setting is known outside: `mqttPort` is `--mqtt-port` and `HOISTWAY_MQTT_PORT`. */
export function flagName(key: string): string {
  return key.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
export function environmentName(key: string): string {
  return `HOISTWAY_${key.replaceAll(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}
