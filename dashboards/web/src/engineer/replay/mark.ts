/** What an entry of the timeline is: a tick, something a device said, or something else that the journal took (an act, limits, …). */
export const MARK = { tick: 0, message: 1, other: 2 } as const;
