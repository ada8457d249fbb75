/**
 * Appends to a journal as fast as it is taken, until killed, and tells on stdout what was acknowledged. Run by
 * journal.test.ts with the directory and a tag that makes its records tell apart from those of other lives.
 */
import { writeSync } from "node:fs";
import { systemClock } from "../../src/clock.ts";
import { draftOfMessage } from "../../src/journal/entries.ts";
import { openJournal } from "../../src/journal/open.ts";

const [directory = "", tag = ""] = process.argv.slice(2);
const IN_FLIGHT = 500;

const journal = await openJournal({
  directory,
  clock: systemClock(),
  maxBytes: Infinity,
  maxAgeMs: Infinity,
  segmentBytes: 256 * 1024,
  onFatal: (error) => {
    throw error;
  },
});
const say = (line: string): void => void writeSync(1, `${line}\n`);
say(`open ${journal.lastSeq}`);
let acknowledged: number[] = [];
const send = (n: number): void => {
  journal.append(draftOfMessage(`lifts/${tag}/speed`, Buffer.from(`${tag}:${n}:${"x".repeat(200)}`), "", null), (error, seq) => {
    if (error !== null) throw error;
    acknowledged.push(seq, n);
    send(n + IN_FLIGHT);
  });
};
for (let n = 0; n < IN_FLIGHT; n += 1) send(n);
journal.onCommit(() => {
  // As PUBACKs would be: told only after the callbacks that the group before this one got.
  if (acknowledged.length > 0) say(`ack ${acknowledged.join(" ")} end`);
  acknowledged = [];
});
