/**
 * Every bound of the program, with its reason. They are fixed: they protect the process, and nobody needs to tune them. What a site chooses
 * is in settings/schema.ts, apart, so that threads that need bounds alone do not build schemas when they start.
 */
import { TREND_LIMITS } from "./trend-limits.ts";
import { VERB_LIMITS } from "./verb-limits.ts";

/** Bounds, each with its reason. Bytes and ms unless the name says otherwise. */
export const LIMITS = {
  ...TREND_LIMITS,
  ...VERB_LIMITS,
  mqtt: {
    /** A CONNECT with the longest id, name and token the protocol allows us to expect; more is an attack (reliability.md). */
    frameBeforeConnectBytes: 4 * 1024,
    /** Contract §2: a payload of at most 64 KiB … */
    payloadBytes: 64 * 1024,
    /** … and a frame adds the fixed header, the topic and the packet id to it. */
    frameBytes: 64 * 1024 + 1024,
    /** The city's 16,409 lifts, one connection each, with headroom. */
    connections: 40_000,
    /** … of one lift, gateway or person; beyond it its oldest ends, so that connections that died unseen lock nobody out. */
    connectionsPerName: 64,
    /** Listen backlog for the reconnect storm after a power cut (reliability.md). */
    backlog: 4_096,
    /** A client that does not send CONNECT in this time is closed. */
    connectTimeoutMs: 10_000,
    /** Publishes of one connection that wait for the journal; beyond it its socket is not read. */
    inFlightPerConnection: 256,
    /** Publishes of all connections that wait for the journal; beyond it no socket is read. */
    inFlight: 50_000,
    /** … or so many bytes of them: half of what the journal takes before it refuses, so that it never has to. */
    inFlightBytes: 32 * 1024 * 1024,
    /** Topic filters of one client: a person's program asks for a few. */
    filtersPerConnection: 16,
    /** Unsent bytes to one client after which it is dropped: a device reads nothing but acknowledgements. */
    outboundBytes: 256 * 1024,
    /** How often silent clients are looked for; time-outs are late by at most so much. */
    sweepMs: 1_000,
    /** A client may ask for no MQTT keep-alive; the kernel then finds out whether it is still there. */
    tcpKeepAliveMs: 60_000,
    /** A connection that was closed in good order gets so long to read its last answers. */
    lingerMs: 1_000,
    /** A stop waits so long for what is in flight to become durable; within `stopWithinMs` below. */
    closeWithinMs: 4_000,
    /** Reconnect to an external broker: first and longest wait, with full jitter. */
    reconnectMinMs: 500,
    reconnectMaxMs: 30_000,
  },
  tls: {
    /** How often the certificate's files are looked at: who renews one has days. */
    lookMs: 60_000,
  },
  reading: {
    /** Contract §2. */
    perPayload: 500,
    /** First part of a refused payload shown to people; the journal keeps the whole. */
    excerptChars: 500,
  },
  journal: {
    /** A segment is the unit of retention and of copying: small enough to drop, large enough to be few. */
    segmentBytes: 128 * 1024 * 1024,
    /** One group commit; larger groups only add latency. */
    groupBytes: 4 * 1024 * 1024,
    /** Records waiting for the disk; beyond it appends are refused and the ingress stops reading. */
    pendingBytes: 64 * 1024 * 1024,
    /** A record: the largest payload plus a topic, or a part of the register. */
    recordBytes: 1024 * 1024,
    /** How often a full disk is tried again. */
    retryMs: 1_000,
    /** How much a reader holds at a time. */
    readChunkBytes: 1024 * 1024,
    /** Damaged stretches remembered; a disk with more has told enough. */
    damages: 1_000,
    /** Group buffers kept for reuse: one is being filled while another is with the thread; a third for the odd large record. */
    slots: 3,
  },
  secret: {
    /** A file with one: tokens of InfluxDB have 88 characters. */
    fileBytes: 4 * 1024,
  },
  register: {
    /** A fleet file is read whole: so many lifts as `monitor.lifts` with room for long texts. */
    fileBytes: 64 * 1024 * 1024,
  },
  monitor: {
    /** Lifts known at once; an unknown id that would exceed it is quarantined. Sixty cities' worth of memory is not ours to promise. */
    lifts: 100_000,
    /** Snapshots: at most so many entries or ms are folded again at a start. */
    snapshotEveryEntries: 2_000_000,
    snapshotEveryMs: 5 * 60_000,
    /** A thread that takes longer over one than this, fifty times what those entries take, is stopped, and it is made on the main thread. */
    snapshotMs: 15 * 60_000,
  },
  store: {
    /** A batch is written when it is this large or this old, whichever is first. */
    batchRows: 50_000,
    batchAgeMs: 250,
    /** Entries without effects move the offset only: a transaction for every tick would wear the disk for nothing. */
    offsetAgeMs: 10_000,
    /** Effects waiting for the store; beyond it they are dropped and folded again from the journal. */
    queueRows: 500_000,
    /** First and longest wait after a failed write. */
    retryMinMs: 200,
    retryMaxMs: 10_000,
    /** Catching up: the live effects are kept again when the rest to fold is no more than this (about a second of it). */
    joinEntries: 50_000,
    /** How long the fold holds the main thread at a time; ingest and detection come first. */
    catchUpSliceMs: 5,
    /** Batches in memory while catching up: one in flight, one filling. */
    catchUpBatches: 2,
    memoryMb: 256,
    /** DuckDB's own threads; ingest and detection come first on a small machine. */
    threads: 1,
    /** What a sort may spill to disk when it exceeds `memoryMb`. */
    spillGb: 20,
    /** DuckDB's log is folded into the file at this size: some ten batches, about one row group of 122,880. */
    checkpointMb: 32,
    /** Readings of a closed slice sorted at a time: in memory, in seconds, so that the log can be folded between. */
    sortPieceRows: 1_000_000,
    /** Queries running or waiting at once; beyond it the answer is 503. */
    queries: 32,
    /** Queries running at once: each holds one of libuv's four threads, which the rest of the process needs too. */
    readers: 2,
    /** A query that runs longer is stopped: nobody waits for it any more (http.requestTimeoutMs). */
    queryMs: 30_000,
    /** Day counts in one answer: two months of the city. More is asked for month by month. */
    daysRows: 1_000_000,
    /** Readings packed for the worker at a time, so that a batch does not hold the main thread for more than a few ms. */
    packRows: 8_192,
    /** Contract §6. */
    readingsPage: 100_000,
    minutesPage: 100_000,
    alertsPage: 10_000,
    quarantinePage: 1_000,
    /** Work orders read at a time, some 2 MB. */
    worksPage: 10_000,
    /** How often what is no longer to be kept is looked for. Whole days go, so a day's delay would do, too. */
    keepEveryMs: 15 * 60_000,
    /** Rejected readings kept for people to look at. */
    quarantineRows: 1_000_000,
  },
  influx: {
    /** A request takes so long at most; then its connection is closed and it is tried again. */
    requestMs: 30_000,
    /** One for batches, the others for queries: a server at a site has other users, too. */
    connections: 4,
    /** A body: 1.x refuses more than 25 MB, and a refused one is halved and sent again. */
    bodyLines: 10_000,
    bodyChars: 4 * 1024 * 1024,
    /** Lines of a batch that are given up to the quarantine; when a server refuses more, it is not the lines' fault. */
    refusedLines: 100,
    /** Statements of one request. */
    statements: 500,
    /** Longest that a server's Retry-After is obeyed. */
    retryAfterMs: 60_000,
    /** After a start or a failure: lifts heard in so long are looked up in one query, others one by one. */
    recentMs: 3_600_000,
    /** Alerts whose place is remembered, so that a change needs no query before it. */
    alertSlots: 50_000,
    /** Rows of alerts, and of readings with implausible times, read at a time. */
    alertRows: 1_000,
    strayRows: 10_000,
    /** Minutes rolled up at a time: an answer of some 80,000 rows for a city. */
    rollUpMs: 5 * 60_000,
    /** How often numbers about the program and the fleet are written there: what Grafana shows of them is no newer. */
    pointsEveryMs: 10_000,
    /** How long a stop waits for a request under way; part of `stopWithinMs`. */
    closeMs: 1_500,
  },
  notify: {
    /** Attempts under way at one target: enough that one slow answer holds up nobody, few enough for any receiver. */
    inFlightPerTarget: 4,
    /** First and longest wait after an attempt that failed, each with full jitter. */
    retryMinMs: 1_000,
    retryMaxMs: 5 * 60_000,
    /** About a day of them at the longest wait. */
    attempts: 500,
    /** Messages that wait for one target: the uncritical go into its summary beyond the first, the oldest is given up beyond the second. */
    waiting: 2_000,
    waitingMost: 5_000,
    /** Alerts that were told of and go on: a city's worst day. Some 2 KB each while they wait for an acknowledgement. */
    watches: 20_000,
    /** What became of the newest messages, for people: a month's of a quiet city, at some 400 bytes. */
    records: 10_000,
    /** Bytes added to the outbox's file before it is begun anew. */
    fileBytes: 8 * 1024 * 1024,
    /** Without messages the offset alone is written so often; what lies behind is folded again after a crash. */
    offsetEveryMs: 60_000,
    /** Ticks that wait for the outbox to catch up with them: an hour's. */
    ticks: 3_600,
    /** Of an answer so much is read; its status is all that is wanted. */
    responseBytes: 16 * 1024,
    mqttReconnectMs: 5_000,
    /** A change waits at most so long to be gathered with others; ticks wait for up to the second. */
    batchAgeMs: 50,
    offsetAgeMs: 1_000,
    /** Changes of one decision, and those that wait in memory; more is folded again from the journal. */
    batchRows: 500,
    queueRows: 20_000,
    /** How long a stop waits for what is under way; part of `stopWithinMs`. */
    closeMs: 1_500,
    page: 1_000,
  },
  feed: {
    /** Contract §5. */
    heartbeatMs: 15_000,
    /** Changes that come in close succession are batched at most this long: five times the throughput for latency nobody sees (design.md) … */
    flushMs: 5,
    /** … and no longer than keeps the flushes to this share of the main thread's time. */
    flushShare: 0.1,
    /** Newest changes kept in memory for clients that resume; older ones come from the store. */
    ringChanges: 20_000,
    /** Most changes that a resume replays; more is a resync. */
    resumeChanges: 10_000,
    /** reliability.md: a client with more unsent is closed with 4408 … */
    bufferedBytes: 1024 * 1024,
    /** … when it has been so for this long: a burst of changes larger than that is nobody's fault. */
    slowMs: 2_000,
    /** Bytes handed to one socket at a time; what waits beyond it waits in the ring, which all clients share. */
    socketBytes: 64 * 1024,
    /** Changes asked from the store at a time for a client that resumes. */
    fetchChanges: 500,
    /** The store lags the monitor; a client that resumes waits so long for changes to arrive there, then it is a resync. */
    resumeWaitMs: 3_000,
    resumeRetryMs: 100,
    clients: 1_000,
    /** … signed in with one person's token: every screen of a control room, with room. */
    clientsPerPerson: 100,
    inboundBytes: 16 * 1024,
  },
  http: {
    bodyBytes: 64 * 1024,
    requestTimeoutMs: 30_000,
    connections: 2_000,
    liftsPage: 20_000,
    /** Lifts of one ranking by how unusual their day was: nobody looks at more. */
    unusualPage: 1_000,
    /** Lifts that one search shows: nobody reads more, they type another letter. */
    searchPage: 100,
    /** A lift that joins the register is found after so long; making the index of a city takes 0.3 s in slices. */
    searchIndexMs: 60_000,
    /** Buildings of one district in one answer: the largest has about 1,500. */
    buildings: 2_000,
    /** Readings shown with one alert: its three or four minutes at 1 Hz on every channel, twice over. */
    aroundReadings: 2_000,
    /** A one-time sign-in token and a session live so long. */
    signInTokenMs: 15 * 60_000,
    sessionMs: 12 * 3_600_000,
    sessions: 1_000,
    /** One-time tokens given out and not used yet; the oldest is void beyond it. */
    signInTokens: 100,
    /** Answers under way have so long to end when the program stops; part of `stopWithinMs`. */
    closeMs: 2_000,
  },
  access: {
    /** A probe's token: long enough for a slow machine, too short to be of use to anybody else. */
    probeMs: 60_000,
    /** Each change writes the whole file, and each request finds its person in memory: a large control room, ten times over. */
    people: 1_000,
    gateways: 1_000,
  },
  /** Contract §1: stopped in good order within 10 s; the rest is left to the kernel. */
  stopWithinMs: 8_000,
} as const;

/** The bounds of every monitor of ours, live or not. */
export const MONITOR_LIMITS = { lifts: LIMITS.monitor.lifts, excerptChars: LIMITS.reading.excerptChars };

export function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || /^127(\.\d{1,3}){3}$/.test(host);
}
