/** A control of a form, as far as it is filled in again. */
export interface Fillable {
  readonly name: string;
  readonly type: string;
  readonly value: string;
}

/** Fields that each page makes anew: a refused form is sent again as another one. */
const ONE_TIME = new Set(["id", "request"]);

/** What a control holds again of what a form once sent: a tick, a text, or null where it stays as the page came. */
export function restoredOf(fields: ReadonlyArray<readonly [name: string, value: string]>, control: Fillable): boolean | string | null {
  const { name, type } = control;
  if (name === "" || ONE_TIME.has(name) || type === "hidden" || type === "file") return null;
  const values = fields.filter((it) => it[0] === name).map((it) => it[1]);
  // Of several boxes of a name all that were ticked are, and no other.
  if (type === "radio" || type === "checkbox") return values.includes(control.value);
  return values[0] ?? null;
}
