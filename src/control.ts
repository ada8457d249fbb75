/**
 * The control socket: REST on a socket in the data directory while the program runs, for verbs on the same machine. Whoever may open the data
 * directory owns the site, so it asks for no token and answers as to an administrator. It stands in a directory that only its owner may enter.
 */
import { createHash } from "node:crypto";
import { chmod, mkdtemp, realpath, rm, symlink, unlink } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type RequestListener } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { once } from "node:events";
import { LIMITS } from "./config.ts";
import { privateDirectory } from "./files/durable-file.ts";
import { OperationalError } from "./errors.ts";

const NAME = "socket";
/** The shortest that a system allows for the path of a socket is 104 bytes with its end (macOS; Linux 108). */
const PATH_BYTES = 103;

export interface Control {
  close(): Promise<void>;
}

/** An answer of the running program. Its body is to be read, or destroyed. */
export interface ControlAnswer {
  readonly status: number;
  readonly body: IncomingMessage;
  /** The body as a whole. @throws OperationalError where it is larger than LIMITS.control.answerBytes. */
  text(): Promise<string>;
  /** @throws OperationalError with the program's own words where the status says that it failed. */
  json(): Promise<unknown>;
}

/**
 * Listens in the data directory, which this process alone uses: a socket that is there already is of a run that was killed.
 * @throws OperationalError `control-failed` where the directory's file system has no sockets.
 */
export async function openControl(data: string, answer: RequestListener): Promise<Control> {
  const directory = join(data, "control");
  await privateDirectory(directory);
  const path = join(directory, NAME);
  await unlink(path).catch(() => undefined);
  const server = createServer({ requestTimeout: LIMITS.http.requestTimeoutMs }, answer);
  server.maxConnections = LIMITS.control.connections;
  try {
    await named(data, async (name) => {
      server.listen(name);
      await once(server, "listening");
    });
    if (process.platform !== "win32") await chmod(path, 0o600);
  } catch (error) {
    server.close();
    throw new OperationalError("control-failed", `${path}: no socket can be had there (${(error as Error).message})`, { cause: error });
  }
  return {
    async close() {
      const rest = setTimeout(() => server.closeAllConnections(), LIMITS.http.closeMs);
      await new Promise((resolve) => {
        server.close(resolve);
        server.closeIdleConnections();
      });
      clearTimeout(rest);
      await unlink(path).catch(() => undefined);
    },
  };
}

/**
 * Asks the program that runs on this data directory, as its administrator. Null where none runs.
 * @param path of a REST route, with its query: `/api/alerts?limit=10`.
 * @param body sent as JSON.
 * @throws OperationalError where the socket is somebody else's, or the program does not answer.
 */
export async function askRunning(data: string, method: string, path: string, body?: unknown): Promise<ControlAnswer | null> {
  try {
    return await named(data, (name) => ask(name, method, path, body));
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR" || code === "ECONNREFUSED") return null;
    if (code === "EACCES" || code === "EPERM")
      throw new OperationalError("control-refused", `${data}: belongs to another user; expected to be run as the one who runs the program`);
    if (error instanceof OperationalError) throw error;
    throw new OperationalError("control-failed", `${data}: the program that runs there does not answer (${(error as Error).message})`, {
      cause: error,
    });
  }
}

async function ask(name: string, method: string, path: string, body: unknown): Promise<ControlAnswer> {
  const text = body === undefined ? null : JSON.stringify(body);
  const headers = { host: "localhost", ...(text === null ? {} : { "content-type": "application/json" }) };
  const asked = request({ socketPath: name, agent: false, method, path, headers });
  asked.setTimeout(LIMITS.control.idleMs, () => asked.destroy(new Error(`nothing came in ${LIMITS.control.idleMs} ms`)));
  asked.end(text ?? undefined);
  const [answer] = (await once(asked, "response")) as [IncomingMessage];
  const status = answer.statusCode ?? 0;
  const whole = () => textOf(answer);
  return {
    status,
    body: answer,
    text: whole,
    async json() {
      const said: unknown = parsed(await whole());
      if (status < 400) return said;
      const { error } = said as { readonly error?: { readonly code?: string; readonly message?: string; readonly path?: string } };
      const { code = "refused", message = `answered ${status}`, path: at = "" } = error ?? {};
      throw new OperationalError(code, at === "" ? message : `${at}: ${message}`);
    },
  };
}

async function textOf(answer: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of answer as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > LIMITS.control.answerBytes)
      throw new OperationalError("too-large", `the answer has more than ${LIMITS.control.answerBytes} bytes; expected a narrower question`);
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new OperationalError("control-failed", `the program answered ${JSON.stringify(text.slice(0, 80))}; expected JSON`);
  }
}

/**
 * Does something with a name of the socket that is short enough for the system: where the directory's own is too long, through a link in
 * a directory that nobody else can enter, which is taken away again.
 */
async function named<T>(data: string, use: (name: string) => Promise<T>): Promise<T> {
  const directory = await realpath(data);
  if (process.platform === "win32")
    return use(`\\\\.\\pipe\\hoistway-${createHash("sha256").update(directory).digest("hex").slice(0, 32)}`);
  const path = join(directory, "control", NAME);
  if (Buffer.byteLength(path) <= PATH_BYTES) return use(path);
  const temporary = await mkdtemp(join(tmpdir(), "hoistway-"));
  try {
    const link = join(temporary, "c");
    const short = join(link, NAME);
    if (Buffer.byteLength(short) > PATH_BYTES)
      throw new OperationalError(
        "control-path",
        `${path}: is longer than a socket's path may be, and so is ${short}; expected a data directory, or a TMPDIR, with a shorter path`,
      );
    await symlink(join(directory, "control"), link);
    return await use(short);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}
