import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { startThread } from "../../src/journal/thread.ts";
import { append, JournalRig, range, readAll, seqs, texts } from "../unit/journal-rig.ts";

function openElsewhere(directory: string): { readonly said: Promise<string>; end(signal?: NodeJS.Signals): Promise<unknown> } {
  const child = spawn(process.execPath, ["--import", "tsx", join(import.meta.dirname, "journal-child.ts"), directory], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  return {
    said: once(child.stdout, "data").then(([data]) => String(data).trim()),
    end(signal) {
      if (signal === undefined) child.stdin.end();
      else child.kill(signal);
      return exited;
    },
  };
}

test("the journal's own thread keeps records over a restart", async () => {
  await using rig = new JournalRig();
  const journal = await rig.open({ segmentBytes: 100_000 }, startThread);
  const all = range(1, 5_000).map((n) => `${n}:${"x".repeat(n % 300)}`);
  expect(await Promise.all(all.map((text) => append(journal, text)))).toEqual(range(1, 5_000));
  await journal.close();
  const again = await rig.open({}, startThread);
  expect(texts(await readAll(again))).toEqual(all);
  expect(again.damage).toEqual([]);
});

test("a second process is refused while the first has the directory, and let in when the first is killed", async () => {
  await using rig = new JournalRig();
  const first = openElsewhere(rig.directory);
  expect(await first.said).toBe("open");
  const second = openElsewhere(rig.directory);
  expect(await second.said).toBe("data-directory-in-use");
  await second.end();
  await expect(rig.open()).rejects.toMatchObject({ code: "data-directory-in-use" });
  await first.end("SIGKILL");
  const third = openElsewhere(rig.directory);
  expect(await third.said).toBe("open");
  await third.end();
});

const mountable = (() => {
  const probe = new JournalRig();
  const mounted = spawnSync("mount", ["-t", "tmpfs", "-o", "size=64k", "tmpfs", probe.directory]).status === 0;
  if (mounted) spawnSync("umount", [probe.directory]);
  else process.stderr.write("SKIPPED: the journal on a disk that is really full needs the right to mount a tmpfs\n");
  rmSync(probe.directory, { recursive: true });
  return mounted;
})();

test.skipIf(!mountable)(
  "on a file system that is really full nothing is acknowledged, and the journal resumes when there is room",
  async () => {
    const rig = new JournalRig();
    expect(spawnSync("mount", ["-t", "tmpfs", "-o", "size=1m", "tmpfs", rig.directory]).status).toBe(0);
    try {
      const ballast = join(rig.directory, "ballast");
      writeFileSync(ballast, Buffer.alloc(700_000));
      const directory = join(rig.directory, "journal");
      mkdirSync(directory);
      const journal = await rig.open({ directory, retryMs: 20, segmentBytes: 100_000 }, startThread);
      let acknowledged = 0;
      const done = range(1, 600).map((n) =>
        append(journal, `${n}:${"x".repeat(700)}`).then((seq) => ((acknowledged = Math.max(acknowledged, seq)), seq)),
      );
      await vi.waitFor(() => expect(journal.status.state).toBe("stalled"), 10_000);
      expect(journal.status.reason).toContain("ENOSPC");
      expect(acknowledged).toBe(journal.lastSeq);
      expect(acknowledged).toBeLessThan(600);
      expect(seqs(await readAll(journal))).toEqual(range(1, acknowledged));
      truncateSync(ballast, 0);
      expect(await Promise.all(done)).toEqual(range(1, 600));
      expect(journal.status.state).toBe("ok");
      await journal.close();
      const again = await rig.open({ directory }, startThread);
      expect(again.damage).toEqual([]);
      expect(seqs(await readAll(again))).toEqual(range(1, 600));
      await again.close();
    } finally {
      spawnSync("umount", [rig.directory]);
      rmSync(rig.directory, { recursive: true });
    }
  },
);
