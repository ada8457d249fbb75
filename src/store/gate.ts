/** A gate that one at a time may close for a while; the others wait before it. */
export interface Gate {
  readonly closed: boolean;
  /** Resolves when it is open. */
  pass(): Promise<void>;
  /** Waits until it is open, and closes it. @returns what opens it again; calling that once more does nothing. */
  close(): Promise<() => void>;
  /** Opens it, whoever has closed it. */
  open(): void;
}

interface Closing {
  readonly over: Promise<void>;
  readonly end: () => void;
}

export function createGate(): Gate {
  let closing: Closing | null = null;

  async function pass(): Promise<void> {
    if (closing === null) return;
    await closing.over;
    // Somebody else may have been faster.
    await pass();
  }

  function open(): void {
    closing?.end();
    closing = null;
  }

  return {
    get closed() {
      return closing !== null;
    },
    pass,
    async close() {
      await pass();
      let end: () => void = open;
      const over = new Promise<void>((resolve) => {
        end = resolve;
      });
      const own: Closing = { over, end };
      closing = own;
      return () => {
        if (closing === own) open();
      };
    },
    open,
  };
}
