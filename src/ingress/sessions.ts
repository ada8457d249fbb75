/**
 * aedes, as far as Hoistway uses it: the rules of sessions (CONNECT, takeover, wills, keep-alive off, refused subscriptions). No
 * PUBLISH of a device reaches it, nobody subscribes, so there is nothing to route and no session state to keep.
 */
import type { EventEmitter } from "node:events";
import { Readable } from "node:stream";
import { Aedes } from "aedes";
import type { Client } from "aedes";
import type { DeviceIdentity } from "../access/access.ts";
import type { Wire, WireEnd } from "./wire.ts";

/** What sessions ask of the front about one connection. */
export interface SessionEnd extends WireEnd {
  /** Checks name and token; on success the connection belongs to that identity. */
  signIn(user: string | undefined, token: string | undefined): DeviceIdentity | null;
  /** aedes found the client breaking the protocol, and closes the connection. */
  onBroken(reason: string): void;
  /** Whether it may have what is published under this filter; from then on it gets it, with QoS 0. */
  listen(filter: string): boolean;
  unlisten(filter: string): void;
  /** The client went without DISCONNECT and left this will. */
  onWill(topic: string, payload: Buffer): void;
}

export interface Sessions<End extends SessionEnd> {
  /** Gives a connection to aedes. */
  join(wire: Wire<End>): void;
  close(): Promise<void>;
}

/** Return code "not authorized" of CONNACK (MQTT 3.1.1 §3.2.2.3). */
const NOT_AUTHORIZED = 5;

/** @param onProblem what aedes reports about itself, one line. */
export async function openSessions<End extends SessionEnd>(onProblem: (problem: string) => void): Promise<Sessions<End>> {
  const frontOf = (client: Client): End => (client.conn as Wire<End>).front;
  const broker = new Aedes({
    mq: new NoSubscribers(),
    persistence: new NoSessionState(),
    // The front watches the time to CONNECT; a client whose CONNECT was read is answered at once.
    connectTimeout: 60_000,
    // Client ids are not limited beyond the frame guard: MQTT 3.1.1 §3.1.3.1 lets a server allow longer ones.
    maxClientsIdLength: 65_535,
    authenticate(client, user, token, done) {
      const identity = frontOf(client).signIn(user, token?.toString("utf8"));
      if (identity === null) {
        done(Object.assign(new Error("not authorized"), { returnCode: NOT_AUTHORIZED }), false);
        return;
      }
      // A client id is unique within its identity only, so that no device can take over, and end, another's connection.
      client.id = `${identity.name}\0${client.id}`;
      done(null, true);
    },
    authorizeSubscribe(client, subscription, done) {
      // aedes answers, and grants what was asked; what is told goes by the front alone, and was published with QoS 0.
      const granted = client !== null && frontOf(client).listen(subscription.topic);
      done(null, granted ? subscription : null);
    },
    // Only wills come here, because the front keeps every PUBLISH. The error tells aedes to route nothing.
    authorizePublish(client, packet, done) {
      if (client !== null) frontOf(client).onWill(packet.topic, Buffer.from(packet.payload));
      done(new Error("taken by the front"));
    },
  });
  (broker as EventEmitter).on("error", (error) => onProblem(`aedes: ${error.message}`));
  const onClientError = (client: Client, error: Error & { errorCode?: number }): void => {
    // With a code it is a refused sign-in, which the front knows.
    if (error.errorCode === undefined) frontOf(client).onBroken(error.message);
  };
  broker.on("clientError", onClientError);
  broker.on("connectionError", onClientError);
  broker.on("unsubscribe", (filters, client) => {
    for (const filter of filters) frontOf(client).unlisten(filter);
  });
  await broker.listen();
  return {
    join(wire) {
      broker.handle(wire);
    },
    close: () => new Promise((resolve) => broker.close(resolve)),
  };
}

/** mqemitter's interface with nobody listening. */
class NoSubscribers {
  on(_topic: string, _listener: unknown, done?: () => void): void {
    done?.();
  }
  removeListener(_topic: string, _listener: unknown, done?: () => void): void {
    done?.();
  }
  emit(_packet: unknown, done?: () => void): void {
    done?.();
  }
  close(done: () => void): void {
    done();
  }
}

/** aedes-persistence's interface with nothing in it: no subscriptions, so no queues; wills live with their connection. */
class NoSessionState {
  async setup(): Promise<void> {}
  async cleanSubscriptions(): Promise<void> {}
  async addSubscriptions(): Promise<void> {}
  async removeSubscriptions(): Promise<void> {}
  async subscriptionsByClient(): Promise<[]> {
    return [];
  }
  async subscriptionsByTopic(): Promise<[]> {
    return [];
  }
  async outgoingEnqueue(): Promise<void> {}
  async outgoingEnqueueCombi(): Promise<void> {}
  async outgoingUpdate(): Promise<void> {}
  async outgoingClearMessageId(): Promise<void> {}
  async cleanIncoming(): Promise<void> {}
  async incomingStorePacket(): Promise<void> {}
  async incomingDelPacket(): Promise<void> {}
  /** Found nothing: aedes then answers PUBREL with PUBCOMP all the same (MQTT 3.1.1 §4.3.3). */
  async incomingGetPacket(): Promise<never> {
    throw new Error("no such packet");
  }
  async storeRetained(): Promise<void> {}
  async putWill(): Promise<void> {}
  async delWill(): Promise<void> {}
  outgoingStream(): Readable {
    return Readable.from([]);
  }
  createRetainedStreamCombi(): Readable {
    return Readable.from([]);
  }
  streamWill(): Readable {
    return Readable.from([]);
  }
}
