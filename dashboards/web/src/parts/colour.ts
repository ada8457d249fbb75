/** Colours of the page for canvases, which know no variables: as the theme of now resolves them. */

/** `light-dark()` in a variable is resolved only where a colour is used: on an element of our own. */
let probe: HTMLElement | null = null;

/** `name`: a variable of style.css, e.g. `--quiet`. */
export function colour(name: string): string {
  if (probe === null) {
    probe = document.createElement("i");
    probe.hidden = true;
    document.body.append(probe);
  }
  probe.style.color = `var(${name})`;
  return getComputedStyle(probe).color;
}
