import { dropDraft } from "./draft-form";
import { outcomeOfPage, reasonOfPage } from "./lib/answer";
import { format, type Messages } from "./lib/message";
import { ACCOUNT_HEADER, ENTRIES_MAX, SEND_WAIT_MS } from "./lib/outbox";
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
function say(form: HTMLFormElement, ...content: Array<string | Node>): void {
  const box = form.querySelector<HTMLElement>("[data-send-status]") ?? document.createElement("div");
  box.setAttribute("data-send-status", "");
  box.setAttribute("role", "alert");
  box.className = "banner banner--bad";
  const words = document.createElement("p");
  words.append(...content);
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

/** `<form data-shows="contact">` asks for one part of a page, by its id: it stands in place of the form, and nothing else goes. */
function showPart(form: HTMLFormElement, page: Document): boolean {
  const part = page.getElementById(form.dataset["shows"] ?? "");
  if (!part) return false;
  const adopted = document.adoptNode(part);
  adopted.tabIndex = -1;
  form.replaceWith(adopted);
  adopted.focus();
  return true;
}

/** Why a form was not taken, though nobody refused it. */
type Absence = "offline" | "sign-in" | "other-account";

/** Where to sign in as whoever wrote this. With somebody else signed in it is their account, where they sign out. */
function signInLink(why: Exclude<Absence, "offline">, messages: Messages): HTMLAnchorElement {
  const link = document.createElement("a");
  const next = encodeURIComponent(window.location.pathname + window.location.search);
  link.href = why === "sign-in" ? `/sign-in?next=${next}` : "/me";
  link.textContent = format(messages, why === "sign-in" ? "outbox.sign-in-link" : "send.other-account-link");
  return link;
}

/** What stands in place of a form that waits on the phone. */
function sayKept(form: HTMLFormElement, sequence: number, why: Absence, messages: Messages): void {
  const box = document.createElement("div");
  box.className = "banner banner--good";
  box.dataset["kept"] = String(sequence);
  box.setAttribute("role", "status");
  box.tabIndex = -1;
  const link = document.createElement("a");
  link.href = "/outbox";
  link.textContent = format(messages, "outbox.open");
  const words = document.createElement("p");
  const key = why === "offline" ? "outbox.kept" : `outbox.kept-${why}`;
  words.append(`${format(messages, key)} `, why === "offline" ? link : signInLink(why, messages));
  box.append(words);
  form.replaceWith(box);
  box.focus();
}

/** Keeps on the phone what could not be sent, if it may wait there; else it stays on the page. */
async function keepOrStay(form: HTMLFormElement, submitter: HTMLElement | null, why: Absence, messages: Messages): Promise<void> {
  const kept = mayKeep(form) ? await keepForm(form, submitter) : "unavailable";
  if (typeof kept === "number") {
    dropDraft(form);
    sayKept(form, kept, why, messages);
    return;
  }
  if (kept !== "unavailable") say(form, format(messages, `outbox.${kept}`, { max: ENTRIES_MAX }));
  else if (why === "offline") say(form, format(messages, form.dataset["draft"] ? "send.offline-kept" : "send.offline"));
  else {
    const link = signInLink(why, messages);
    // What was written is on this page alone.
    [link.target, link.rel] = ["_blank", "noopener"];
    say(form, `${format(messages, `send.${why}`)} `, link);
  }
  setSending(form, false);
}

/** The answer, read whole. */
async function fetchInTime(address: string, request: RequestInit): Promise<Pick<Response, "status" | "redirected" | "url"> & { text: string }> {
  const wait = new AbortController();
  const timer = setTimeout(() => wait.abort(), SEND_WAIT_MS);
  try {
    const response = await fetch(address, { ...request, signal: wait.signal });
    const { status, redirected, url } = response;
    return { status, redirected, url, text: await response.text() };
  } finally {
    clearTimeout(timer);
  }
}

/** It was taken: nothing of it is kept any more, and the page after it is shown. */
async function finish(form: HTMLFormElement, address: string, page: Document, enhance: Enhance): Promise<void> {
  dropDraft(form);
  const mended = form.dataset["mends"];
  if (mended) await remove(Number(mended)).then(tellChange, () => undefined);
  if (isInPanel(form)) fillPanel(form, page, enhance);
  else window.location.assign(address);
}

/** Says what of a page that is not the form again explains why nothing was done. */
function sayRefused(form: HTMLFormElement, page: Document, status: number, isLater: boolean, messages: Messages): void {
  const text = (it: Element | null): string | null => it?.textContent ?? null;
  // Where one only has to press again, what a page says of being loaded again does not hold.
  const explains = isLater ? [] : page.querySelectorAll("main .error-page :is(.lead, li)");
  const reason = reasonOfPage(text(page.querySelector("main h1")), [...explains].map(text), status);
  say(form, format(messages, isLater ? "send.failed" : "send.refused", { reason }));
  setSending(form, false);
}

async function send(form: HTMLFormElement, submitter: HTMLElement | null, messages: Messages, enhance: Enhance): Promise<void> {
  setSending(form, true);
  const own = accountOf(document);
  const headers: Record<string, string> = { accept: "text/html" };
  // Under another's session nothing is taken that stands on this page.
  if (own) headers[ACCOUNT_HEADER] = own;
  try {
    const body = bodyOf(form, submitter);
    const { status, redirected, url, text } = await fetchInTime(form.action, { method: "POST", body, headers, credentials: "same-origin" });
    const page = new DOMParser().parseFromString(text, "text/html");
    const account = page.body.dataset["account"] ?? null;
    const outcome = outcomeOfPage({ status, redirected, path: new URL(url).pathname, account }, own);
    if (outcome === "taken") return await finish(form, url, page, enhance);
    if (outcome === "sign-in" || outcome === "other-account") return await keepOrStay(form, submitter, outcome, messages);
    // What says when to come back says it better than that there is no network.
    if (outcome === "later" && (mayKeep(form) || account === null)) return await keepOrStay(form, submitter, "offline", messages);
    if (status < 300 && showPart(form, page)) return;
    const isLater = outcome === "later" || status >= 500;
    if (isLater || !swapMain(form, page, enhance)) sayRefused(form, page, status, isLater, messages);
  } catch {
    await keepOrStay(form, submitter, "offline", messages);
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
