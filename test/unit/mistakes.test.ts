/** Errors about what a person wrote repeat what was found, but never a secret. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { examineSettings } from "../../src/settings/settings.ts";

function toldOf(flags: Readonly<Record<string, string>>): string {
  const { mistakes } = examineSettings(flags, {}, undefined);
  expect(mistakes.length, JSON.stringify(flags)).toBeGreaterThan(0);
  return mistakes.map(({ message }) => message).join("\n");
}

it.each([
  "http//admin:hunter2@127.0.0.1:8086",
  "htp://admin:hunter2@127.0.0.1:8086",
  "admin:hunter2@127.0.0.1:8086",
  "http//admin:hunt:er2@x@127.0.0.1:8086",
  'http//admin:"hunter2@127.0.0.1:8086',
  "http//admin:hunter2\\@127.0.0.1:8086",
  "http//127.0.0.1:8086?u=admin&p=hunter2&db=x",
])("a malformed address is told of without the password in it: %s", (influxUrl) => {
  const told = toldOf({ influxUrl });
  expect(told).not.toMatch(/hunt|er2/);
  expect(told, "where it leads is still to be seen").toContain("127.0.0.1:8086");
});

it("what is wrong with a broker's address is told without its password, too", () => {
  expect(toldOf({ broker: "http://user:hunter2@broker.example" })).not.toContain("hunter2");
});

it("a value that is no address is shown as it was found", () => {
  expect(toldOf({ influxUrl: "127.0.0.1:8086" })).toContain('found "127.0.0.1:8086"');
  expect(toldOf({ timezone: "Mars/Olympus" })).toContain('found "Mars/Olympus"');
});

it("a password that the file gives as a number is not repeated", () => {
  const directory = mkdtempSync(join(tmpdir(), "hoistway-mistakes-"));
  try {
    const file = join(directory, "hoistway.yaml");
    writeFileSync(file, "influxPassword: 424242\nbrokerPassword: 434343\n");
    const told = examineSettings({}, {}, file).mistakes;
    expect(told.map(({ path, line }) => [path, line])).toEqual([
      ["influxPassword", 1],
      ["brokerPassword", 2],
    ]);
    expect(JSON.stringify(told)).not.toMatch(/424242|434343/);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
