/** The two other places in which alert changes can be read: a replay of a copied journal, and the store's own file. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { changeFrame } from "../../src/feed/change-frame.ts";
import { openEmbeddedStore } from "../../src/store/embedded.ts";
import { runVerb, type Site } from "./run.ts";

/** Lines of `hoistway replay` of a copy of the data directory, made by another process. */
export async function replayLines(site: Site): Promise<string[]> {
  const copy = await mkdtemp(join(tmpdir(), "hoistway-replay-"));
  try {
    await cp(site.data, join(copy, "data"), { recursive: true });
    const file = join(copy, "alerts.ndjson");
    const finished = await runVerb(["replay", join(copy, "data"), "--alerts", file]);
    if (finished.code !== 0) throw new Error(`replay ended with ${finished.code}: ${finished.stderr}`);
    return linesOf(await readFile(file, "utf8"));
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
}

export function linesOf(text: string): string[] {
  return text === "" ? [] : text.trimEnd().split("\n");
}

/** Changes in the store of a program that has stopped, in the order of their rows' numbers, as lines of an alerts file. */
export async function storedChanges(site: Site, journalId: string): Promise<string[]> {
  const store = await openEmbeddedStore({ dir: join(site.data, "store"), journalId });
  try {
    const lines: string[] = [];
    let after = 0;
    for (;;) {
      const changes = await store.changesAfter(after, 1_000);
      for (const change of changes) lines.push(JSON.stringify(changeFrame(journalId, change)));
      const last = changes.at(-1);
      if (last === undefined) return lines;
      after = last.n;
    }
  } finally {
    await store.close();
  }
}
