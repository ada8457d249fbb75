/** Drawings as text: SVG that needs no script, no font file and no other resource, the same bytes for the same figures. */

/** An attribute that is undefined is left out. */
export type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element; `children` are markup already, so text goes through `text`. Numbers are written to a hundredth of a pixel. */
export function element(name: string, attributes: Attributes, ...children: readonly string[]): string {
  const written = Object.entries(attributes)
    .flatMap(([key, value]) => (value === undefined ? [] : [` ${key}="${typeof value === "number" ? pixels(value) : text(value)}"`]))
    .join("");
  return children.length === 0 ? `<${name}${written}/>` : `<${name}${written}>${children.join("")}</${name}>`;
}

/** Text as markup. Control characters, which XML cannot carry, are shown as U+FFFD. */
export function text(content: string): string {
  return content
    .replaceAll(/\p{Cc}|\p{Cs}/gu, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** A hundredth of a pixel is finer than anything shows. */
export function pixels(value: number): string {
  return String(Math.round(value * 100) / 100 + 0);
}

/** About how wide a text is in a common sans-serif, px: drawn without a browser there is nobody to ask. */
export function textWidth(content: string, sizePx: number): number {
  let units = 0;
  for (const letter of content)
    units += (letter.codePointAt(0) ?? 0) > 0x2e80 ? 1 : /[A-Zmw@%]/.test(letter) ? 0.78 : /[ijlft.,:;' |]/.test(letter) ? 0.34 : 0.6;
  return units * sizePx;
}

/** The text cut to a width, with an ellipsis. */
export function fitted(content: string, sizePx: number, widthPx: number): string {
  if (textWidth(content, sizePx) <= widthPx) return content;
  let kept = "";
  for (const letter of content) {
    if (textWidth(`${kept}${letter}…`, sizePx) > widthPx) break;
    kept += letter;
  }
  return `${kept}…`;
}
