/** What devices must not send, each with the reason under which it is to be found in the quarantine (contract §2). */

export interface Poison {
  readonly what: string;
  readonly topic: string | Buffer;
  readonly payload: string | Buffer;
  readonly reason: string;
  /** Where in the payload; "" for the whole. */
  readonly path?: string;
  /** Its topic in the quarantine, where it is not the one sent. */
  readonly shown?: string;
  /** The one thing that ends the sender's connection. */
  readonly oversized?: boolean;
}

const AT = 1_763_800_000_000;
export const PAYLOAD_BYTES_MOST = 64 * 1024;

/** A valid reading of each channel, to be spoilt in one field. */
const VALID = {
  door: { at: AT, seq: 1, boot: "b", state: "closed", door: "front" },
  speed: { at: AT, seq: 1, boot: "b", speedMps: 1, floor: 1, positionM: 0, doorZone: true, levelOffsetMm: 0, handrailMps: 0 },
  fault: { at: AT, seq: 1, boot: "b", code: "01", dialect: "gb24476", active: true },
  status: { at: AT, seq: 1, boot: "b", floor: 1, mode: "normal", persons: 0, loadKg: 0, tripCount: 1, runHours: 1, motorTemperatureC: 20 },
  online: { at: AT, seq: 1, boot: "b", online: true, keepAliveS: 60, firmware: "1" },
} as const;

const NOT_A_NUMBER = ["1", null, true, [], {}, [1]];
const NOT_A_COUNT = [...NOT_A_NUMBER, -1, 1.5, 2 ** 53];
const NOT_A_BOOLEAN = ["true", null, 1, [], {}];

const WRONG: Readonly<Record<keyof typeof VALID, Readonly<Record<string, readonly unknown[]>>>> = {
  door: {
    at: NOT_A_COUNT,
    seq: NOT_A_COUNT,
    boot: [1, null, "x".repeat(33), "\0", "\uD800"],
    state: ["ajar", 1, null, ["open"], "__proto__"],
    door: ["side", 1, null],
  },
  speed: {
    at: [undefined],
    seq: [undefined],
    speedMps: [undefined, ...NOT_A_NUMBER, 51, -1e300],
    floor: [...NOT_A_NUMBER, 1.5, 1e9],
    positionM: NOT_A_NUMBER,
    doorZone: NOT_A_BOOLEAN,
    levelOffsetMm: NOT_A_NUMBER,
    handrailMps: NOT_A_NUMBER,
  },
  fault: { code: [undefined, "", "x".repeat(17), 4, null, ["01"], "\u007F"], dialect: [1, "", null, {}], active: NOT_A_BOOLEAN },
  status: {
    floor: ["3", 2.5],
    mode: ["asleep", 1, null, "constructor"],
    powered: NOT_A_BOOLEAN,
    persons: ["2", -1, 1.5, true, [], 501],
    loadKg: NOT_A_NUMBER,
    tripCount: NOT_A_COUNT,
    runHours: [...NOT_A_NUMBER, -1],
    motorTemperatureC: NOT_A_NUMBER,
  },
  online: {
    online: [undefined, ...NOT_A_BOOLEAN],
    keepAliveS: [0, "60", 1.5, null, 86_401],
    firmware: [1, null, "x".repeat(65), "\n", "\uFEFF1"],
  },
};

/** Wrong types and values for every field of every channel. */
function wrongFields(): Poison[] {
  const cases: Poison[] = [];
  for (const [channel, fields] of Object.entries(WRONG)) {
    for (const [field, values] of Object.entries(fields)) {
      for (const value of values) {
        const payload = JSON.stringify({ ...VALID[channel as keyof typeof VALID], [field]: value });
        const topic = `lifts/P${cases.length}/${channel}`;
        cases.push({
          what: `${channel}.${field} ${(JSON.stringify(value) ?? "absent").slice(0, 20)}`,
          topic,
          payload,
          reason: "reading-invalid",
          path: field,
        });
      }
    }
  }
  return cases;
}

const deep = (open: string, inner: string, close: string, depth: number): string => open.repeat(depth) + inner + close.repeat(depth);
const reading = (fields: string): string => `{"at":${AT},"seq":1,${fields}}`;

const PAYLOADS: readonly (readonly [what: string, payload: string | Buffer, reason: string, path?: string])[] = [
  ["nothing", "", "payload-not-json"],
  ["truncated JSON", '{"at":1,"seq":1,"speedMps":1', "payload-not-json"],
  ["truncated in a string", '{"at":1,"seq":1,"boot":"a', "payload-not-json"],
  ["truncated in an escape", '{"at":1,"boot":"\\u12', "payload-not-json"],
  ["two documents", `${reading('"speedMps":1')}${reading('"speedMps":1')}`, "payload-not-json"],
  ["NaN", reading('"speedMps":NaN'), "payload-not-json"],
  ["Infinity", reading('"speedMps":-Infinity'), "payload-not-json"],
  ["a comment", `/* */${reading('"speedMps":1')}`, "payload-not-json"],
  ["a byte order mark", `\uFEFF${reading('"speedMps":1')}`, "payload-not-json"],
  ["64 KiB of x", "x".repeat(PAYLOAD_BYTES_MOST), "payload-not-json"],
  ["64 KiB of NUL", "\0".repeat(PAYLOAD_BYTES_MOST), "payload-not-json"],
  ["64 KiB of open brackets", "[".repeat(PAYLOAD_BYTES_MOST), "payload-not-json"],
  ["64 KiB of open objects", '{"a":'.repeat(PAYLOAD_BYTES_MOST / 5), "payload-not-json"],
  ["an excerpt that would end within a character", `${"x".repeat(499)}${"\u{1F6D7}".repeat(50)}`, "payload-not-json"],
  ["a message that would end within a character", `"\u{1F6D7}${"\u{1F6D7}".repeat(200)}`, "payload-not-json"],
  ["not UTF-8", Buffer.from([0x7b, 0xff, 0xfe, 0x7d]), "payload-not-utf8"],
  ["a truncated character", Buffer.from([0x22, 0xe6, 0x97, 0x22]), "payload-not-utf8"],
  ["an overlong encoding", Buffer.from([0x22, 0xc0, 0xaf, 0x22]), "payload-not-utf8"],
  ["a surrogate in UTF-8", Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22]), "payload-not-utf8"],
  ["UTF-16", Buffer.from(reading('"speedMps":1'), "utf16le"), "payload-not-json"],
  ["null", "null", "reading-invalid"],
  ["a number", "1", "reading-invalid"],
  ["a string of 64 KiB", JSON.stringify("x".repeat(PAYLOAD_BYTES_MOST - 2)), "reading-invalid"],
  ["an empty object", "{}", "reading-invalid", "at"],
  ["an empty array", "[]", "payload-empty"],
  ["501 readings", `[${Array(501).fill(reading('"speedMps":1')).join(",")}]`, "payload-too-many"],
  ["10,000 arrays in one another", deep("[", "", "]", 10_000), "reading-invalid", "0"],
  ["64 KiB of arrays in one another", deep("[", "", "]", PAYLOAD_BYTES_MOST / 2), "reading-invalid", "0"],
  ["10,000 objects in one another", deep('{"a":', "1", "}", 10_000), "reading-invalid", "at"],
  ["a deep value", reading(`"speedMps":${deep('{"a":', "1", "}", 10_000)}`), "reading-invalid", "speedMps"],
  ["1e999", reading('"speedMps":1e999'), "reading-invalid", "speedMps"],
  ["-1e999 as a time", `{"at":-1e999,"seq":1,"speedMps":1}`, "reading-invalid", "at"],
  ["a time before the epoch", `{"at":-1,"seq":1,"speedMps":1}`, "reading-invalid", "at"],
  ["a number of 60,000 digits", reading(`"speedMps":${"9".repeat(60_000)}`), "reading-invalid", "speedMps"],
  ["a lone surrogate", reading('"boot":"\\ud800","speedMps":1'), "reading-invalid", "boot"],
  ["a value from __proto__", reading('"__proto__":{"speedMps":1}'), "reading-invalid", "speedMps"],
  ["a value from constructor.prototype", reading('"constructor":{"prototype":{"speedMps":1}}'), "reading-invalid", "speedMps"],
  ["a duplicate key whose last is wrong", reading('"speedMps":1,"speedMps":"1"'), "reading-invalid", "speedMps"],
  [
    "a bad one among good ones",
    `[${reading('"boot":"q","speedMps":1')},${reading('"speedMps":"1"')},${reading('"boot":"r","speedMps":1')}]`,
    "reading-invalid",
    "1.speedMps",
  ],
];
/** Good readings that the last of PAYLOADS carries beside its bad one. */
export const GOOD_AMONG_POISON = 2;

const TOPICS: readonly (readonly [what: string, topic: string | Buffer, reason: string, shown?: string])[] = [
  ["a wildcard #", "lifts/#", "topic-invalid"],
  ["a wildcard +", "lifts/+/door", "topic-invalid"],
  ["an empty topic", "", "topic-invalid"],
  ["NUL in a topic", "lifts/L1/do\0or", "topic-invalid"],
  ["a topic that is not UTF-8", Buffer.from([0x6c, 0xc3, 0x28]), "topic-invalid", "l\uFFFD("],
  ["a topic of 65,000 bytes", "t".repeat(65_000), "topic-invalid", "t".repeat(512)],
  ["a topic of 60,000 levels", "/".repeat(60_000), "topic-invalid", "/".repeat(512)],
  ["$SYS", "$SYS/broker/uptime", "topic-not-authorized"],
  ["$share", "$share/g/lifts/L1/door", "topic-not-authorized"],
  ["an unknown topic", "hello", "topic-unknown"],
  ["lifts alone", "lifts/", "topic-unknown"],
  ["a lift without a channel", "lifts/L1", "topic-unknown"],
  ["four hundred levels", "/".repeat(400), "topic-unknown"],
  ["a lift without an id", "lifts//door", "lift-id-invalid"],
  ["an id of 65 characters", `lifts/${"i".repeat(65)}/door`, "lift-id-invalid"],
  ["an id with a space", "lifts/L 1/door", "lift-id-invalid"],
  ["an id with dots", "lifts/../door", "lift-id-invalid"],
  ["an id in another script", "lifts/电梯/door", "lift-id-invalid"],
  ["an unknown channel", "lifts/L1/radar", "channel-unknown"],
  ["a level too many", "lifts/L1/door/x", "channel-unknown"],
  ["a channel in capitals", "lifts/L1/Door", "channel-unknown"],
  ["a channel of every object", "lifts/L1/constructor", "channel-unknown"],
];

export function poisons(): Poison[] {
  const payloads = PAYLOADS.map(([what, payload, reason, path], index): Poison => {
    return { what, topic: `lifts/Q${index}/speed`, payload, reason, path: path ?? "" };
  });
  const topics = TOPICS.map(([what, topic, reason, shown]): Poison => {
    return { what, topic, payload: JSON.stringify(VALID.door), reason, path: "", ...(shown === undefined ? {} : { shown }) };
  });
  const oversized = [PAYLOAD_BYTES_MOST + 1, 300_000, 1_100_000].map((bytes): Poison => {
    return {
      what: `${bytes} bytes`,
      topic: `lifts/O${bytes}/door`,
      payload: Buffer.alloc(bytes, " "),
      reason: "payload-too-large",
      oversized: true,
    };
  });
  return [...wrongFields(), ...payloads, ...topics, ...oversized];
}
