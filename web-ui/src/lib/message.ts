/** Texts of the islands: keys to text with `{name}` places, rendered by the server as `<script type="application/json" id="messages">`. */
export type Messages = Readonly<Record<string, string>>;

/** Fills `{name}` places. An unknown key comes back as itself, so that a missing text is seen and not silent. */
export function format(messages: Messages, key: string, values: Record<string, string | number> = {}): string {
  const text = messages[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}

/** Reads the block of the page; a page without one has no texts, which shows as keys. */
export function readMessages(root: Document): Messages {
  const block = root.getElementById("messages");
  return block?.textContent ? (JSON.parse(block.textContent) as Messages) : {};
}
