/** Secrets in files, as containers give them, and the variables that nobody has set. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { loadSettings } from "../../src/settings/settings.ts";

let directory: string;
const file = (name: string) => join(directory, name);

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), "hoistway-secrets-"));
  writeFileSync(file("token"), "the-token\n");
  writeFileSync(file("empty"), "\n");
  writeFileSync(file("large"), "x".repeat(5_000));
});
afterAll(() => rmSync(directory, { recursive: true }));

const influx = { HOISTWAY_STORE: "influx", HOISTWAY_INFLUX_URL: "http://influxdb:8086", HOISTWAY_INFLUX_ORG: "hoistway" };

describe("a secret in a file", () => {
  it("is taken without the end of its line, from an environment variable or a flag that names the file", () => {
    expect(loadSettings({}, { ...influx, HOISTWAY_INFLUX_TOKEN_FILE: file("token") }, undefined).influxToken).toBe("the-token");
    expect(loadSettings({ brokerPasswordFile: file("token") }, {}, undefined).brokerPassword).toBe("the-token");
  });

  it.each([
    ["is empty", "empty", /HOISTWAY_INFLUX_TOKEN_FILE: .*empty is empty; expected a secret/],
    ["is too large", "large", /HOISTWAY_INFLUX_TOKEN_FILE: .*cannot be read; expected a file of at most 4096 bytes/],
    ["is not there", "nowhere", /HOISTWAY_INFLUX_TOKEN_FILE: .*nowhere cannot be read/],
  ])("that %s is a mistake, told with the file's name and nothing of what it holds", (_, name, words) => {
    const load = () => loadSettings({}, { ...influx, HOISTWAY_INFLUX_TOKEN_FILE: file(name) }, undefined);
    expect(load).toThrow(words);
    expect(load).not.toThrow(/xxx/);
  });

  it("beside the secret itself is a mistake", () => {
    expect(() =>
      loadSettings({}, { ...influx, HOISTWAY_INFLUX_TOKEN: "other", HOISTWAY_INFLUX_TOKEN_FILE: file("token") }, undefined),
    ).toThrow(/influxToken are both given/);
  });
});

describe("an environment variable that is empty", () => {
  it("is as one that is not there", () => {
    const { broker, influxToken, mqttPort } = loadSettings(
      {},
      { HOISTWAY_BROKER: "", HOISTWAY_INFLUX_TOKEN: "", HOISTWAY_MQTT_PORT: "" },
      undefined,
    );
    expect([broker, influxToken, mqttPort]).toEqual([undefined, "", 1883]);
  });
});
