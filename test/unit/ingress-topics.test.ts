import { describe, expect, it } from "vitest";
import { judgeTopic, TopicJudge, TOPIC_BYTES } from "../../src/ingress/topics.ts";

/** May publish for L1 and for a lift whose name is another's beginning. */
function identity() {
  const asked: string[] = [];
  return { name: "L1", asked, mayPublish: (liftId: string) => (asked.push(liftId), liftId === "L1" || liftId === "L") };
}

const cases: [topic: string, refusal: string | null][] = [
  ["lifts/L1/door", null],
  ["lifts/L1/anything", null],
  ["lifts/L1", null],
  ["lifts/L1/", null],
  ["lifts/L1/door/of/many/levels", null],
  ["lifts/L/door", null],
  ["lifts/L2/door", "topic-not-authorized"],
  ["lifts/L11/door", "topic-not-authorized"],
  ["lifts/L2", "topic-not-authorized"],
  ["lifts/ L1/door", "topic-not-authorized"],
  ["lifts/l1/door", "topic-not-authorized"],
  ["lifts/__proto__/door", "topic-not-authorized"],
  ["lifts//door", null],
  ["lifts/", null],
  ["lifts", null],
  ["Lifts/L2/door", null],
  ["/lifts/L2/door", null],
  ["other/topic", null],
  ["/", null],
  ["a".repeat(TOPIC_BYTES), null],
  ["/".repeat(TOPIC_BYTES), null],
  ["$SYS/broker/uptime", "topic-not-authorized"],
  ["$share/group/lifts/L1/door", "topic-not-authorized"],
  ["", "topic-invalid"],
  ["lifts/+/door", "topic-invalid"],
  ["lifts/#", "topic-invalid"],
  ["#", "topic-invalid"],
  ["lifts/L1/door\0", "topic-invalid"],
  ["\0", "topic-invalid"],
  ["a".repeat(TOPIC_BYTES + 1), "topic-invalid"],
];

describe("topics", () => {
  it.each(cases)("judges %j as %j, from text and from bytes, the first time and again", (topic, refusal) => {
    expect(judgeTopic(topic, identity()).refusal).toBe(refusal);
    const bytes = Buffer.concat([Buffer.from("xx"), Buffer.from(topic), Buffer.from("yy")]);
    const judge = new TopicJudge(identity());
    const expected = { topic: topic.slice(0, TOPIC_BYTES), refusal };
    expect(judge.judge(bytes, 2, bytes.length - 2)).toEqual(expected);
    expect(judge.judge(bytes, 2, bytes.length - 2)).toEqual(expected);
  });

  it("refuses bytes that are not UTF-8, and still gives their lossy reading", () => {
    for (const hex of ["ff", "c0af", "eda080", "f5808080", "6c69667473c3"]) {
      const bytes = Buffer.from(hex, "hex");
      expect(new TopicJudge(identity()).judge(bytes, 0, bytes.length)).toEqual({ topic: bytes.toString(), refusal: "topic-invalid" });
    }
  });

  it("takes letters beyond ASCII, and never mixes two topics that share a beginning", () => {
    const judge = new TopicJudge(identity());
    for (const topic of ["lifts/L1/门", "lifts/L1/é", "lifts/L1/e", "lifts/L1", "lifts/L1/门"]) {
      const bytes = Buffer.from(topic);
      expect(judge.judge(bytes, 0, bytes.length)).toEqual({ topic, refusal: null });
    }
  });

  it("asks for the right to a topic once, not once a message, and forgets topics beyond a bound", () => {
    const who = identity();
    const judge = new TopicJudge(who);
    const publish = (topic: string) => judge.judge(Buffer.from(topic), 0, Buffer.byteLength(topic));
    for (let time = 0; time < 1000; time++) publish("lifts/L1/door");
    expect(who.asked).toEqual(["L1"]);
    for (let index = 0; index < 10_000; index++) publish(`lifts/L1/${index}`);
    publish("lifts/L1/door");
    expect(who.asked).toHaveLength(10_002);
  });
});
