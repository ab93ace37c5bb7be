import { tellChange } from "./changes";
import { OutboxIsFull, put } from "./database";
import type { Photo } from "../lib/outbox";

/** The place in the order, or why there is none. */
export type Kept = number | "full" | "limit" | "unavailable";

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** The account of the page; empty when nobody is signed in. */
export function accountOf(page: Document): string {
  return page.body.dataset["account"] ?? "";
}

/** Whether what this form sends can wait on the phone: it is for somebody who is signed in. */
export function mayKeep(form: HTMLFormElement): boolean {
  return form.hasAttribute("data-outbox") && accountOf(document) !== "" && "indexedDB" in window;
}

function textOf(element: Element | null | undefined): string {
  return element?.textContent?.replace(/\s+/g, " ").trim() ?? "";
}

/** A control as a person reads it; null for what is hidden, empty or not chosen. */
function readOne(control: Control): { label: string; value: string } | null {
  if (control.type === "hidden" || control.type === "file" || control.value.trim() === "") return null;
  const label = textOf(control.labels?.[0]);
  if (control instanceof HTMLSelectElement) return { label, value: textOf(control.selectedOptions[0]) };
  if (control.type !== "radio" && control.type !== "checkbox") return { label, value: control.value.trim() };
  if (!(control as HTMLInputElement).checked) return null;
  const question = textOf(control.closest("fieldset")?.querySelector("legend"));
  return question ? { label: question, value: label } : { label, value: "✓" };
}

function read(form: HTMLFormElement): Array<{ label: string; value: string }> {
  const controls = [...form.querySelectorAll<Control>("input, textarea, select")];
  return controls.map(readOne).filter((it) => it !== null);
}

/** What was done, and to what: the step and the case, or the words of the report. */
function titleOf(form: HTMLFormElement): string {
  const words = form.querySelector<HTMLTextAreaElement>("textarea[name=description]")?.value.trim().split("\n")[0];
  const subject = words ?? textOf(form.closest("[data-panel-body], main")?.querySelector("h1"));
  return `${form.dataset["outbox"] ?? ""} · ${subject.slice(0, 60)}`;
}

function isFull(error: unknown): boolean {
  return error instanceof DOMException && error.name === "QuotaExceededError";
}

/** Keeps what the form would send, photos and all; once this has its place in the order it is on disk. */
export async function keepForm(form: HTMLFormElement, submitter: HTMLElement | null): Promise<Kept> {
  const data = new FormData(form);
  if (submitter instanceof HTMLButtonElement && submitter.name) data.append(submitter.name, submitter.value);
  let sequence: number;
  try {
    const files = [...data.values()].filter((it): it is File => typeof it !== "string" && it.size > 0);
    const photos: Photo[] = [];
    for (const file of files) photos.push({ name: file.name, type: file.type, bytes: await file.arrayBuffer() });
    const fields = [...data].filter((it): it is [string, string] => typeof it[1] === "string");
    const mends = form.dataset["mends"];
    const action = new URL(form.action).pathname;
    const entry = {
      account: accountOf(document),
      keptAt: Date.now(),
      action,
      // Where a form of a case stands beside another page, it is still the case's.
      page: /^\/cases\/[^/]+/.exec(action)?.[0] ?? window.location.pathname + window.location.search,
      title: titleOf(form),
      fields,
      shown: read(form),
      state: { kind: "waiting", attempts: 0 } as const,
    };
    sequence = await put(entry, photos, mends ? Number(mends) : null);
  } catch (error) {
    if (error instanceof OutboxIsFull) return "limit";
    return isFull(error) ? "full" : "unavailable";
  }
  tellChange();
  // Asked for when there is something to lose; a browser may say no.
  void navigator.storage?.persist?.().catch(() => false);
  void sendWhenOnline();
  return sequence;
}

/** Background Sync, where there is: the service worker sends even when no page is open. */
async function sendWhenOnline(): Promise<void> {
  const registration = await navigator.serviceWorker?.getRegistration();
  const sync = (registration as (ServiceWorkerRegistration & { sync?: { register(tag: string): Promise<void> } }) | undefined)?.sync;
  await sync?.register("outbox").catch(() => undefined);
}
