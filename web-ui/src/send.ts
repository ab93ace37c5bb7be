import { dropDraft } from "./draft-form";
import { format, type Messages } from "./lib/message";
import { ACCOUNT_HEADER, ENTRIES_MAX, SEND_WAIT_MS, outcomeOf } from "./lib/outbox";
import { tellChange } from "./outbox/changes";
import { remove } from "./outbox/database";
import { accountOf, keepForm, mayKeep } from "./outbox/keep";
import { fillPanel, isInPanel } from "./panel";

type Enhance = (root: ParentNode) => void;

function buttonsOf(form: HTMLFormElement): HTMLButtonElement[] {
  return [...form.querySelectorAll<HTMLButtonElement>("button:not([type=button])")];
}

/** While a form is on its way its buttons say so and do nothing; `aria-disabled` keeps the focus where it is. */
function setSending(form: HTMLFormElement, sending: boolean): void {
  form.classList.toggle("is-sending", sending);
  for (const button of buttonsOf(form)) {
    if (sending) button.setAttribute("aria-disabled", "true");
    else button.removeAttribute("aria-disabled");
  }
}

/** One message above the buttons, read out at once. */
function say(form: HTMLFormElement, text: string): void {
  const box = form.querySelector<HTMLElement>("[data-send-status]") ?? document.createElement("div");
  box.setAttribute("data-send-status", "");
  box.setAttribute("role", "alert");
  box.className = "banner banner--bad";
  const words = document.createElement("p");
  words.textContent = text;
  box.replaceChildren(words);
  const row = form.querySelector(".button-row");
  if (row) row.before(box);
  else form.append(box);
  box.scrollIntoView({ block: "nearest" });
}

function bodyOf(form: HTMLFormElement, submitter: HTMLElement | null): BodyInit {
  const data = new FormData(form);
  if (submitter instanceof HTMLButtonElement && submitter.name) data.append(submitter.name, submitter.value);
  if (form.enctype === "multipart/form-data") return data;
  const pairs = [...data].map(([name, value]): [string, string] => [name, typeof value === "string" ? value : ""]);
  return new URLSearchParams(pairs);
}

/** Puts the server's page in place of this one's main part; chosen photos are carried over. */
function swapMain(form: HTMLFormElement, page: Document, enhance: Enhance): boolean {
  const next = page.querySelector("main");
  const twin = next?.querySelector<HTMLFormElement>(`form[action="${CSS.escape(form.getAttribute("action") ?? "")}"]`);
  const current = document.querySelector("main");
  if (!next || !twin || !current) return false;
  const inPanel = isInPanel(form);
  twin.setAttribute("data-refused", "");
  if (form.dataset["mends"]) twin.dataset["mends"] = form.dataset["mends"];
  for (const input of form.querySelectorAll<HTMLInputElement>('input[type="file"]')) {
    const place = twin.querySelector<HTMLInputElement>(`input[type="file"][name="${CSS.escape(input.name)}"]`);
    if (place && input.files && input.files.length > 0) place.files = input.files;
  }
  if (inPanel) {
    fillPanel(form, page, enhance);
    return true;
  }
  document.title = page.title || document.title;
  const adopted = document.adoptNode(next);
  current.replaceWith(adopted);
  enhance(adopted);
  const summary = adopted.querySelector<HTMLElement>(".error-summary");
  (summary ?? adopted).focus();
  (summary ?? adopted).scrollIntoView({ block: "start" });
  return true;
}

/** What stands in place of a form that waits on the phone. */
function sayKept(form: HTMLFormElement, sequence: number, messages: Messages): void {
  const box = document.createElement("div");
  box.className = "banner banner--good";
  box.dataset["kept"] = String(sequence);
  box.setAttribute("role", "status");
  box.tabIndex = -1;
  const link = document.createElement("a");
  link.href = "/outbox";
  link.textContent = format(messages, "outbox.open");
  const words = document.createElement("p");
  words.append(`${format(messages, "outbox.kept")} `, link);
  box.append(words);
  form.replaceWith(box);
  box.focus();
}

/** Keeps on the phone what could not be sent, if it may wait there; else it stays on the page. */
async function keepOrStay(form: HTMLFormElement, submitter: HTMLElement | null, messages: Messages): Promise<void> {
  const kept = mayKeep(form) ? await keepForm(form, submitter) : "unavailable";
  if (typeof kept === "number") {
    dropDraft(form);
    sayKept(form, kept, messages);
    return;
  }
  const offline = form.dataset["draft"] ? "send.offline-kept" : "send.offline";
  say(form, format(messages, kept === "unavailable" ? offline : `outbox.${kept}`, { max: ENTRIES_MAX }));
  setSending(form, false);
}

async function fetchInTime(address: string, request: RequestInit): Promise<Response> {
  const wait = new AbortController();
  const timer = setTimeout(() => wait.abort(), SEND_WAIT_MS);
  return fetch(address, { ...request, signal: wait.signal }).finally(() => clearTimeout(timer));
}

async function finish(form: HTMLFormElement, response: Response, enhance: Enhance): Promise<void> {
  dropDraft(form);
  const mended = form.dataset["mends"];
  if (mended) await remove(Number(mended)).then(tellChange, () => undefined);
  if (isInPanel(form)) fillPanel(form, new DOMParser().parseFromString(await response.text(), "text/html"), enhance);
  else window.location.assign(response.url);
}

async function send(form: HTMLFormElement, submitter: HTMLElement | null, messages: Messages, enhance: Enhance): Promise<void> {
  setSending(form, true);
  const headers: Record<string, string> = { accept: "text/html" };
  if (mayKeep(form)) headers[ACCOUNT_HEADER] = accountOf(document);
  try {
    const body = bodyOf(form, submitter);
    const response = await fetchInTime(form.action, { method: "POST", body, headers, credentials: "same-origin" });
    const isSignIn = response.redirected && new URL(response.url).pathname === "/sign-in";
    if (response.ok && response.redirected && !(isSignIn && mayKeep(form))) return await finish(form, response, enhance);
    const isLater = isSignIn || (response.status >= 400 && outcomeOf(response.status, null) === "later");
    if (isLater && mayKeep(form)) return await keepOrStay(form, submitter, messages);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const swapped = response.status < 500 && swapMain(form, page, enhance);
    if (!swapped) {
      const reason = page.querySelector("main h1")?.textContent?.trim() ?? String(response.status);
      say(form, format(messages, response.status >= 500 ? "send.failed" : "send.refused", { reason }));
      setSending(form, false);
    }
  } catch {
    await keepOrStay(form, submitter, messages);
  }
}

/** `<form method="post" data-send>` is sent in place; every other form only guards against a second press. */
export function enhanceSending(root: ParentNode, messages: Messages, enhance: Enhance): void {
  for (const form of root.querySelectorAll<HTMLFormElement>('form[method="post"]')) {
    form.addEventListener("submit", (event) => {
      if (form.classList.contains("is-sending")) {
        event.preventDefault();
        return;
      }
      if (form.hasAttribute("data-send")) {
        event.preventDefault();
        void send(form, event.submitter, messages, enhance);
      } else {
        // After the browser has read the pressed button's value.
        setTimeout(() => setSending(form, true));
      }
    });
  }
  // A page brought back by the Back button is not sending any more.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) document.querySelectorAll<HTMLFormElement>("form.is-sending").forEach((form) => setSending(form, false));
  }, { once: true });
}
