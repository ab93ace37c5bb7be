/** A report kept on this device until the server has it. Only fields that the page marks as keepable are ever in it. */
export interface Draft {
  readonly id: string;
  /** Milliseconds since 1970, when it was last changed. */
  readonly savedAt: number;
  readonly fields: Readonly<Record<string, string>>;
}

/** A draft left on a shared device goes away by itself. */
export const DRAFT_AGE_MAX_MS = 7 * 24 * 60 * 60 * 1000;

/** What the draft needs to know of a control. */
export interface Control {
  readonly name: string;
  readonly type: string;
  readonly value: string;
  readonly checked?: boolean;
  readonly keep: boolean;
  readonly autocomplete?: string;
}

const NEVER_TYPES = new Set(["password", "file", "hidden", "tel", "email", "submit", "button"]);
const PERSONAL = /\b(name|given-name|family-name|tel|email|street-address|postal-code|bday)\b/;

/** Kept only when the page says `data-keep`, and never when the control holds a name, a phone, an address or a secret. */
export function mayKeep(control: Control): boolean {
  return (
    control.keep &&
    control.name !== "" &&
    !NEVER_TYPES.has(control.type) &&
    !PERSONAL.test(control.autocomplete ?? "")
  );
}

/** The draft of these controls, or null when nothing has been written yet. */
export function draftOf(id: string, controls: readonly Control[], now: number): Draft | null {
  const fields: Record<string, string> = {};
  for (const control of controls) {
    if (!mayKeep(control)) continue;
    const isChoice = control.type === "radio" || control.type === "checkbox";
    if (isChoice && !control.checked) continue;
    if (control.value.trim() !== "") fields[control.name] = control.value;
  }
  return Object.keys(fields).length === 0 ? null : { id, savedAt: now, fields };
}

/** Reads a stored draft; anything malformed, or older than the limit, is no draft. */
export function parseDraft(text: string | null, now: number): Draft | null {
  if (text === null) return null;
  try {
    const draft = JSON.parse(text) as Draft;
    const sound =
      typeof draft.id === "string" &&
      typeof draft.savedAt === "number" &&
      typeof draft.fields === "object" &&
      draft.fields !== null &&
      Object.values(draft.fields).every((value) => typeof value === "string");
    return sound && now - draft.savedAt <= DRAFT_AGE_MAX_MS ? draft : null;
  } catch {
    return null;
  }
}
