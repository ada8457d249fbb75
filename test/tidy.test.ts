/** Rules of the repository that matter. A check that could pass while seeing nothing says how much it saw. */
import { execFileSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "..");
const tracked = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], { cwd: root, encoding: "utf8" })
  .split("\n")
  .filter((file) => file !== "" && existsSync(join(root, file)));
const sources = tracked.filter((file) => /^(src|simulators|dashboards\/(?:web|grafana)|bench)\/.*\.tsx?$/.test(file));
const read = (file: string) => readFileSync(join(root, file), "utf8");

interface Import {
  readonly from: string;
  readonly to: string;
  readonly typeOnly: boolean;
}

/** Imports of a source, relative ones as paths from the root. */
function importsOf(file: string): Import[] {
  return [...read(file).matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^"';]*?\sfrom\s+)?"([^"]+)";/gm)].map(([, typeOnly, to = ""]) => ({
    from: file,
    to: to.startsWith(".") ? normalize(join(dirname(file), to)) : to,
    typeOnly: typeOnly !== undefined,
  }));
}
const imports = sources.flatMap(importsOf);

test("the checks see the sources", () => {
  expect(sources.length).toBeGreaterThan(100);
  expect(imports.length).toBeGreaterThan(400);
});

test("no source file is longer than 400 lines", () => {
  expect(sources.filter((file) => read(file).split("\n").length > 401)).toEqual([]);
});

test("the core imports nothing but the core, zod and simple-statistics", () => {
  const core = imports.filter(({ from }) => from.startsWith("src/core/"));
  expect(core.length).toBeGreaterThan(80);
  expect(core.filter(({ to }) => !to.startsWith("src/core/") && to !== "zod" && to !== "simple-statistics")).toEqual([]);
});

test("nothing in src imports the simulators, the benches or the tests", () => {
  expect(imports.filter(({ from, to }) => from.startsWith("src/") && /^(simulators|bench|test|dashboards)\//.test(to))).toEqual([]);
});

test("adapters import nothing of each other but types and ports", () => {
  const adapters = ["ingress", "journal", "store", "feed", "api", "notify"];
  const folder = (path: string) => adapters.find((name) => path.startsWith(`src/${name}/`));
  const between = imports.filter(({ from, to }) => folder(from) !== undefined && folder(to) !== undefined && folder(from) !== folder(to));
  expect(between.filter(({ typeOnly }) => !typeOnly)).toEqual([]);
});

test("no file is named after what it is not about", () => {
  expect(sources.filter((file) => /(^|[/-])(utils?|helpers?|managers?|services?|common|misc)([-./]|$)/i.test(file))).toEqual([]);
});

test("no source builds code or markup from text", () => {
  expect(sources.filter((file) => /\beval\(|new Function\(|\.innerHTML\b|dangerouslySetInnerHTML/.test(read(file)))).toEqual([]);
});

test("no tracked text names a package registry's host, and the lock file has no download addresses", () => {
  const host = new RegExp(["registry", "npmjs"].join("\\."));
  const texts = tracked.filter((file) => !/\.(png|gif|ico|woff2?)$/.test(file));
  expect(texts.length).toBeGreaterThan(150);
  expect(texts.filter((file) => host.test(read(file)))).toEqual([]);
  expect(read("package-lock.json")).not.toContain('"resolved"');
});

function numbers(version: string): number[] {
  return version.split(/[.-]/).map(Number);
}

test("packages with advisories are at or above their mended versions", () => {
  const least: Record<string, string> = {
    aedes: "1.2.0",
    "mqtt-packet": "9.0.2",
    ws: "8.23.0",
    fastify: "5.12.3",
    "@fastify/static": "10.1.3",
    "@duckdb/node-api": "1.4.2",
  };
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { version?: string }> };
  const old = Object.entries(least).filter(([name, minimum]) => {
    const version = lock.packages[`node_modules/${name}`]?.version ?? "0.0.0";
    const [a, b] = [numbers(version), numbers(minimum)];
    const at = b.findIndex((part, index) => part !== a[index]);
    return at >= 0 && (a[at] ?? 0) < (b[at] ?? 0);
  });
  expect(old).toEqual([]);
});

test("every package that is installed to run allows the least Node version that we promise", () => {
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { dev?: boolean; engines?: { node?: string } }> };
  const needing = Object.entries(lock.packages).filter(([, { dev, engines }]) => dev !== true && engines?.node !== undefined);
  expect(needing.length).toBeGreaterThan(30);
  expect(needing.filter(([, { engines }]) => /^>=?\s*2[1-9]/.test(engines?.node ?? "")).map(([name]) => name)).toEqual([]);
});

test("npm ci accepts the lock file: it has an entry for every platform's binary that a package names", () => {
  const lock = JSON.parse(read("package-lock.json")) as { packages: Record<string, { optionalDependencies?: Record<string, string> }> };
  const named = Object.values(lock.packages).flatMap(({ optionalDependencies }) => Object.keys(optionalDependencies ?? {}));
  expect(named.length).toBeGreaterThan(50);
  expect(named.filter((name) => lock.packages[`node_modules/${name}`] === undefined)).toEqual([]);
});

/** How deep the headings of a text go, in order. */
function headings(file: string): (string | undefined)[] {
  return read(file)
    .split("\n")
    .filter((line) => /^#{1,3} /.test(line))
    .map((line) => line.split(" ")[0]);
}

test("the two READMEs have the same parts, and the decisions are numbered without gaps", () => {
  expect(headings("README.zh-CN.md")).toEqual(headings("README.md"));
  const numbers = tracked.filter((file) => /^docs\/decisions\/\d{4}-/.test(file)).map((file) => Number(file.slice(15, 19)));
  expect(numbers.toSorted((a, b) => a - b)).toEqual(numbers.map((_, index) => index + 1));
});
