/** Made-up traffic for benchmarks: contract payloads of many lifts in a fixed mix, seq without gaps. */
import type { MessageEntry } from "../src/core/entry.ts";

/** 1 message a lift a second: speeds mostly, a door and a status now and then, as a moving lift sends them. */
export function* traffic(lifts: number, messages: number, startAt: number): Generator<MessageEntry> {
  for (let index = 0; index < messages; index++) {
    const lift = index % lifts;
    const seq = Math.floor(index / lifts);
    const at = startAt + seq * 1_000;
    const phase = (seq + lift) % 20;
    const id = `L${lift}`;
    const base = { seq: index + 1, receivedAt: at + 40, kind: "message", source: id, refusal: null } as const;
    if (phase === 0 || phase === 12) {
      const state = phase === 0 ? "closed" : "open";
      yield { ...base, topic: `lifts/${id}/door`, payload: `{"at":${at},"seq":${seq},"boot":"b1","state":"${state}","door":"front"}` };
    } else if (phase === 11) {
      yield {
        ...base,
        topic: `lifts/${id}/status`,
        payload: `{"at":${at},"seq":${seq},"boot":"b1","floor":5,"doorZone":true,"mode":"normal","powered":true,"persons":2,"loadKg":140.5,"tripCount":${seq}}`,
      };
    } else {
      const speed = phase < 11 ? 1.6 : 0;
      yield {
        ...base,
        topic: `lifts/${id}/speed`,
        payload: `{"at":${at},"seq":${seq},"boot":"b1","speedMps":${speed},"floor":${phase},"positionM":${(phase * 2.9).toFixed(2)},"doorZone":${phase > 10},"levelOffsetMm":2.5}`,
      };
    }
  }
}
