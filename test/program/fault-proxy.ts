/** A proxy in front of a database that does what networks and overloaded servers do to its requests. */
import { createServer, request, type IncomingMessage, type ServerResponse } from "node:http";
import { once } from "node:events";
import type { AddressInfo } from "node:net";

/**
 * `stall`: takes the request and says nothing; `release` sends it on later, and answers it where it is still waited for. `reset`: cuts the connection
 * before the request is sent on. `lose-answer`: sends it on, and cuts the connection instead of answering.
 */
export type Fault = "pass" | "stall" | "reset" | "lose-answer" | 500 | 429 | 503;

interface Held {
  readonly incoming: IncomingMessage;
  readonly answer: ServerResponse;
  readonly body: Buffer;
}

export class FaultProxy {
  fault: Fault = "pass";
  /** What a 429 asks for, s. */
  retryAfterS = 0;
  /** Requests met by each fault. */
  readonly met = new Map<Fault, number>();
  readonly #target: number;
  readonly #server = createServer((incoming, answer) => void this.#take(incoming, answer));
  #held: Held[] = [];

  private constructor(target: number) {
    this.#target = target;
  }

  static async start(target: number): Promise<FaultProxy> {
    const proxy = new FaultProxy(target);
    proxy.#server.listen(0, "127.0.0.1");
    await once(proxy.#server, "listening");
    return proxy;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Sends on what was stalled, in an order that is not its own; resolves when the server has answered all of it. */
  async release(): Promise<number> {
    const held = this.#held.toReversed();
    this.#held = [];
    for (const one of held) {
      const answered = await this.#forward(one).catch(() => null);
      if (answered !== null && !one.answer.destroyed) one.answer.writeHead(answered.status, answered.headers).end(answered.body);
    }
    return held.length;
  }

  async #take(incoming: IncomingMessage, answer: ServerResponse): Promise<void> {
    const { fault } = this;
    this.met.set(fault, (this.met.get(fault) ?? 0) + 1);
    const chunks: Buffer[] = [];
    try {
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
    } catch {
      return;
    }
    const held = { incoming, answer, body: Buffer.concat(chunks) };
    if (fault === "stall") {
      this.#held.push(held);
      return;
    }
    if (fault === "reset") {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (typeof fault === "number") {
      answer.writeHead(fault, {
        "content-type": "application/json",
        ...(fault === 429 ? { "retry-after": String(this.retryAfterS) } : {}),
      });
      answer.end(JSON.stringify({ error: `made up: ${fault}` }));
      return;
    }
    try {
      const { status, headers, body } = await this.#forward(held);
      if (fault === "lose-answer") incoming.socket.resetAndDestroy();
      else answer.writeHead(status, headers).end(body);
    } catch {
      // The server is away: so is what stands before it.
      incoming.socket.resetAndDestroy();
    }
  }

  async #forward({ incoming, body }: Omit<Held, "answer">) {
    const outgoing = request({
      host: "127.0.0.1",
      port: this.#target,
      method: incoming.method,
      path: incoming.url,
      headers: incoming.headers,
    });
    outgoing.end(body);
    const [response] = (await once(outgoing, "response")) as [IncomingMessage];
    const chunks: Buffer[] = [];
    for await (const chunk of response) chunks.push(chunk as Buffer);
    const { "transfer-encoding": _chunked, ...headers } = response.headers;
    return { status: response.statusCode ?? 502, headers, body: Buffer.concat(chunks) };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, "close");
  }
}
