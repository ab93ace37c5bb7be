/** What of a control tells whether somebody has written or chosen something in it. */
export interface Field {
  readonly type: string;
  readonly value?: string;
  readonly defaultValue?: string;
  readonly checked?: boolean;
  readonly defaultChecked?: boolean;
  readonly files?: { readonly length: number } | null;
  /** Of a select. */
  readonly options?: ArrayLike<{ readonly selected: boolean; readonly defaultSelected: boolean }>;
}

/** Buttons hold nothing, and what is hidden nobody has written. */
const NOTHING = new Set(["hidden", "submit", "button", "reset", "image"]);

/** Where the page chooses none, browsers choose the first. */
function isChosen(options: ReadonlyArray<{ selected: boolean; defaultSelected: boolean }>): boolean {
  const start = Math.max(0, options.findIndex((it) => it.defaultSelected));
  return options.some((it, index) => it.selected !== (index === start));
}

/** True when the control is not as the page came. */
export function isWritten(field: Field): boolean {
  if (NOTHING.has(field.type)) return false;
  if (field.type === "file") return (field.files?.length ?? 0) > 0;
  if (field.type === "checkbox" || field.type === "radio") return field.checked !== field.defaultChecked;
  if (field.options) return isChosen(Array.from(field.options));
  return field.value !== field.defaultValue;
}

/** Whether anything in a form within `root` is not as the page came, or came back refused: taking that away would lose it. */
export function holdsWriting(root: ParentNode): boolean {
  if (root.querySelector("form[data-refused]")) return true;
  const controls = root.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>("form :is(input, textarea, select)");
  return [...controls].some((control) => isWritten(control as unknown as Field));
}
