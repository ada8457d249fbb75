/** A city's worth of plausible lifts and alerts, always the same ones, for the page's tests and pictures. */
import type { Alert, Hazard, Priority } from "../../src/core/effects.ts";
import type { LiftCondition } from "../../src/core/view.ts";
import { anAlert } from "../alert-rows.ts";
import type { SiteLift } from "./dashboard-site.ts";

/** Registered lifts by district (domain.md §1). */
const DISTRICTS = [
  ["武江", 4697],
  ["浈江", 2745],
  ["乐昌", 1637],
  ["曲江", 1343],
  ["南雄", 1301],
  ["翁源", 1276],
  ["新丰", 1024],
  ["始兴", 999],
  ["乳源", 765],
  ["仁化", 622],
] as const;

export function city(): readonly SiteLift[] {
  return DISTRICTS.flatMap(([district, count]) =>
    Array.from({ length: count }, (_, index): SiteLift => ({
      liftId: `${district}-${index}`,
      district,
      state: conditionOf(index),
      registered: true,
    })),
  );
}

function conditionOf(index: number): LiftCondition {
  if (index % 17 === 3) return "out-of-service";
  if (index % 1201 === 11) return "faulted";
  if (index % 899 === 23) return "silent";
  return index % 701 === 7 ? "unseen" : "in-service";
}

let made = 0;

export function alert(hazard: Hazard, priority: Priority, ageMs: number, more: Partial<Alert> = {}): Alert {
  made += 1;
  const at = Date.now() - ageMs;
  return anAlert({
    id: `01JD${String(made).padStart(22, "0")}`,
    liftId: `SG-WJ-${1000 + made}`,
    hazard,
    priority,
    raisedAt: at,
    detectedAt: at + 400,
    entries: { first: made, last: made },
    lift: { district: "武江", building: "碧桂园凤凰城12栋", firm: "韶关电梯维保有限公司" },
    ...more,
  });
}

function place(district: string, building: string): Pick<Alert, "lift"> {
  return { lift: { district, building, firm: "韶关电梯维保有限公司" } };
}

/** A busy quarter of an hour in the night. */
export function busyNight(): readonly Alert[] {
  const s = 1_000;
  const min = 60 * s;
  return [
    alert("entrapment", "critical", 6 * min + 12 * s, { details: { floor: 7, persons: 2, speedMps: 0 }, ...place("浈江", "中环广场A座") }),
    alert("entrapment-at-level", "critical", 71 * s, {
      evidence: "suspected",
      details: { floor: 1, persons: 1 },
      ...place("武江", "沃尔玛西河店"),
    }),
    alert("unintended-movement", "critical", 19 * min, {
      acknowledged: true,
      details: { floor: 14, speedMps: 0.42 },
      ...place("乐昌", "乐昌市人民医院住院楼"),
    }),
    alert("overspeed", "high", 3 * min, { details: { floor: 22, speedMps: 1.94 }, occurrences: 3 }),
    alert("stopped-outside-door-zone", "high", 42 * min, { acknowledged: true, details: { floor: 3 }, ...place("曲江", "马坝花园3栋") }),
    alert("reported-fault", "high", 2 * 3_600 * s, {
      details: { floor: 9, faults: [{ code: "06", canonical: "06", dialect: "gb24476", since: 0 }] },
      ...place("南雄", "雄州大厦"),
    }),
    alert("reported-fault", "medium", 25 * min, {
      acknowledged: true,
      details: { faults: [{ code: "E41", canonical: null, dialect: "vendor-x", since: 0 }] },
      ...place("翁源", "翁城商业中心"),
    }),
    alert("silent", "medium", 14 * min, { liftId: "UNREG-88", lift: { district: null, building: null, firm: null } }),
    alert("silent", "medium", 71 * 3_600 * s, { acknowledged: true, ...place("新丰", "丰城大酒店") }),
    alert("door-held-open", "low", 4 * min, { details: { floor: 2 }, occurrences: 7, ...place("始兴", "始兴汽车站") }),
    alert("door-open-while-running", "critical", 9 * min, { suppressedBy: "mode:inspection", details: { floor: 5 } }),
    alert("silent", "medium", 50 * min, { suppressedBy: "mode:out-of-service", ...place("仁化", "丹霞山游客中心") }),
    alert("overspeed", "high", 30 * min, {
      state: "cleared",
      clearedAt: Date.now() - 28 * min,
      details: { speedMps: 1.3 },
      ...place("乳源", "民族宾馆"),
    }),
    alert("entrapment", "critical", 95 * min, {
      state: "cleared",
      acknowledged: true,
      clearedAt: Date.now() - 71 * min,
      ...place("武江", "工业西路小区8栋"),
    }),
  ];
}
