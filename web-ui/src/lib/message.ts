/** Texts of the islands: keys to text with `{name}` places, rendered by the server as `<script type="application/json" id="messages">`. */
export type Messages = Readonly<Record<string, string>>;

/** The language of the texts stands among them. */
const LANGUAGE = "language";

/** Of a text with a count the one for that number, `key.one`, where the language has one of its own; else the text. */
function textOf(messages: Messages, key: string, count: unknown): string {
  const category = typeof count === "number" ? new Intl.PluralRules(messages[LANGUAGE]).select(count) : "other";
  return messages[`${key}.${category}`] ?? messages[key] ?? key;
}

/** Fills `{name}` places. An unknown key comes back as itself, so that a missing text is seen and not silent. */
export function format(messages: Messages, key: string, values: Record<string, string | number> = {}): string {
  const text = textOf(messages, key, values["count"]);
  return text.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
}

/** Reads the block of the page; a page without one has no texts, which shows as keys. */
export function readMessages(root: Document): Messages {
  const block = root.getElementById("messages");
  const texts = block?.textContent ? (JSON.parse(block.textContent) as Messages) : {};
  return { ...texts, [LANGUAGE]: root.documentElement.lang || "zh-Hans" };
}
