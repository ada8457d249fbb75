/** What the page of trends says, in English. Its shape is what every other language must have. */
import type { LiftKind } from "../../../../src/core/lift.ts";
import type { Work } from "../../../../src/core/entry.ts";
import type { Use } from "../../../../src/core/building-use.ts";
import type { Dimension } from "../../../../src/trends/questions/grouping.ts";
import type { Against, Show } from "./choice.ts";
import type { Change, Standing } from "./verdict.ts";

const number = new Intl.NumberFormat("en");
const plural = new Intl.PluralRules("en");
const count = (n: number, one: string, many: string): string => `${number.format(n)} ${plural.select(n) === "one" ? one : many}`;
const HOURS_A_MONTH = 30.4375 * 24;
const often = (times: number): string => (times === 1 ? "once" : count(times, "time", "times"));

export const en = {
  title: "Trends",
  shows: {
    rates: "Fault rate",
    ranking: "Ranking",
    rescue: "People shut in",
    life: "Service life",
    index: "Evaluation index",
    compare: "Compare periods",
    works: "Did work help?",
    lifts: "Lifts",
  } satisfies Record<Show, string>,
  showsTitle: "Figures",
  by: "By",
  dimensions: {
    district: "district",
    firm: "maintenance firm",
    maker: "maker",
    model: "model",
    ageBand: "age",
    kind: "kind",
    use: "use of the building",
    building: "building",
    lift: "lift",
    all: "all lifts",
  } satisfies Record<Dimension, string>,
  kinds: {
    passenger: "Passenger lift",
    freight: "Freight lift",
    dumbwaiter: "Dumbwaiter",
    escalator: "Escalator or moving walk",
  } satisfies Record<LiftKind, string>,
  uses: {
    residential: "Residential",
    office: "Office",
    mall: "Mall or station",
    hospital: "Hospital",
    hotel: "Hotel",
    industrial: "Industrial",
  } satisfies Record<Use, string>,
  years: (band: string) => `${band.replace("-", "–")} years`,
  notInRegister: "not in the register",
  from: "From",
  to: "To",
  soFar: "so far",
  against: "Compared with",
  againsts: { year: "the same months a year earlier", before: "the months just before" } satisfies Record<Against, string>,
  csv: "Download as CSV",
  csvMore: (n: number) => `The file has the first ${number.format(n)} rows.`,
  print: "Print",
  loading: "Reckoning …",
  failed: "The program could not answer:",
  again: "Ask again",
  nothing: "Nothing is known of these lifts in these months.",
  noHistory:
    "No faults and no time in service are known yet. Trends begin with what the program counts itself; years that are past come in with `hoistway import-events`.",
  tooLittle: "Too little to tell.",
  soFarTitle: "There is too little behind these figures yet",
  soFarKnown: (liftMonths: string, faults: number) =>
    `Of these months ${liftMonths} in service are known, with ${count(faults, "stopping fault", "stopping faults")}. A rate from that would be a guess.`,
  soFarWhen: (lifts: number, days: number) =>
    `Rates and their intervals are shown from one lift-month on, places in a ranking from 30. With ${count(lifts, "lift", "lifts")} in service, 30 are there after ${count(days, "day", "days")}.`,
  soFarImport: "Years that are past come in with `hoistway import-events`. What goes on now is in the monitoring centre.",
  soFarLonger: "A longer period may hold more:",
  soFarAll: "all months that are known",
  liftMonths: (n: number) =>
    n < 0.1
      ? count(Math.round(n * HOURS_A_MONTH), "lift-hour", "lift-hours")
      : count(n < 10 ? Math.round(n * 10) / 10 : Math.round(n), "lift-month", "lift-months"),
  amongChosen: "With filters set, groups are compared among the chosen lifts alone, not with the whole fleet.",
  itsLifts: "The lifts behind these figures",
  interval: (low: string, high: string) => `${low} to ${high}`,
  orMore: (low: string) => `${low} or more`,
  intervalHead: "95 % interval",
  filters: (n: number) => (n === 0 ? "Filters" : `Filters (${number.format(n)} set)`),
  ofAll: "all of them",
  list: ", ",
  stop: ";",
  comma: ", ",
  months: (from: string, to: string) => (from === to ? from : `${from} to ${to}`),
  firstRows: (shown: number, total: number) => `The first ${number.format(shown)} of ${number.format(total)}.`,
  more: "Show more",
  standings: {
    "too-few": "too few to rank",
    twice: "likely above twice the rate of all",
    "far-above": "above what chance allows",
    above: "somewhat above: watch",
    higher: "above the rate of all",
    usual: "within the usual spread",
    within: "within chance",
    lower: "below the rate of all",
    below: "somewhat below",
    "far-below": "below what chance allows",
  } satisfies Record<Standing, string>,
  changes: {
    unknown: "too little to compare",
    within: "no difference beyond chance",
    "perhaps-worse": "perhaps worse",
    "perhaps-better": "perhaps better",
    worse: "worse",
    better: "better",
  } satisfies Record<Change, string>,
  columns: {
    faults: "Faults",
    episodes: "Episodes",
    liftMonths: "Lift-months",
    rate: "Episodes a lift-month",
    fair: "Against what is expected",
    ratioShort: "Episodes ÷ expected",
    shrunk: "Likely rate",
    verdict: "What it is worth",
    twice: "Chance of more than twice all",
    place: "Place",
    entrapments: "Times",
    entrapmentRate: "A hundred lift-months",
    monthly: "Monthly rate, %",
    timed: "timed",
    response: (minutes: number) => `Sent within ${minutes} min`,
    arrival: (minutes: number) => `There within ${minutes} min`,
    rescue: "Median from arrival until out",
    month: "Month",
    age: "Age",
    lifts: "Lifts seen",
    mean: "Mean faults by that age",
    perYear: "In the year before",
    index: "Index",
    grade: "Grade",
    lostFaults: "Lost to faults",
    lostAge: "Lost to age",
    years: "Mean age",
    places: "Place, and with other weights",
    before: "Before",
    after: "After",
    ratio: "After ÷ before",
    building: "Building",
  },
  rates: {
    title: "How often lifts fail",
    sentence: (faults: number, episodes: number, liftMonths: string) =>
      faults === 0
        ? `No stopping fault in ${liftMonths} in service.`
        : `${count(faults, "stopping fault", "stopping faults")} in ${liftMonths} in service; ${number.format(episodes)} of them ${plural.select(episodes) === "one" ? "begins" : "begin"} an episode, which is what rates count.`,
    rate: (rate: string, interval: string) => `${rate} episodes a lift-month (${interval}).`,
    yearly: (times: string) => `A lift fails ${times} times a year in the mean.`,
    byMonth: "Episodes a lift-month, by month",
    byMonthTable: "The figures by month",
    band: "The band is the 95 % interval.",
    oneMonth: "One month has no course yet; it stands in the table.",
    byGroup: (by: string) => `By ${by}`,
    fairNote:
      "Expected: what lifts of the same age, kind, use and floors have among all that are chosen. 1 is as expected; nobody is blamed for old lifts. Whether a group is out is judged against the funnel below.",
    plainNote: "The line marks the rate of all of them. A group is above or below where its whole interval is.",
    month: (month: string, rate: string, interval: string) => `${month}: ${rate} (${interval})`,
    plotDescription: (n: number, least: string, leastMonth: string, most: string, mostMonth: string) =>
      `${count(n, "month", "months")}; least ${least} in ${leastMonth}, most ${most} in ${mostMonth}. All figures are in the table below.`,
  },
  funnel: {
    title: (by: string) => `Funnel: is any ${by} outside what chance and the usual spread bring?`,
    x: "Episodes expected",
    y: "Episodes ÷ expected",
    description: (n: number, above: number, below: number) =>
      `${number.format(n)} groups; ${number.format(above)} above the outer limit, ${number.format(below)} below it. All figures are in the table.`,
    limits: "Dashed: 95 %. Solid: 99.8 %.",
    spread: "Groups differ among themselves more than chance alone would have it; the limits allow for that.",
    noSpread: "Groups differ among themselves no more than by chance.",
    out: (list: string) => `Above the outer limit: ${list}.`,
    noneOut: "None is above the outer limit.",
  },
  ranking: {
    title: (by: string) => `Ranking by ${by}`,
    note: (month: string) =>
      `As of ${month}, from 24 months of which each counts 0.8 of the one after it. Rates are drawn towards that of all, the more so the less is known; the line beside each is where it lies with 95 % probability. Where intervals overlap, their order may well be chance.`,
    fair: "Episodes ÷ expected",
    told: (n: number, groups: number) =>
      n === 0
        ? `Of ${number.format(groups)} ranked, none has its whole interval above the rate of all together. Their order says little.`
        : `Of ${number.format(groups)} ranked, ${number.format(n)} ${n === 1 ? "has its" : "have their"} whole interval above the rate of all together. The order of the rest says little.`,
    tooFew: (n: number) => `${count(n, "group has", "groups have")} under 30 lift-months: too few to rank; shown at the end, hollow.`,
  },
  rescue: {
    title: "People shut in, and how they were helped",
    sentence: (times: number, liftMonths: string) =>
      times === 0
        ? `Nobody was shut in, in ${liftMonths} in service.`
        : `People were shut in ${often(times)}, in ${liftMonths} in service.`,
    rate: "A hundred lift-months",
    sent: (minutes: number) => `Somebody sent within ${minutes} minutes`,
    there: (minutes: number) => `Somebody there within ${minutes} minutes`,
    out: "From arrival until out",
    of: (within: string, timed: string, all: string) => `${within} of ${timed} that were timed, of ${all}`,
    noneTimed: (all: number) => (all === 0 ? "nobody was shut in" : `none of ${number.format(all)} was timed`),
    medianP95: (median: string, p95: string) => `median ${median} min; 19 in 20 within ${p95} min`,
    fewTimed: (n: number) => `only ${number.format(n)} timed: too few for an interval`,
    byMonth: "Times a hundred lift-months, by month",
    monthlyNote: "Monthly rate: times in passenger lifts in the month ÷ passenger lifts in use at its end, per cent (月困人率).",
    none: "not timed",
    minutes: (n: string) => `${n} min`,
  },
  life: {
    title: "Service life: mean faults of a lift by its age",
    note: "The slope is the fault rate at that age: where a curve bends upwards, lifts wear. The band is the 95 % interval. Ages at which fewer than 10 lifts were seen are not drawn. Scrapped lifts are missing, so the curve at high ages is of those that lasted.",
    x: "Age, years",
    y: "Mean episodes of a lift",
    lackAge: (n: number) => `${count(n, "lift", "lifts")} without a date of installation are in no curve.`,
    byAge: "The figures by age",
    tooFew: "No age was seen in 10 lifts: too few to draw a curve.",
    curves: (n: number) => `The ${number.format(n)} groups with the most lifts are drawn; the table has all.`,
    description: (n: number, name: string, age: string, mean: string) =>
      `${count(n, "curve", "curves")}; ${name} reaches ${mean} faults at ${age} years. All figures are in the table.`,
    bends: (early: string, late: string) =>
      `In the first five years seen a lift fails ${early} times a year, in the last five ${late} times.`,
  },
  index: {
    title: (by: string) => `Evaluation index by ${by}`,
    note: "100 × 2^(−burden), burden = 0.7 × fault rate ÷ reference + 0.3 × mean of (age ÷ 15 years)². 100 is a new lift without faults; 50 is a lift of 15 years with the reference rate. Grades: A from 70, B from 50, C from 30, D below.",
    formula: "The whole of it is in docs/index.md.",
    parts: "Index, and points lost to faults and to age",
    legend: { index: "index", faults: "lost to faults", age: "lost to age" },
    sure: "sure",
    or: (grades: string) => `or ${grades}`,
    sensitivity: "What the ranking owes to the weights",
    weights: (w: string, years: string) => `Faults ${w}, service life ${years} years`,
    correlation: "Rank correlation with the published one",
    kept: "Of the worst tenth stay in it",
    lackAge: (n: number) => `${count(n, "group has", "groups have")} no lift whose age is known, and so no index.`,
    placeOf: (rank: string, best: string, worst: string) => `${rank} (${best}–${worst})`,
    notProof:
      "It proves nothing about one lift, and says nothing of hazards, inspections or the law. For the quality of a firm's work read the funnel.",
  },
  compare: {
    title: "Period against period",
    periods: (after: string, before: string) => `${after}, compared with ${before}.`,
    faults: "Fault rate",
    entrapments: "People shut in",
    ratioNote:
      "After ÷ before, on a logarithmic axis: left of the line is better. A change is called so only where as many looks as there are rows would not bring it by chance; “perhaps” is what one look in twenty shows by chance.",
    rates: { before: "Before: episodes a lift-month", after: "After: episodes a lift-month" },
    times: (ratio: string, interval: string) => `${ratio} times the earlier rate (${interval})`,
    counts: (before: string, after: string) => `${before} before, ${after} after.`,
    noneBefore: "none before",
    noExposure: "Of the earlier months nothing is known, so there is nothing to compare with.",
  },
  works: {
    title: "Did work on lifts change how often they fail?",
    work: "Work",
    kinds: { repair: "Repairs", modernisation: "Modernisations", maintenance: "Maintenance" } satisfies Record<Work, string>,
    none: (kind: string) =>
      `${kind}: none is known that began in these months. Work orders come in as they are told (POST /api/lifts/ID/work-orders), or with \`hoistway import-events\`.`,
    noneHere: "None is known that began in these months.",
    sentence: (kind: string, works: number, counted: number, days: number) =>
      `${kind}: ${number.format(works)} began in these months. ${number.format(counted)} of them count: of a lift none within the ${number.format(days)} days after another that counts, nor any without a record before and after.`,
    found: (episodes: number, expected: string, ratio: string, interval: string) =>
      `${count(episodes, "episode", "episodes")} came where ${expected} were to be expected: ${ratio} times as many (${interval}):`,
    note: "Work is ordered after bad weeks, and after bad weeks come better ones whatever is done. So the time after is not held against the time before, but against what the lift's whole record and the lifts of its kind let expect, had the work changed nothing. Left of the line is better.",
    told: (tested: number, better: number, worse: number) =>
      better + worse === 0
        ? `Of ${number.format(tested)} that can be judged, none is told from chance.`
        : `Of ${number.format(tested)} that can be judged, ${number.format(better)} went better, and ${number.format(worse)} worse, than chance allows; of these one in twenty may still be chance.`,
    few: "After one repair a lift seldom has enough faults to tell. Groups show more.",
    each: "Each work order",
    surest: (n: number) => `The surest ${number.format(n)} are shown; the file has more.`,
    verdicts: { better: "better", worse: "worse", within: "no difference beyond chance", early: "too early, or no record" },
    ratio: "After ÷ expected",
    expected: "Episodes expected after",
    after: "Episodes after",
    before: "Before: a lift-month",
    since: "After: a lift-month",
    count: "Work orders",
    further: "More such work after",
    at: "Begun",
  },
  lifts: {
    title: "The lifts behind the figures",
    all: "of all lifts",
    choose: "Choose a district, a firm or another filter first: the whole fleet's lifts are ranked under Ranking, by lift.",
    ranking: "Ranking by lift",
    sums: (lifts: string, faults: number, episodes: number, shutIn: number) =>
      `${lifts} in service; together ${count(faults, "stopping fault", "stopping faults")}, ${count(episodes, "episode", "episodes")}, people shut in ${often(shutIn)}.`,
    lifts: (n: number) => count(n, "lift", "lifts"),
    alike: "Between these lifts the counts show no difference beyond chance, so each has the rate of all of them.",
    caution:
      "One lift seldom has enough faults to tell bad luck from a bad lift. The line is where its rate lies with 95 % probability, drawn towards that of these lifts.",
    shutIn: "Shut in",
  },
};
