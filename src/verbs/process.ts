/** What every verb has of its process: a log on the standard error, and the signal to stop. */

/** One line, with the time: standard output is for results. */
export function log(line: string): void {
  process.stderr.write(`${new Date().toISOString()} ${line}\n`);
}

/** Resolves with the first SIGTERM or SIGINT, which then do not end the process by themselves. */
export function stopSignal(): Promise<NodeJS.Signals> {
  return new Promise((resolve) => {
    for (const signal of ["SIGTERM", "SIGINT"] as const) process.once(signal, resolve);
  });
}
