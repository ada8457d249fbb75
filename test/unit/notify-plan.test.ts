import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { UsageError } from "../../src/errors.ts";
import { readPlan } from "../../src/notify/plan-file.ts";

const directory = mkdtempSync(join(tmpdir(), "hoistway-notify-"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));
const file = join(directory, "notifications.yaml");

function read(text: string, environment: Readonly<Record<string, string>> = {}) {
  writeFileSync(file, text);
  return readPlan(file, environment);
}

/** The mistakes of a text, without the file's name. */
function mistakes(text: string, environment: Readonly<Record<string, string>> = {}): string[] {
  try {
    read(text, environment);
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    return error.problems.map((problem) => problem.replace(`${file}: `, "").replace(/^line \d+(, |: )/, ""));
  }
  return [];
}

const SOUND = `
link: https://lifts.example
targets:
  desk: { kind: webhook, url: "https://hooks.example/lifts", secretFile: key, lang: zh }
  duty: { kind: email, server: "smtps://mail.example", from: lifts@example.org, to: [duty@example.org], username: u, passwordEnv: MAIL_PASSWORD }
  board: { kind: mqtt }
routes:
  - name: people
    when: { hazard: [entrapment], district: [武江] }
    to: [desk, board]
    escalate: [{ afterMinutes: 5, to: [duty] }]
  - to: [board]
`;

test("no file, no plan", () => {
  expect(readPlan(undefined, {})).toBeNull();
});

test("a file with everything in it is taken, with its secrets, found from the file's own place", () => {
  writeFileSync(join(directory, "key"), "s3cret\n");
  const plan = read(SOUND, { MAIL_PASSWORD: "p4ss" });
  expect([...(plan?.secrets ?? [])]).toEqual([
    ["desk", "s3cret"],
    ["duty", "p4ss"],
  ]);
  expect(plan?.routes.map(({ name }) => name)).toEqual(["people", "route-2"]);
  expect(plan?.routes[1]?.when.change).toEqual(["raised", "confirmed", "cleared"]);
  expect(plan?.targets["board"]).toMatchObject({ topic: "hoistway/alerts", lang: "en", rate: { messages: 600, perMinutes: 10 } });
});

const target = (rest: string) => `targets: { t: { ${rest} } }\nroutes: [{ to: [t] }]`;

describe("every mistake is named with its path", () => {
  const cases: readonly (readonly [text: string, said: readonly RegExp[]])[] = [
    ["", [/^targets: /, /^routes: /]],
    ["targets: [", [/./]],
    [target("kind: fax"), [/^targets\.t\.kind: /]],
    [target("kind: webhook, url: ftp://x"), [/^targets\.t\.url: /]],
    [target("kind: webhook, url: https://user:hunter2@x/"), [/^targets\.t\.url: holds a user or a password/]],
    [target("kind: webhook, url: http://far.example/"), [/^targets\.t\.url: is without TLS and not on this machine; expected https:\/\//]],
    [target("kind: webhook, url: https://x/, secret: hunter2"), [/^targets\.t\.secret: is not a setting/]],
    [target("kind: webhook, url: https://x/, secretFile: nowhere"), [/^targets\.t\.secretFile: nowhere cannot be read \(ENOENT\)/]],
    [target("kind: webhook, url: https://x/, secretEnv: NOT_SET"), [/^targets\.t\.secretEnv: NOT_SET is not set/]],
    [target("kind: webhook, url: https://x/, timeoutS: 0"), [/^targets\.t\.timeoutS: /]],
    [target("kind: email, server: 'smtp://m', from: a@b.c, to: ['a@b.c, d@e.f']"), [/^targets\.t\.to\.0: expected one plain mail address/]],
    [target("kind: email, server: 'smtp://m', from: a@b.c, to: [a@b.c], username: u"), [/^targets\.t\.username: has no password/]],
    [target("kind: email, server: 'smtp://m', from: a@b.c, to: [a@b.c], passwordEnv: HOME"), [/^targets\.t\.username: is missing/]],
    [target("kind: mqtt, topic: lifts/alerts"), [/^targets\.t\.topic: lifts\/ is the devices'/]],
    [target("kind: mqtt, topic: 'a/#'"), [/^targets\.t\.topic: /]],
    [target("kind: mqtt, broker: 'mqtt://far.example'"), [/^targets\.t\.broker: is without TLS/]],
    [
      "targets: { t: { kind: mqtt } }\nroutes: [{ to: [u], escalate: [{ afterMinutes: 1, to: [v] }], when: { hazard: [entrapmnt] } }]",
      [/^routes\.0\.when\.hazard\.0: /],
    ],
    [
      "targets: { t: { kind: mqtt } }\nroutes: [{ name: a, to: [u], escalate: [{ afterMinutes: 1, to: [v] }] }, { name: a, to: [t] }]",
      [
        /^routes\.0\.to: found "u", which is not a target; expected one of t/,
        /^routes\.0\.escalate\.0\.to: found "v", which is not a target/,
        /^routes\.1\.name: found a, which is the name of another/,
      ],
    ],
  ];
  test.each(cases)("%s", (text, said) => {
    const found = mistakes(text);
    expect(found).toHaveLength(said.length);
    for (const [index, pattern] of said.entries()) expect(found[index]).toMatch(pattern);
    expect(found.join("\n")).not.toContain("hunter2");
  });

  test("a name that every object has is not a target", () => {
    expect(mistakes("targets: { t: { kind: mqtt } }\nroutes: [{ to: [constructor] }]")).toHaveLength(1);
  });
});
