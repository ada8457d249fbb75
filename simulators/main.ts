/** The runner: a process of its own, started by `hoistway start` and `hoistway simulate`, or by hand. */
import { runCommandLine } from "./cli.ts";

// Who reads our output may go away first; that is no failure of the run.
process.stdout.on("error", () => undefined);
process.stderr.on("error", () => undefined);
process.exitCode = await runCommandLine(process.argv.slice(2));
if (process.connected) process.disconnect();
