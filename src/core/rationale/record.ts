/** The shape of a rationalisation record (after ISA-18.2): why an alarm exists, and what somebody is to do about it. */

/** The same in both languages of the product. */
export interface Words {
  readonly en: string;
  readonly zh: string;
}

/** Who is to act: the operator at the screen, the maintenance firm on site, its engineer at the desk, or whoever keeps the devices and links. */
export const OWNERS = {
  operator: { en: "duty operator", zh: "值班员" },
  mechanic: { en: "maintenance firm, on site", zh: "维保单位（现场）" },
  engineer: { en: "maintenance firm, planning", zh: "维保单位（技术）" },
  devices: { en: "keeper of devices and links", zh: "设备与网络管理员" },
} as const satisfies Readonly<Record<string, Words>>;
export type Owner = keyof typeof OWNERS;

/** Texts are for people; `respondWithinMs` is the time from the alert until acting no longer helps as it should. */
export interface RationaleRecord {
  readonly cause: Words;
  readonly consequence: Words;
  readonly action: Words;
  readonly owner: Owner;
  readonly respondWithinMs: number;
  /** Where the time to respond comes from: domain.md, or an assumption (A). */
  readonly respondSource: string;
  /** Raised with each change of the record's content. */
  readonly revision: number;
}

export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;
export const DAY_MS = 86_400_000;

/** Answered at once: an operator's first act is due within the three minutes of the dispatch target (domain.md §5). */
export const AT_ONCE = {
  owner: "operator",
  respondWithinMs: 3 * MINUTE_MS,
  respondSource: "domain.md §5: dispatch accepted within 3 min",
  revision: 1,
} as const;
/** The same, and on site within the duty of half an hour. */
export const ON_SITE = {
  owner: "mechanic",
  respondWithinMs: 30 * MINUTE_MS,
  respondSource: "domain.md §5: on site within 30 min; applied to this hazard: A",
  revision: 1,
} as const;
export const SAME_DAY = { owner: "mechanic", respondWithinMs: DAY_MS, respondSource: "A: within the day", revision: 1 } as const;
export const NEXT_VISIT = {
  owner: "engineer",
  respondWithinMs: 14 * DAY_MS,
  respondSource: "A: by the next maintenance visit, at most half a month away",
  revision: 1,
} as const;
