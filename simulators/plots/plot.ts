/** One picture of the page of plots. */
export interface Plot {
  /** Of its file, without extension. */
  readonly name: string;
  readonly title: string;
  readonly svg: string;
  /** What is seen, in a few sentences with the figures of this very run. */
  readonly says: string;
}
