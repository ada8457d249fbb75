/**
 * How often what befalls a lift, and why: the calibration of the random process. Rates are means over the fleet per lift-year.
 * Marks as in docs/simulator.md: source (domain.md §6), computed (from public outage records), assumption.
 */

/** Unplanned stops that need people: a rescue, or a repair. Counted in episodes, i.e. without repeats. Source. */
export const STOPPING_FAULTS = 0.33;
/** Those that trap somebody; 0.20 of the stopping faults, which 0.065 / 0.33 = 0.197 meets. Source. */
export const ENTRAPMENTS = 0.065;
/** Shape of the Gamma distribution of lift-level rates, so the k of the negative binomial counts. Source. */
export const RATE_SHAPE = 1.2;

/** Why people are trapped, percent. The first four groups and the two parts named within them: source; other parts: assumption. */
export const ENTRAPMENT_CAUSES = {
  "mains-failure": 22,
  "external-other": 8,
  "rubbish-in-sill": 15,
  misuse: 12,
  "door-system": 14,
  control: 11,
  other: 18,
} as const;
export type Cause = keyof typeof ENTRAPMENT_CAUSES;

/** Why a lift stops without trapping anybody, percent: assumption, doors first as all trade statistics have it. Mains failures are told of by themselves. */
export const STOP_CAUSES: Readonly<Partial<Record<Cause, number>>> = {
  "external-other": 6,
  "rubbish-in-sill": 12,
  misuse: 10,
  "door-system": 38,
  control: 20,
  other: 14,
};

/** Share of entrapments with the car at its level, by cause: a door that will not open leaves the car at its landing (assumption). */
export const AT_LEVEL: Readonly<Record<Cause, number>> = {
  "mains-failure": 0,
  "external-other": 0.1,
  "rubbish-in-sill": 0.7,
  misuse: 0.2,
  "door-system": 0.7,
  control: 0.15,
  other: 0.25,
};

/** Canonical codes that a controller reports, by cause (assumption; the codes themselves: domain.md §2). */
export const CODES: Readonly<Record<Cause, readonly string[]>> = {
  "mains-failure": ["41"],
  "external-other": ["08"],
  "rubbish-in-sill": ["02"],
  misuse: ["02", "03", "01"],
  "door-system": ["02", "03", "01"],
  control: ["06", "07", "08"],
  other: ["04", "08"],
};
/** Of an escalator or moving walk, whatever the cause: safety circuit, missing step, other (assumption). */
export const ESCALATOR_CODES: readonly string[] = ["61", "61", "61", "64", "65", "65"];

/** Share of the stops without anybody inside that leave the car between floors (assumption). */
export const STOPPED_OUTSIDE = 0.12;

/**
 * Chance that a repair does not hold. With 0.29 the dispersion of one lift's counts is (1 + r) / (1 - r) = 1.81, as computed from the
 * Washington metro's lifts (DC Metro Metrics, ODbL 1.0), which falls to 1.03 for episodes more than 3 days apart; hence the days.
 */
export const REPEAT = { chance: 0.29, withinDays: 3, meanDays: 1, most: 4 } as const;

/** Dangerous and rare, per lift-year (assumptions). */
export const DANGEROUS: Readonly<Record<string, number>> = {
  overspeed: 0.002,
  "door-open-while-running": 0.002,
  "unintended-movement": 0.001,
  overtravel: 0.001,
};
/** The same for an escalator or moving walk (assumptions). */
export const DANGEROUS_ESCALATOR: Readonly<Record<string, number>> = {
  "escalator-overspeed": 0.003,
  "escalator-reversal": 0.002,
  "escalator-missing-step": 0.004,
  "handrail-deviation": 0.02,
};
/** What annoys and passes, per lift-year (assumptions; one a lift-week would be 2,200 a day in the city: domain.md §4). */
export const NUISANCES: Readonly<Record<string, number>> = { "door-held-open": 6, "door-cycling": 1.5, "frozen-signal": 0.05 };
/** A device that dies or loses its network alone, per lift-year; whole buildings and districts besides (assumptions). */
export const SILENCES = 0.5;

/**
 * Mains failures. A lift loses power 1.5 times a year: 0.3 by its own building, 1.2 by a failure of its district's net (assumption).
 * `share` of a district's buildings goes out at once: a feeder, a substation, or the whole district.
 */
export const MAINS = {
  buildingPerYear: 0.3,
  districtPerLiftYear: 1.2,
  sizes: [
    { weight: 0.83, share: [0.02, 0.08] },
    { weight: 0.165, share: [0.15, 0.4] },
    { weight: 0.005, share: [0.8, 1] },
  ],
  /** Median and sigma of the logarithm of the outage, min; cut at 12 h. */
  outageMin: { median: 45, sigma: 0.9, most: 720 },
  /** Each building comes back so long after the net, mean, min; at most 20. */
  returnMin: { mean: 2.5, most: 20 },
  /** Lifts whose rescue device brings the car to a level and opens it when power fails, and how often even that fails. */
  rescueDevice: 0.45,
  rescueDeviceFails: 0.15,
  /** Devices with a battery, which report the failure and fall silent when it is empty; the others are silent at once. */
  battery: 0.6,
  batteryMin: [8, 40],
} as const;

/** Networks that fail: a building's gateway or uplink, a carrier's cell in a district (assumptions). */
export const NETWORK = {
  buildingPerYear: 0.75,
  districtPerYear: 0.5,
  share: [0.1, 0.6],
  outageMin: { median: 12, sigma: 1, most: 720 },
} as const;

/** How long people and repairs take, minutes. */
export const DURATIONS = {
  /** From the fault to the call: trapped people call soon, a lift that merely stands is found (assumptions). */
  trappedCall: { least: 0.5, mean: 2 },
  stopCall: { least: 1, mean: 20 },
  /** Lognormal (mean, sigma of the logarithm): source; 0.4 % come above 30 min. */
  arrival: { mean: 11.5, sigma: 0.39 },
  /** Mean: source; the spread: assumption. */
  rescue: { mean: 5, sigma: 0.5 },
  /** From the fault until the lift runs again: lognormal, p50 2.7 h and p95 19 h (source: 2 to 3.4 h, 16 to 22 h), cut at 14 days. */
  repair: { median: 162, sigma: 1.19, most: 20_160 },
  /** Once on site, a repair takes at least so long (assumption). */
  leastRepair: 5,
  /** A silence by itself (assumption). */
  silence: { median: 20, sigma: 1.2, most: 1_440 },
  doorHeld: { least: 2.1, mean: 3 },
} as const;

/** Near misses per lift-year, all kinds together: things that look like a hazard and must not alarm (assumption). */
export const NEAR_MISS_RATE = 2;
