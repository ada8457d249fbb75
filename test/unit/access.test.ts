import { chmod, mkdtemp, readFile, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { atLeast } from "../../src/access/access.ts";
import type { OpenAccess } from "../../src/access/access.ts";
import { openAccess, readDeviceTokens } from "../../src/access/open-access.ts";
import { UsageError } from "../../src/errors.ts";

const clock = { now: () => 1_700_000_000_000 };
let dir: string;

beforeEach(async () => {
  dir = join(await mkdtemp(join(tmpdir(), "hoistway-access-")), "access");
});
afterEach(async () => {
  await rm(join(dir, ".."), { recursive: true, force: true });
});

const open = (...liftIds: string[]): Promise<OpenAccess> => openAccess({ dir, enabled: true, liftIds, clock });
const file = (name: string): Promise<string> => readFile(join(dir, name), "utf8");
const tokenOf = async (liftId: string): Promise<string> => (await readDeviceTokens(dir)).get(liftId) ?? "missing";

describe("the first run", () => {
  test("makes the credentials, the administrator's token and the devices' tokens, closed to everyone but their owner", async () => {
    const access = await open("L1", "L2");
    expect((await readdir(dir)).sort()).toEqual(["admin-token", "credentials.json", "devices.csv"]);
    expect((await stat(dir)).mode & 0o777).toBe(0o700);
    for (const name of await readdir(dir)) expect((await stat(join(dir, name))).mode & 0o777, name).toBe(0o600);
    const admin = (await file("admin-token")).trim();
    expect(Buffer.from(admin, "base64url")).toHaveLength(32);
    expect(access.person(admin)).toEqual({ name: "admin", role: "admin" });
    expect((await file("devices.csv")).split("\n")[0]).toBe("user,token");
    expect([...(await readDeviceTokens(dir)).keys()]).toEqual(["L1", "L2"]);
  });

  test("writes no plain token into the credentials", async () => {
    await open("L1", "L2");
    const credentials = await file("credentials.json");
    const tokens = [...(await readDeviceTokens(dir)).values(), (await file("admin-token")).trim()];
    expect(tokens).toHaveLength(3);
    for (const token of tokens) expect(credentials).not.toContain(token);
  });

  test("closes files that others could read", async () => {
    await open("L1");
    await chmod(join(dir, "credentials.json"), 0o644);
    await open("L1");
    expect((await stat(join(dir, "credentials.json"))).mode & 0o777).toBe(0o600);
  });
});

describe("devices", () => {
  test("may publish for their own lift only", async () => {
    const access = await open("L1", "L2");
    const device = access.device("L1", await tokenOf("L1"));
    expect(device?.name).toBe("L1");
    expect(device?.mayPublish("L1")).toBe(true);
    expect(device?.mayPublish("L2")).toBe(false);
  });

  test("are refused with another's token, a wrong one, an empty one, none, or an unknown name", async () => {
    const access = await open("L1", "L2", "constructor", "__proto__");
    const token = await tokenOf("L1");
    expect(access.device("L2", token)).toBeNull();
    expect(access.device("L1", `${token.slice(0, -1)}_`)).toBeNull();
    expect(access.device("L1", "")).toBeNull();
    expect(access.device("L1", undefined)).toBeNull();
    expect(access.device(undefined, token)).toBeNull();
    for (const name of ["nobody", "toString", "admin", ""]) expect(access.device(name, token), name).toBeNull();
    for (const name of ["constructor", "__proto__"]) expect(access.device(name, await tokenOf(name))?.name).toBe(name);
  });

  test("keep their tokens in later runs, which add only what new lifts need", async () => {
    await open("L1", "L2");
    const before = await readDeviceTokens(dir);
    const admin = await file("admin-token");
    const access = await open("L2", "L1", "L3");
    const after = await readDeviceTokens(dir);
    expect([...after.keys()]).toEqual(["L1", "L2", "L3"]);
    expect(after.get("L1")).toBe(before.get("L1"));
    expect(await file("admin-token")).toBe(admin);
    for (const [user, token] of after) expect(access.device(user, token)?.name).toBe(user);
  });

  test("work when the list of tokens was deleted after it was handed out, and then only new ones are listed", async () => {
    await open("L1");
    const token = await tokenOf("L1");
    await rm(join(dir, "devices.csv"));
    const access = await open("L1", "L2");
    expect(access.device("L1", token)?.name).toBe("L1");
    expect([...(await readDeviceTokens(dir)).keys()]).toEqual(["L2"]);
  });

  test("whose token was written before a crash keep it", async () => {
    await open("L1");
    const token = "b".repeat(43);
    await writeFile(join(dir, "devices.csv"), `${await file("devices.csv")}L2,${token}\n`);
    const access = await open("L1", "L2");
    expect(access.device("L2", token)?.name).toBe("L2");
  });

  test("that were removed are refused, and get another token from the next run if they are still registered", async () => {
    const first = await open("L1", "L2");
    const token = await tokenOf("L1");
    expect(await first.remove("L1")).toBe(true);
    expect(first.device("L1", token)).toBeNull();
    const second = await open("L1", "L2");
    expect(second.device("L1", token)).toBeNull();
    expect(second.device("L1", await tokenOf("L1"))?.name).toBe("L1");
  });

  test("of a whole city keep their tokens over a start", async () => {
    const city = Array.from({ length: 16_409 }, (_, index) => `SG-${index}`);
    await open(...city);
    const token = await tokenOf("SG-16408");
    const access = await open(...city);
    expect(await tokenOf("SG-16408")).toBe(token);
    expect(access.device("SG-16408", token)?.name).toBe("SG-16408");
  });
});

describe("gateways and people", () => {
  test("a gateway may publish for the lifts it serves, also after a restart", async () => {
    const token = await (await open("L1", "L2", "L3")).addGateway("gate-1", ["L1", "L3", "L1"]);
    const gateway = (await open("L1", "L2", "L3")).device("gate-1", token);
    expect(gateway?.name).toBe("gate-1");
    expect(["L1", "L2", "L3"].map((id) => gateway?.mayPublish(id))).toEqual([true, false, true]);
  });

  test("a person signs in with the token that was shown once, also after a restart, until they are removed", async () => {
    const first = await open("L1");
    const token = await first.addPerson("王 伟", "operator");
    expect(first.person(token)).toEqual({ name: "王 伟", role: "operator" });
    const second = await open("L1");
    expect(second.person(token)).toEqual({ name: "王 伟", role: "operator" });
    expect(second.people()).toHaveLength(2);
    expect(await second.remove("王 伟")).toBe(true);
    expect(second.person(token)).toBeNull();
    expect((await open("L1")).person(token)).toBeNull();
    expect(await second.remove("王 伟")).toBe(false);
  });

  test("a device's token is not a person's; a person's lets them listen at the broker, and publish for nobody", async () => {
    const access = await open("L1");
    expect(access.person(await tokenOf("L1"))).toBeNull();
    expect(access.device("L1", await tokenOf("L1"))?.mayListen).not.toBe(true);
    const admin = (await file("admin-token")).trim();
    const person = access.device("admin", admin);
    expect(person).toMatchObject({ name: "admin", mayListen: true });
    expect(["L1", "admin", ""].filter((id) => person?.mayPublish(id))).toEqual([]);
    expect(access.device("someone", admin)).toBeNull();
    expect(access.device("L1", admin)).toBeNull();
  });

  test("a name that is taken by anyone, or is no name, is refused", async () => {
    const access = await open("L1");
    await access.addGateway("gate-1", []);
    for (const name of ["L1", "gate-1", "admin", "", " x", "a\nb", "x".repeat(65), "<b>"]) {
      await expect(access.addPerson(name, "viewer"), JSON.stringify(name)).rejects.toThrow(UsageError);
    }
    await expect(access.addGateway("gate-2", ["L1", "not a lift"])).rejects.toThrow('liftIds: "not a lift"');
    await expect(open("L1", "gate-1")).rejects.toThrow("gate-1 is the name of a gateway or person");
  });

  test("changes made at the same time are all kept", async () => {
    const access = await open("L1");
    const names = Array.from({ length: 10 }, (_, index) => `person-${index}`);
    const tokens = await Promise.all(names.map((name) => access.addPerson(name, "viewer")));
    const again = await open("L1");
    expect(tokens.map((token) => again.person(token)?.name)).toEqual(names);
    expect((await readdir(dir)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
  });

  test("roles are in order", () => {
    expect(atLeast("admin", "viewer")).toBe(true);
    expect(atLeast("operator", "operator")).toBe(true);
    expect(atLeast("operator", "engineer")).toBe(false);
  });
});

describe("a corrupt file", () => {
  test.each([
    ["credentials.json", "{", "is not JSON"],
    ["credentials.json", "", "is not JSON"],
    ["credentials.json", "{}", "version"],
    ["credentials.json", `{"version":1,"key":"${"k".repeat(43)}","devices":[],"gateways":{},"people":{},"x":"secret"}`, "x is not known"],
    ["credentials.json", '{"version":1,"key":"secret","devices":[],"gateways":{},"people":{}}', "key: expected 43 characters"],
    ["credentials.json", `{"version":1,"key":"${"k".repeat(43)}","devices":[["L1",1]],"gateways":{},"people":{}}`, "devices.0.1"],
    ["devices.csv", "user,token\nno comma here\n", "line 2"],
  ])("%s holding %j is refused by name, and its values are not repeated", async (name, text, place) => {
    await open("L1");
    await writeFile(join(dir, name), text);
    const error = await open("L1", "L2").catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(UsageError);
    expect(String(error)).toContain(join(dir, name));
    expect(String(error)).toContain(place);
    expect(String(error)).not.toContain("secret");
    expect(await readFile(join(dir, name), "utf8")).toBe(text);
  });

  test("a lift id that is none is refused", async () => {
    await expect(open("L1", "a,b")).rejects.toThrow('"a,b" is not a lift id');
  });
});

test("with authentication off everyone is an administrator, every device is let in, and nothing is written", async () => {
  const access = await openAccess({ dir, enabled: false, liftIds: ["L1"], clock });
  expect(access.enabled).toBe(false);
  expect(access.person("")).toEqual({ name: "anonymous", role: "admin" });
  expect(access.device(undefined, undefined)).toMatchObject({ name: "" });
  expect(access.device("x", "y")?.mayPublish("L1")).toBe(true);
  await expect(access.addPerson("x", "viewer")).rejects.toThrow("auth: is off");
  await expect(stat(dir)).rejects.toThrow("ENOENT");
});
