/** Progress on stderr: a bar on a terminal, a line every few seconds otherwise. */

const LINE_EVERY_MS = 5_000;
const BAR_EVERY_MS = 200;
const WIDTH = 30;

export interface Progress {
  /** @param done from 0 to 1, or null when the end is open. @param text is asked only when it is time to show it. */
  show(done: number | null, text: () => string): void;
  end(): void;
}

/** @param now ms of a clock that only goes forward. */
export function openProgress(stream: NodeJS.WriteStream, now: () => number): Progress {
  const terminal = stream.isTTY;
  const startedAt = now();
  let shownAt = startedAt;
  return {
    show(done, text) {
      const at = now();
      if (at - shownAt < (terminal ? BAR_EVERY_MS : LINE_EVERY_MS)) return;
      shownAt = at;
      const share = done === null ? "" : `${String(Math.floor(done * 100)).padStart(3)} % `;
      const left = done === null || done <= 0 ? "" : ` · ${clock(((at - startedAt) * (1 - done)) / done)} left`;
      if (!terminal) stream.write(`${share}${text()}${left}\n`);
      else {
        const filled = Math.round((done ?? 0) * WIDTH);
        const bar = done === null ? "" : `[${"#".repeat(filled)}${".".repeat(WIDTH - filled)}] `;
        stream.write(`\r\u001B[K${bar}${share}${text()}${left}`);
      }
    },
    end() {
      if (terminal) stream.write("\r\u001B[K");
    },
  };
}

/** Minutes and seconds. */
function clock(ms: number): string {
  const seconds = Math.round(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}
