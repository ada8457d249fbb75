/** Bounds of the verbs, of the simulator, and of what they ask of a running program: a part of LIMITS (src/config.ts). Bytes and ms unless the name says otherwise. */
export const VERB_LIMITS = {
  backup: {
    /** The journal keeps everything, and the store waits, for at most so long: more than a slow disk needs for the largest journal. */
    holdMs: 2 * 3_600_000,
    /** A held connection says so often that it is there; well below `control.idleMs`. */
    beatMs: 5_000,
    /** Read and written at a time. */
    chunkBytes: 1024 * 1024,
    /** Files of a backup, and their list: far more than a data directory has. */
    files: 1_000_000,
    manifestBytes: 256 * 1024 * 1024,
  },
  control: {
    /** Verbs on this machine that ask at once: people type them. */
    connections: 32,
    /** The program's longest pause that is no death: a query may take `store.queryMs`. */
    idleMs: 60_000,
    /** Of an answer that is read as a whole; what is larger is streamed. */
    answerBytes: 64 * 1024 * 1024,
  },
  doctor: {
    /** Each link has so long to show the probe: a store that is busy catching up takes seconds. */
    stepMs: 10_000,
    pollMs: 100,
    /** A frame of the feed about one lift. */
    frameBytes: 4 * 1024 * 1024,
  },
  exchange: {
    /** Rows of an export that are in memory at a time; alerts come with their histories. */
    pageRows: 10_000,
    pageAlerts: 500,
    /** A line of NDJSON: an alert with its history, and room for that of a mass event. */
    lineBytes: 64 * 1024 * 1024,
    /** Rows of an import that are written at a time. */
    batchRows: 20_000,
    batchAlerts: 1_000,
    /** Bad rows that are told of; more tell nothing new. */
    problems: 1_000,
    /** Exports of REST under way at once. */
    answers: 2,
  },
  rebuild: {
    pollMs: 200,
    /** A store that takes nothing for so long is given up: somebody waits. */
    failingMs: 60_000,
  },
  recording: {
    /** A line: the largest record of the journal, in base 64 or escaped, with room. */
    lineBytes: 4 * 1024 * 1024,
    /** REST reads so little of the journal at a time that nobody's export holds up a signal: a millisecond's work. */
    chunkBytes: 64 * 1024,
    /** Entries of one answer of REST: five minutes of the city, one a second each. More is exported beside the program. */
    answerEntries: 5_000_000,
    /** Answers of REST under way at once: each reads the disk. */
    answers: 2,
  },
  report: {
    /** A period: a year and a month to compare it with. */
    days: 400,
    /** Changes of alerts in a period: two months at ten times what a city's operators can take. More is asked for in parts. */
    changes: 500_000,
    /** … and read from the store at a time, so that a report does not hold up a signal for more than a few ms. */
    pageChanges: 1_000,
    /** Reports of REST under way at once: each reads the store for some seconds. */
    answers: 2,
    /** Operator positions that a report divides by: no control room has more. */
    positions: 100,
    /** Rendering one, in a thread of its own: a city's spreadsheet takes two seconds. */
    renderMs: 60_000,
    /** Chromium with one page: seconds; a machine that swaps, a minute. */
    pdfMs: 120_000,
    /** The end of what it says when it fails. */
    saidChars: 2_000,
    /** How often the schedule is looked at; a report is late by at most so much. */
    lookMs: 60_000,
    /** … and after a start, once the rest of the program has settled. */
    firstLookMs: 5_000,
    /** … and when one that failed is tried again. */
    retryMs: 15 * 60_000,
  },
  republish: {
    /** Unacknowledged publishes, of all connections together: what a broker takes at once without falling behind. */
    inFlight: 512,
    /** Connections, one for each lift with a token of its own. */
    connections: 20_000,
    connectTimeoutMs: 15_000,
    /** A broker that was there and has gone is waited for so long; what is not acknowledged is sent again. */
    outageMs: 5 * 60_000,
    reconnectMs: 1_000,
    /** How long a stop waits for what is in flight. */
    drainMs: 3_000,
  },
  score: {
    /** A change frame is some KiB; a mass event names the city's 16,409 lifts in at most 1.1 MB. */
    lineBytes: 2 * 1024 * 1024,
    /** Of truth, and alerts: a city-year has some 150,000. All are in memory, at about 300 bytes each. */
    events: 1_000_000,
    alerts: 1_000_000,
    /** Lines of what could not be judged that are kept: of 16,409 lifts, sixty a day each, at about 200 bytes. */
    said: 1_000_000,
  },
  simulator: {
    /** Lifts of one process: its heap, and a connection each. */
    lifts: 100_000,
    /** New connections a second over the first ramp: what a broker takes with room for its work. */
    connectPerSecond: 500,
    /** Unacknowledged publishes of one connection: a device has little memory. */
    inFlight: 16,
    /** Readings a device keeps while its link is away, about a day's; the oldest make room. */
    outboxReadings: 8_192,
    /** Messages that a simulated network holds back in a live run: a tenth of a large city's for some seconds. */
    delayedMessages: 20_000,
    /** Bytes of one publish that carries many readings; contract §2 allows 64 KiB. */
    parcelBytes: 60 * 1024,
    /** Reconnect: first and longest wait, with full jitter; a broker that comes back meets a whole city. */
    reconnectMinMs: 1_000,
    reconnectMaxMs: 30_000,
    connectTimeoutMs: 15_000,
    /** Events done before the program looks at its sockets again. */
    sliceEvents: 2_000,
    /** … and, of a recording, before the loop turns: some tens of ms. */
    windowEvents: 20_000,
    /** Recording: bytes of a gzip member, and room for lines at first. */
    chunkBytes: 1024 * 1024,
    /** Recording: about so many bytes are made before they are put in order and written; three times as many are in memory. */
    windowBytes: 16 * 1024 * 1024,
    /** Recording: gzip members being compressed at once: one for each thread of the pool. */
    gzipBlocks: 4,
    /** A history's years: some 60,000 events a city-year, and no register is older. */
    historyYears: 50,
    /** How long a stop waits for what is in flight. */
    drainMs: 3_000,
  },
} as const;
