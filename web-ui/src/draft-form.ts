import { draftOf, parseDraft, type Control } from "./lib/draft";
import { newUuid } from "./lib/identity";
import { format, type Messages } from "./lib/message";
import { forget, recall, remember } from "./store";

type FormControl = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

function draftKey(form: HTMLFormElement): string {
  return `olzii.draft.${form.dataset["draft"] ?? ""}`;
}

function controlsOf(form: HTMLFormElement): FormControl[] {
  return [...form.querySelectorAll<FormControl>("input, textarea, select")];
}

function describe(control: FormControl): Control {
  return {
    name: control.name,
    type: control.type,
    value: control.value,
    checked: control instanceof HTMLInputElement && control.checked,
    keep: control.hasAttribute("data-keep"),
    autocomplete: control.autocomplete,
  };
}

function restore(form: HTMLFormElement, fields: Readonly<Record<string, string>>): void {
  for (const control of controlsOf(form)) {
    const value = fields[control.name];
    if (value === undefined || !control.hasAttribute("data-keep")) continue;
    if (control instanceof HTMLInputElement && (control.type === "radio" || control.type === "checkbox")) {
      control.checked = control.value === value;
    } else {
      control.value = value;
    }
  }
}

/** Says that a draft was brought back, and offers to throw it away. */
function announce(form: HTMLFormElement, messages: Messages): void {
  const banner = document.createElement("div");
  banner.className = "banner";
  banner.setAttribute("role", "status");
  const text = document.createElement("p");
  const discard = document.createElement("button");
  discard.type = "button";
  discard.className = "link-button";
  discard.textContent = format(messages, "draft.discard");
  discard.addEventListener("click", () => {
    dropDraft(form);
    form.reset();
    const identity = form.querySelector<HTMLInputElement>('input[name="id"]');
    if (identity) identity.value = newUuid();
    banner.remove();
  });
  text.append(`${format(messages, "draft.restored")} `, discard);
  banner.append(text);
  form.prepend(banner);
}

/** Forgets the draft: the server has the report, or the person does not want it. */
export function dropDraft(form: HTMLFormElement): void {
  if (form.dataset["draft"]) forget(draftKey(form));
}

/** `<form data-draft="report">` with `<input type="hidden" name="id" data-client-id>`; fields to keep carry `data-keep`. */
export function enhanceDraft(root: ParentNode, messages: Messages): void {
  for (const form of root.querySelectorAll<HTMLFormElement>("form")) {
    const identity = form.querySelector<HTMLInputElement>("input[data-client-id]");
    // A page that is kept on the phone is opened many times: each time its forms are new ones.
    if (identity && (identity.value === "" || document.body.dataset["keptAt"])) identity.value = newUuid();
    if (!form.dataset["draft"]) continue;
    const key = draftKey(form);
    const kept = parseDraft(recall(key), Date.now());
    // A page that comes back with errors already holds what was sent; the draft must not write over it.
    if (kept && !form.hasAttribute("data-refused")) {
      restore(form, kept.fields);
      if (identity) identity.value = kept.id;
      announce(form, messages);
    }
    form.addEventListener("input", () => {
      const draft = draftOf(identity?.value ?? newUuid(), controlsOf(form).map(describe), Date.now());
      if (draft) remember(key, JSON.stringify(draft));
      else forget(key);
    });
  }
}
