// What a page does about the network being away: it keeps pages and unsent forms on the phone, says so, and sends.
import { enhanceAges } from "./age-labels";
import { retryDelay } from "./lib/backoff";
import { format, type Messages } from "./lib/message";
import { dueIn, subjectOf, type Entry } from "./lib/outbox";
import { holdsWriting } from "./lib/written";
import { onChange } from "./outbox/changes";
import { countOfOthers, entriesOf, lastAccount, setLastAccount } from "./outbox/database";
import { accountOf } from "./outbox/keep";
import { enhanceMending } from "./outbox/mend";
import { enhanceOutboxPage } from "./outbox/page";
import { sendOutbox, type Round } from "./outbox/sending";
import { deletePages, type Order } from "./worker/order";

const account = accountOf(document);
/** The page came from the phone, not from the server. */
const isCopy = document.body.dataset["keptAt"] !== undefined;
let isSettled = false;

async function tell(order: Order): Promise<void> {
  const registration = await navigator.serviceWorker?.ready;
  registration?.active?.postMessage(order);
}

/** `<section data-keep-pages="/report …">` holds links to cases: these pages, and the page itself, are kept on the phone. */
export function enhanceKeeping(root: ParentNode): void {
  const isRegion = root instanceof HTMLElement && root.hasAttribute("data-keep-pages");
  const region = isRegion ? root : root.querySelector<HTMLElement>("[data-keep-pages]");
  if (!region || !account || isCopy || !isSettled) return;
  const cases = [...region.querySelectorAll<HTMLAnchorElement>("a[data-revision]")];
  const pages = [
    { address: window.location.pathname, revision: "" },
    ...(region.dataset["keepPages"] ?? "").split(" ").filter(Boolean).map((address) => ({ address, revision: "" })),
    ...cases.map((link) => ({ address: link.getAttribute("href") ?? "", revision: link.dataset["revision"] ?? "" })),
  ];
  void tell({ kind: "keep", pages });
}

function linkTo(address: string, words: string): HTMLAnchorElement {
  const link = document.createElement("a");
  link.href = address;
  link.textContent = words;
  return link;
}

function bannerOf(...content: Array<string | Node>): HTMLElement {
  const box = document.createElement("div");
  box.className = "banner banner--soon";
  const words = document.createElement("p");
  words.append(...content);
  box.append(words);
  return box;
}

/** A banner above the page, in place of the last one of its name. */
function announce(name: string, ...content: Array<string | Node>): void {
  document.querySelector(`[data-banner="${name}"]`)?.remove();
  const box = bannerOf(...content);
  box.classList.add("offline-banner");
  box.dataset["banner"] = name;
  box.setAttribute("role", "status");
  document.querySelector("main")?.before(box);
}

/** Rows of cases in which something waits on the phone say so. */
function markRows(entries: readonly Entry[], messages: Messages): void {
  const subjects = new Set(entries.map(subjectOf));
  for (const link of document.querySelectorAll<HTMLAnchorElement>("a[data-key-item]")) {
    const facts = link.parentElement?.querySelector(".case-row__facts");
    const tag = facts?.querySelector("[data-outbox-tag]");
    const waits = subjects.has(link.getAttribute("href") ?? "");
    if (!waits) tag?.remove();
    if (!waits || tag) continue;
    const made = document.createElement("span");
    made.className = "tag tag--accent";
    made.setAttribute("data-outbox-tag", "");
    made.textContent = format(messages, "outbox.tag");
    facts?.append(made);
  }
}

/** On the page of a case in which a step waits no step is offered until it has arrived; notes are. */
function markCase(entries: readonly Entry[], messages: Messages): void {
  const here = /^\/cases\/[^/]+$/.exec(window.location.pathname)?.[0];
  const isNote = (action: string): boolean => action.endsWith("/notes");
  const step = entries.find((it) => subjectOf(it) === here && it.state.kind === "waiting" && !isNote(it.action));
  const action = document.querySelector<HTMLElement>("section.action");
  if (!step || !action || action.querySelector("[data-waits], [data-mends]")) return;
  for (const form of action.querySelectorAll<HTMLFormElement>("form[data-outbox]")) {
    if (!isNote(form.action)) (form.closest("details") ?? form).remove();
  }
  const heading = action.querySelector("h2");
  if (heading) heading.textContent = format(messages, "outbox.tag");
  const box = action.querySelector<HTMLElement>("[data-kept]") ?? bannerOf(`${format(messages, "outbox.here")} `, linkTo("/outbox", step.title));
  box.setAttribute("data-waits", "");
  if (!box.isConnected) (heading ?? action.firstElementChild)?.after(box);
}

/** What was kept on this page and has arrived since, or was refused. */
function markKept(entries: readonly Entry[], messages: Messages): void {
  for (const box of document.querySelectorAll<HTMLElement>("[data-kept]")) {
    const entry = entries.find((it) => String(it.sequence) === box.dataset["kept"]);
    const link = linkTo("/outbox", format(messages, "outbox.open"));
    if (!entry) box.querySelector("p")?.replaceChildren(format(messages, "outbox.sent", { count: 1 }));
    else if (entry.state.kind === "refused") {
      box.className = "banner banner--bad";
      box.querySelector("p")?.replaceChildren(`${format(messages, "send.refused", { reason: entry.state.reason })} `, link);
    }
  }
}

/** The count in the header, and what other people left on this phone. */
async function showCounts(own: number, messages: Messages): Promise<void> {
  const link = document.querySelector<HTMLElement>("[data-outbox-link]");
  if (link) {
    link.hidden = own === 0;
    link.querySelector("[data-label]")!.textContent = format(messages, "outbox.count", { count: own });
    link.querySelector("[data-outbox-count]")!.textContent = String(own);
  }
  const others = await countOfOthers(account);
  for (const place of document.querySelectorAll<HTMLElement>("[data-outbox-others]")) {
    place.hidden = others === 0;
    place.textContent = format(messages, "outbox.others", { count: others });
  }
}

let showAgain = (): void => undefined;

/** Says it again on what was swapped: rows that were read again, a case that was opened beside. */
export function enhanceWaiting(): void {
  showAgain();
}

async function show(messages: Messages): Promise<void> {
  const entries = account ? await entriesOf(account) : [];
  markRows(entries, messages);
  markCase(entries, messages);
  markKept(entries, messages);
  await showCounts(entries.length, messages);
}

/** A page that comes from the phone says since when. */
function sayKeptAt(messages: Messages): void {
  const keptAt = Number(document.body.dataset["keptAt"]);
  // The outbox is the same wherever it comes from, and stands in for pages that are not there.
  if (!keptAt || document.querySelector("[data-outbox-page]")) return;
  const time = document.createElement("time");
  time.dateTime = new Date(keptAt).toISOString();
  time.textContent = new Date(keptAt).toLocaleString(document.documentElement.lang);
  time.setAttribute("data-age", "");
  const again = linkTo(window.location.href, format(messages, "offline.reload"));
  announce("kept", `${format(messages, "offline.copy")} `, time, " ", again);
  enhanceAges(document);
}

async function saySignIn(messages: Messages): Promise<void> {
  const count = (await entriesOf(account)).length;
  const next = encodeURIComponent(window.location.pathname);
  const link = linkTo(`/sign-in?next=${next}`, format(messages, "outbox.sign-in-link"));
  announce("sign-in", `${format(messages, "outbox.sign-in", { count })} `, link);
}

/** True while a new page would take something out of the person's hands: words, a choice, a case opened beside. */
function isInHand(): boolean {
  const main = document.querySelector("main");
  return main !== null && (main.querySelector("[data-panel]:not([hidden])") !== null || holdsWriting(main));
}

/** Loads the page again when it shows cases as they were before; where that would take something away it is offered. */
function freshen(messages: Messages): void {
  const showsCases = isCopy || document.querySelector("a[data-key-item], section.action") !== null;
  if (!showsCases || window.location.pathname === "/outbox") return;
  if (!isInHand()) return window.location.reload();
  const again = linkTo(window.location.pathname + window.location.search, format(messages, "offline.reload"));
  announce("arrived", `${format(messages, "outbox.arrived")} `, again);
}

class Sender {
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  /** A round is on its way, or nothing can be sent before somebody signs in. */
  private rests = false;

  constructor(private readonly messages: Messages) {}

  /** One round now. What stays is tried again, later and later, as long as the page is open. */
  async send(isAsked = false): Promise<Round | null> {
    clearTimeout(this.timer);
    this.timer = undefined;
    if (!account || (await entriesOf(account)).length === 0) return null;
    this.rests = true;
    const round = await sendOutbox(account, isAsked).finally(() => (this.rests = false));
    this.rests = round.stopped === "sign-in";
    if (this.rests) await saySignIn(this.messages);
    else await this.sendLater(round);
    if (round.sent > 0) freshen(this.messages);
    return round;
  }

  /** Something was kept since: it is sent without anybody asking for it, also where no browser says that it is online. */
  async look(): Promise<void> {
    if (account && this.timer === undefined && !this.rests) await this.sendLater({ sent: 0, stopped: null });
  }

  /** Again when the first of what stays can be sent, and not before the server or the line has had a rest. */
  private async sendLater(round: Round): Promise<void> {
    const due = dueIn(await entriesOf(account), Date.now());
    const rest = retryDelay(this.attempt, Math.random());
    this.attempt = round.stopped === null || round.sent > 0 ? 0 : this.attempt + 1;
    if (due === null) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.send().catch(() => undefined), Math.max(due, rest));
  }

  /** The network is back: sends, and shows what the server has now. */
  async backOnline(): Promise<void> {
    const round = await this.send(true);
    if (isCopy && (!round || round.stopped === null)) freshen(this.messages);
  }
}

/** Pages of somebody who is not signed in here any more do not stay on the phone. */
async function settleAccount(): Promise<void> {
  if (!isCopy && (await lastAccount()) !== account) {
    const worker = navigator.serviceWorker?.controller;
    if (worker) worker.postMessage({ kind: "forget" } satisfies Order);
    else if ("caches" in window) await deletePages();
    await setLastAccount(account);
  }
  isSettled = true;
  enhanceKeeping(document);
}

async function registerWorker(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  // A new version begins without pages.
  navigator.serviceWorker.addEventListener("controllerchange", () => enhanceKeeping(document));
  await navigator.serviceWorker.register("/service-worker.js", { scope: "/" });
}

export async function startOffline(messages: Messages): Promise<void> {
  registerWorker().catch((error) => console.warn("This browser keeps no pages", error));
  sayKeptAt(messages);
  if (!("indexedDB" in window)) return;
  const sender = new Sender(messages);
  enhanceOutboxPage(document, messages, () => sender.send(true));
  onChange(() => void Promise.all([show(messages), sender.look()]).catch(() => undefined));
  window.addEventListener("online", () => void sender.backOnline().catch(() => undefined));
  try {
    await settleAccount();
    await show(messages);
    showAgain = () => void show(messages).catch(() => undefined);
    await enhanceMending(messages);
    await sender.send();
  } catch (error) {
    console.warn("This browser keeps nothing", error);
  }
}
