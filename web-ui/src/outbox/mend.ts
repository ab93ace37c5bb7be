import { format, type Messages } from "../lib/message";
import type { Entry, Photo } from "../lib/outbox";
import { restoredOf } from "../lib/restore";
import { entryAt, photosOf } from "./database";
import { accountOf } from "./keep";

function restoreFields(form: HTMLFormElement, fields: Entry["fields"]): void {
  for (const control of form.querySelectorAll<HTMLInputElement>("input, textarea, select")) {
    const restored = restoredOf(fields, control);
    if (typeof restored === "boolean") control.checked = restored;
    else if (restored !== null) control.value = restored;
    // What is chosen in a part that is folded away is seen.
    const fold = restored === true ? control.closest("details") : null;
    if (fold) fold.open = true;
  }
  form.dispatchEvent(new Event("input", { bubbles: true }));
}

function restorePhotos(form: HTMLFormElement, photos: readonly Photo[]): void {
  const input = form.querySelector<HTMLInputElement>("input[type=file]");
  if (!input || photos.length === 0) return;
  const transfer = new DataTransfer();
  for (const { name, type, bytes } of photos) transfer.items.add(new File([bytes], name, { type }));
  input.files = transfer.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}

function say(text: string, before: Element): void {
  const box = document.createElement("div");
  box.className = "banner banner--bad";
  box.setAttribute("role", "alert");
  box.tabIndex = -1;
  const words = document.createElement("p");
  words.textContent = text;
  box.append(words);
  before.before(box);
  box.focus();
  box.scrollIntoView({ block: "start" });
}

/** Opened from the outbox at `#mend-12`: the form holds again what was written there, with the photos. */
export async function enhanceMending(messages: Messages): Promise<void> {
  const sequence = Number(/^#mend-(\d+)$/.exec(window.location.hash)?.[1]);
  if (!sequence) return;
  const entry = await entryAt(sequence);
  if (!entry || entry.account !== accountOf(document) || entry.state.kind !== "refused") return;
  const form = document.querySelector<HTMLFormElement>(`form[data-outbox][action="${CSS.escape(entry.action)}"]`);
  if (!form) {
    const main = document.querySelector("main > :first-child");
    if (main) say(format(messages, "outbox.no-form"), main);
    return;
  }
  form.dataset["mends"] = String(sequence);
  for (let holder = form.closest("details"); holder; holder = holder.parentElement?.closest("details") ?? null) holder.open = true;
  restoreFields(form, entry.fields);
  restorePhotos(form, await photosOf(sequence));
  say(format(messages, "outbox.mending", { reason: entry.state.reason }), form);
}
