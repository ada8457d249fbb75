/**
 * A fleet of raw sockets that publishes valid readings of moving lifts at QoS 1 and counts the acknowledgements. It costs a
 * fraction of what an MQTT client costs, so that the broker beside it is what is measured: packets are built once, and their
 * digits patched in place.
 *
 *   tsx bench/load.ts --port P [--host H] [--connections N] [--rate R] [--seconds S] [--window W] [--batch B] [--episodes]
 *                     [--lift-prefix BENCH] [--user U] [--token T]
 *
 * Each connection is one lift, `{lift-prefix}{index from 00000}`, and sends readings whose `seq` grows by one. `--user` and
 * `--token` sign every connection in; `{lift}` within them stands for the lift's id. `--rate` is publishes a second over all
 * connections, 0 for as fast as `--window` publishes unacknowledged per connection allow. `--batch` puts that many readings into
 * each publish, as an array. With `--episodes` one lift in four is too fast once a trip. The result is one line of JSON on stdout,
 * and exit code 1 when a connection failed. Forked, it runs what it is told to (see `LoadRun`), on the same connections.
 */
import { parseArgs } from "node:util";
import { MOST_WINDOW, openLoad, type LoadRun } from "./load-fleet.ts";

const { values } = parseArgs({
  options: {
    host: { type: "string", default: "127.0.0.1" },
    port: { type: "string", default: "1883" },
    connections: { type: "string", default: "2000" },
    rate: { type: "string", default: "0" },
    seconds: { type: "string", default: "10" },
    window: { type: "string", default: "16" },
    batch: { type: "string", default: "1" },
    episodes: { type: "boolean", default: false },
    "lift-prefix": { type: "string", default: "BENCH" },
    user: { type: "string" },
    token: { type: "string" },
  },
});

const load = await openLoad({
  host: values.host,
  port: count("port", 1),
  connections: count("connections", 1),
  liftPrefix: values["lift-prefix"],
  user: values.user,
  token: values.token,
});

if (process.send === undefined) {
  const result = await load.run({
    rate: count("rate", 0),
    seconds: count("seconds", 1),
    window: count("window", 1, MOST_WINDOW),
    batch: count("batch", 1, 500),
    episodes: values.episodes,
  });
  load.close();
  process.stdout.write(`${JSON.stringify(result)}\n`);
  process.exitCode = result.failedConnections > 0 ? 1 : 0;
} else {
  process.on("message", (run: LoadRun) => void load.run(run).then((result) => process.send?.(result)));
  process.once("disconnect", () => load.close());
  process.send({ connections: values.connections });
}

function count(name: "port" | "connections" | "rate" | "seconds" | "window" | "batch", least: number, most = 1e9): number {
  const value = Number(values[name]);
  if (!Number.isInteger(value) || value < least || value > most) {
    process.stderr.write(`--${name}: expected a whole number from ${least} to ${most}; found ${values[name]}\n`);
    process.exit(2);
  }
  return value;
}
