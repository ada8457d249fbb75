/** Gives the reader a file that the page has made. */

/** How long the browser may take to begin reading it. */
const KEPT_MS = 60_000;

export function download(name: string, type: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT_MS);
}
