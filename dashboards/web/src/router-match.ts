/** Addresses part by part, without a browser. */

/** As written where it is not well-formed. */
export function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/**
 * What stands in `path` for the parts of `pattern` that begin with a colon: `match("/lift/:id", "/lift/L1")` is `{ id: "L1" }`.
 * Null where it does not fit.
 */
export function match(pattern: string, path: string): Readonly<Record<string, string>> | null {
  const wanted = pattern.split("/");
  const found = path.split("/");
  if (wanted.length !== found.length) return null;
  const values: Record<string, string> = {};
  for (const [at, part] of wanted.entries()) {
    const given = found[at] ?? "";
    if (part.startsWith(":") && given !== "") values[part.slice(1)] = decode(given);
    else if (part !== given) return null;
  }
  return values;
}
