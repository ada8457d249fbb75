/** The list of a backup: what it is of, and every file in it with its checksum. Written last: a backup without it was never finished. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { LIMITS } from "../config.ts";
import { writeDurably } from "../files/durable-file.ts";
import { UsageError } from "../errors.ts";
import { readBytes } from "../files/text-file.ts";

export const MANIFEST_FILE = "backup.json";
const VERSION = 1;

/** Below the data directory, with `/` between: nothing that leads out of it. */
const path = z
  .string()
  .max(1_000)
  .regex(/^(?!\/)[^\\\0]+$/)
  .refine((text) => text.split("/").every((part) => !["", ".", ".."].includes(part)), "expected a path below the directory");

const manifestSchema = z.object({
  format: z.literal("hoistway-backup"),
  version: z.literal(VERSION),
  /** Version of the program that took it. */
  program: z.string(),
  /** ISO, UTC. */
  takenAt: z.string(),
  journalId: z.string(),
  /** First and last entry of the journal in it. */
  firstSeq: z.int(),
  position: z.int(),
  store: z.enum(["embedded", "influx"]),
  /** Newest entry whose effects the store in it has; null where no store is in it. */
  storeOffset: z.int().nullable(),
  files: z
    .array(z.object({ path, bytes: z.int().min(0), sha256: z.string().regex(/^[0-9a-f]{64}$/), mode: z.int().min(0).max(0o777) }))
    .max(LIMITS.backup.files),
});
export type Manifest = z.infer<typeof manifestSchema>;
export type BackupFile = Manifest["files"][number];

export async function writeManifest(directory: string, manifest: Omit<Manifest, "format" | "version">): Promise<void> {
  await writeDurably(join(directory, MANIFEST_FILE), `${JSON.stringify({ format: "hoistway-backup", version: VERSION, ...manifest })}\n`);
}

/** @throws UsageError where there is none, or it cannot be read. */
export async function readManifest(flag: string, directory: string): Promise<Manifest> {
  const file = join(directory, MANIFEST_FILE);
  const found = await stat(file).catch(() => null);
  if (found === null) throw new UsageError(`${flag} ${directory}: has no ${MANIFEST_FILE}; expected a backup that was finished`);
  const text = Buffer.from(readBytes(flag, file, LIMITS.backup.manifestBytes)).toString("utf8");
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new UsageError(`${flag} ${file}: expected JSON (${(error as Error).message})`);
  }
  const parsed = manifestSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new UsageError(`${flag} ${file}: ${issue?.path.join(".") ?? ""}: ${issue?.message ?? "not valid"}; expected the list of a backup`);
}
