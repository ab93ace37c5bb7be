/** What tells a link or button from others of its region, from the most lasting on. */
export interface Focused {
  /** `data-focus`: stays the same when the address does not. */
  readonly key?: string | undefined;
  readonly id: string;
  readonly href: string | null;
}

function quoted(text: string): string {
  return `"${text.replace(/["\\]/g, "\\$&")}"`;
}

/** A selector that finds the same thing in the region as it was read again; null when nothing tells it from others. */
export function selectorOf({ key, id, href }: Focused): string | null {
  if (key) return `[data-focus=${quoted(key)}]`;
  if (id) return `[id=${quoted(id)}]`;
  return href ? `a[href=${quoted(href)}]` : null;
}
