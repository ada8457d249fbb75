/**
 * What an engineer writes in an afternoon, the baseline of bench/ingest.ts: mosquitto → mqtt.js → JSON.parse → rules → ws.
 * It has rules for the same dangers and pushes what they find. Nothing is durable, checked, ordered, de-duplicated or stored.
 *
 *   tsx bench/afternoon.ts BROKER_URL FLEET_CSV
 *
 * Prints `ready {"port":…}`; there, `GET /count` answers the readings taken so far, and `/feed` is a WebSocket.
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "mqtt";
import { WebSocketServer } from "ws";

interface Reading {
  at: number;
  state?: string;
  speedMps?: number;
  doorZone?: boolean;
  persons?: number | null;
}

interface Lift {
  id: string;
  ratedMps: number;
  door: string;
  doorOpenSince: number;
  speedMps: number;
  doorZone: boolean;
  persons: number;
  fastSamples: number;
  trappedSince: number;
  active: Set<string>;
}

const [brokerUrl = "", fleetFile = ""] = process.argv.slice(2);
const lifts = new Map<string, Lift>();
const [header = "", ...rows] = readFileSync(fleetFile, "utf8").trim().split("\n");
const rated = header.split(",").indexOf("ratedSpeedMps");
for (const row of rows) {
  const cells = row.split(",");
  addLift(cells[0]!, Number(cells[rated]));
}

let count = 0;
const server = createServer((_request, response) => response.end(JSON.stringify({ count })));
const feed = new WebSocketServer({ server });
const client = connect(brokerUrl);
client.on("connect", () => client.subscribe("lifts/#"));
client.on("message", (topic, payload) => {
  const [, liftId = "", channel = ""] = topic.split("/");
  const message = JSON.parse(payload.toString()) as Reading | Reading[];
  const lift = lifts.get(liftId) ?? addLift(liftId, 1);
  for (const reading of Array.isArray(message) ? message : [message]) {
    count++;
    take(lift, channel, reading);
  }
});
setInterval(() => {
  const now = Date.now();
  for (const lift of lifts.values()) {
    check(lift, "entrapment", now, lift.trappedSince > 0 && now - lift.trappedSince > 30_000);
    check(lift, "door-held-open", now, lift.doorOpenSince > 0 && now - lift.doorOpenSince > 120_000);
  }
}, 1_000);
client.on("connect", () => {
  if (!server.listening) server.listen(0, "127.0.0.1", () => console.log(`ready {"port":${(server.address() as AddressInfo).port}}`));
});

function addLift(id: string, ratedMps: number): Lift {
  const lift = {
    id,
    ratedMps,
    door: "closed",
    doorOpenSince: 0,
    speedMps: 0,
    doorZone: true,
    persons: 0,
    fastSamples: 0,
    trappedSince: 0,
    active: new Set<string>(),
  };
  lifts.set(id, lift);
  return lift;
}

function take(lift: Lift, channel: string, reading: Reading): void {
  if (channel === "door") {
    lift.door = reading.state ?? "unknown";
    if (lift.door === "closed") lift.doorOpenSince = 0;
    else if (lift.doorOpenSince === 0) lift.doorOpenSince = reading.at;
  } else if (channel === "speed") {
    lift.speedMps = Math.abs(reading.speedMps ?? 0);
    lift.fastSamples = lift.speedMps > lift.ratedMps * 1.15 ? lift.fastSamples + 1 : 0;
    check(lift, "overspeed", reading.at, lift.fastSamples >= 2);
  } else if (channel === "status") lift.persons = reading.persons ?? 0;
  if (reading.doorZone !== undefined) lift.doorZone = reading.doorZone;
  check(lift, "door-open-while-running", reading.at, lift.door !== "closed" && lift.speedMps > 0.5);
  const trapped = lift.persons > 0 && lift.door === "closed" && lift.speedMps < 0.05 && !lift.doorZone;
  if (!trapped) lift.trappedSince = 0;
  else if (lift.trappedSince === 0) lift.trappedSince = reading.at;
}

function check(lift: Lift, hazard: string, at: number, holds: boolean): void {
  if (lift.active.has(hazard) === holds) return;
  if (holds) lift.active.add(hazard);
  else lift.active.delete(hazard);
  const alert = { liftId: lift.id, hazard, raisedAt: at, speedMps: lift.speedMps, door: lift.door };
  const text = JSON.stringify({ type: "change", change: holds ? "raised" : "cleared", alert });
  for (const socket of feed.clients) socket.send(text);
}
