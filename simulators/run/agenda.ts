/** Who is next: an indexed binary heap of times, ties in the order of the index, so that a run has one order of events. */
export class Agenda {
  readonly #times: Float64Array;
  readonly #heap: Int32Array;
  readonly #place: Int32Array;

  /** @param times first time of each member, ms; Infinity for never. */
  constructor(times: readonly number[]) {
    this.#times = Float64Array.from(times);
    this.#heap = Int32Array.from(times, (_, index) => index);
    this.#place = Int32Array.from(this.#heap);
    for (let place = (times.length >> 1) - 1; place >= 0; place--) this.#sink(place);
  }

  /** The member whose time is least. */
  get next(): number {
    return this.#heap[0] ?? 0;
  }
  /** Its time, ms. */
  get nextAt(): number {
    return this.#times[this.next] ?? Number.POSITIVE_INFINITY;
  }

  set(index: number, at: number): void {
    this.#times[index] = at;
    const place = this.#place[index] ?? 0;
    this.#sink(place);
    this.#rise(this.#place[index] ?? 0);
  }

  #before(a: number, b: number): boolean {
    const timeA = this.#times[a] ?? 0;
    const timeB = this.#times[b] ?? 0;
    return timeA < timeB || (timeA === timeB && a < b);
  }

  #put(place: number, index: number): void {
    this.#heap[place] = index;
    this.#place[index] = place;
  }

  #sink(from: number): void {
    const heap = this.#heap;
    const index = heap[from] ?? 0;
    let place = from;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && this.#before(heap[child + 1] ?? 0, heap[child] ?? 0)) child++;
      const candidate = heap[child] ?? 0;
      if (!this.#before(candidate, index)) break;
      this.#put(place, candidate);
      place = child;
    }
    this.#put(place, index);
  }

  #rise(from: number): void {
    const index = this.#heap[from] ?? 0;
    let place = from;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      const above = this.#heap[parent] ?? 0;
      if (!this.#before(index, above)) break;
      this.#put(place, above);
      place = parent;
    }
    this.#put(place, index);
  }
}
