/** Folds recordings off the page's own thread, by the program's monitor. One recording at a time. */
import "./jitless.ts";
import { backtest } from "./backtest.ts";
import { BadRecording, loadRecording } from "./load.ts";
import type { Ask, Failure, LoadedReplay, Progress, Said, Source } from "./protocol.ts";
import { ReplaySession } from "./session.ts";

/** An answer of the server that is not a recording. */
class Refusal extends Error {
  override readonly name = "Refusal";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

let session: ReplaySession | null = null;

addEventListener("message", ({ data }: MessageEvent<Ask>) => {
  answer(data).then(
    (value) => say({ id: data.id, value }),
    (error: unknown) => say({ id: data.id, failure: failureOf(error) }),
  );
});

function say(said: Said): void {
  postMessage(said);
}

async function answer(ask: Ask): Promise<unknown> {
  const progress = (phase: Progress["phase"]) => (done: number) => say({ id: ask.id, progress: { phase, done } });
  if (ask.name === "load") return load(ask.source, progress("loading"), progress("folding"));
  if (session === null) throw new Error("no recording is loaded");
  switch (ask.name) {
    case "moment":
      return session.at(ask.index, ask.liftId);
    case "changes":
      return session.changesText();
    case "backtest":
      return backtest(session.played, ask.rules, ask.against, progress("comparing"));
    default:
      return ask satisfies never;
  }
}

async function load(source: Source, onBytes: (bytes: number) => void, onFolded: (done: number) => void): Promise<LoadedReplay> {
  session = null;
  const stream = "url" in source ? await streamOf(source.url) : streamOfFile(source.file);
  const { played, complete, bytes } = await loadRecording(stream, onBytes);
  const next = new ReplaySession(played);
  const replay = next.prepare(onFolded);
  session = next;
  return { ...replay, complete, bytes };
}

async function streamOf(url: string): Promise<ReadableStream<Uint8Array>> {
  const response = await fetch(url, { credentials: "same-origin", cache: "no-store" });
  if (response.ok && response.body !== null) return response.body;
  const said = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
  throw new Refusal(said?.error?.code ?? String(response.status), said?.error?.message ?? response.statusText);
}

function streamOfFile(file: File): ReadableStream<Uint8Array> {
  return file.name.endsWith(".gz") ? file.stream().pipeThrough(new DecompressionStream("gzip")) : file.stream();
}

function failureOf(error: unknown): Failure {
  const { message } = error as Error;
  if (error instanceof Refusal) return { code: error.code, message };
  if (error instanceof BadRecording) return { code: "recording", message };
  return { code: error instanceof TypeError ? "network" : "internal", message };
}
