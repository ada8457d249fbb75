/**
 * What the dialects of fault codes call things (domain.md §2, source), as data: raw code, and the canonical code that means the
 * same, or null where the canonical set has none. `gb24476` is the canonical set itself.
 */

export const DIALECTS = ["gb24476", "chongqing", "city-sql", "city-b", "inspur", "shmashine"] as const;
export type Dialect = (typeof DIALECTS)[number];

interface DialectTable {
  /** Codes that are not in the table mean what they mean in the canonical set. */
  readonly extendsCanonical: boolean;
  readonly codes: readonly (readonly [raw: string, meaning: string, canonical: string | null])[];
}

export const DIALECT_CODES: Readonly<Record<Dialect, DialectTable>> = {
  gb24476: { extendsCanonical: true, codes: [] },
  chongqing: {
    extendsCanonical: true,
    codes: [
      ["91", "bottom overrun", null],
      ["92", "top overrun", null],
      ["93", "shut in at level", null],
    ],
  },
  "city-sql": {
    extendsCanonical: true,
    codes: [
      ["09", "top overrun", null],
      ["10", "bottom overrun", null],
      ["11", "entrapment", null],
    ],
  },
  "city-b": {
    extendsCanonical: true,
    codes: [
      ["08", "door opened while running", null],
      ["09", "top overrun", null],
      ["10", "bottom overrun", null],
      ["11", "overspeed", null],
      ["12", "moving with door open", null],
      ["13", "run time exceeded", "06"],
      ["14", "repeated door cycling", null],
      ["15", "alarm button", "90"],
      ["99", "other", "08"],
    ],
  },
  inspur: {
    extendsCanonical: false,
    codes: [
      ["1", "entrapment", null],
      ["2", "moving with door open", "05"],
      ["3", "stopped outside zone", "04"],
      ["4", "top overrun", null],
      ["5", "bottom overrun", null],
      ["6", "overspeed", null],
    ],
  },
  shmashine: {
    extendsCanonical: false,
    codes: [
      ["1", "top overrun", null],
      ["2", "bottom overrun", null],
      ["3", "overspeed", null],
      ["4", "door opened running", null],
      ["5", "moving with door open", "05"],
      ["6", "stopped outside zone", "04"],
      ["7", "shut in at level", null],
      ["8", "entrapment between floors", null],
      ["9", "power off", "41"],
      ["10", "safety circuit", "01"],
      ["11", "door open fault", "03"],
      ["12", "door close fault", "02"],
      ["13", "door lock", null],
      ["14", "stuck button", null],
      ["15", "speed abnormal", null],
      ["16", "brake", null],
      ["17", "run time", "06"],
      ["18", "temperature", null],
      ["19", "floor lost", "07"],
      ["20", "door blocked", null],
      ["21", "passenger alarm", "90"],
      ["22", "battery", null],
      ["23", "escalator safety circuit", "61"],
      ["24", "escalator overspeed", "62"],
      ["25", "escalator reversal", "63"],
      ["26", "escalator step missing", "64"],
      ["27", "escalator other", "65"],
      ["33", "pallet missing", "64"],
      ["34", "brake not released", null],
      ["35", "comb stuck", null],
    ],
  },
};

/** The raw code by which a device of this dialect says a canonical one, or null where it has no word for it. */
export function rawCode(dialect: Dialect, canonical: string): string | null {
  const { extendsCanonical, codes } = DIALECT_CODES[dialect];
  const said = codes.find(([, , meaning]) => meaning === canonical);
  if (said !== undefined) return said[0];
  // A number that the dialect gave another meaning cannot say the canonical one any more.
  return extendsCanonical && !codes.some(([raw]) => raw === canonical) ? canonical : null;
}
