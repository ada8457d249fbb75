/** Bounds of trends and of imported histories: a part of LIMITS (src/config.ts). Bytes and ms unless the name says otherwise. */
export const TREND_LIMITS = {
  history: {
    /** Imported events in all: thirty city-years at 60,000 a year. They are in memory while they are read, at some 300 bytes each. */
    events: 2_000_000,
    /** Bad rows named one by one; a file with more has told enough. */
    defects: 10_000,
    /** One row: hundreds of columns, and a free text. */
    recordChars: 64 * 1024,
    noteChars: 200,
    /** Written at a time. */
    rows: 10_000,
  },
  trends: {
    /** Days of the fleet read from the store at a time: a month of the city, some 25 MB and a quarter of a second of its worker. */
    loadRows: 500_000,
    loadDays: 31,
    /** Alerts read at a time, some 15 MB: each page is sorted out of all of them. */
    loadAlerts: 10_000,
    /** A copy of the facts on the disk: twenty years of a city are 720 MB. What is larger is read from the store at each start. */
    copyBytes: 1024 ** 3,
    /** Days of lifts below which no copy is kept: reading them from the store takes half a second. */
    copyLeast: 500_000,
    /** Days of the site before the copy's last one that are read again: the running day's counts change, and a zone may be changed by a day. */
    copyAgainDays: 3,
    /** A question may hold its thread for so long at a time; others wait. */
    sliceMs: 3,
    /** A question waits so long for facts that are being read at a start; then it is 503. */
    waitMs: 20_000,
    /** Rows of one answer; more is asked for page by page. */
    page: 20_000,
    /**
     * The same of rows by day, week or month, of curves by age and of indices: nobody wants them all at once as a city's 16,409 lifts, and a row
     * costs 10 µs.
     */
    seriesPage: 10_000,
    pageDefault: 5_000,
    /** Of rankings and indices: nobody reads more, and the probabilities of its grades make an index cost ten times a rate. */
    shortPageDefault: 1_000,
    /** Of before and after: an interval of a ratio takes some 20 µs. */
    testedPage: 2_000,
    /** Groups times buckets that one question may add up: three years' days of every firm, maker and model of the city together. */
    cells: 2_000_000,
    /** Days of one question: twenty years. */
    days: 7_320,
    /** Days before a work order that count: what is older says little of the lift as it was. */
    beforeDays: 1_096,
    /** Days after a work order that a question may ask for: at least two weeks, at most two years; half a year unless it says. */
    afterDaysLeast: 14,
    afterDays: 730,
    afterDaysDefault: 180,
    /** Kinds of question (by what, of which lifts) whose groups of lifts are kept: what a page and a report ask; some 100 KB each of a city. */
    groupings: 32,
    /**
     * Cells of sums by day and group that are kept, 40 bytes each: three years by district, firm, maker, model, kind, age and use are some 200,000. Of groups
     * as many as buildings a month has more than a question by day can ask for often.
     */
    keptCells: 500_000,
    keptMonthCells: 6_200,
    /** Last days that are added up so when the facts are there: three years. */
    preparedDays: 1_096,
    /** Questions under way at once; others are answered 503. */
    questions: 4,
  },
} as const;
