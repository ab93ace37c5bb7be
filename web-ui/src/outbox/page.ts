import { enhanceAges } from "../age-labels";
import { format, type Messages } from "../lib/message";
import { heldBack, type Entry } from "../lib/outbox";
import { onChange, tellChange } from "./changes";
import { entriesOf, photosOf, remove } from "./database";
import { accountOf } from "./keep";
import type { Round } from "./sending";

type Send = () => Promise<Round | null>;

function slot(item: ParentNode, name: string): HTMLElement {
  return item.querySelector<HTMLElement>(`[data-slot="${name}"]`)!;
}

function showFields(list: HTMLElement, shown: Entry["shown"]): void {
  for (const { label, value } of shown) {
    const row = document.createElement("div");
    const [term, words] = [document.createElement("dt"), document.createElement("dd")];
    term.textContent = label;
    words.textContent = value;
    row.append(term, words);
    list.append(row);
  }
}

async function showPhotos(list: HTMLElement, sequence: number, messages: Messages): Promise<void> {
  for (const [index, { bytes, type }] of (await photosOf(sequence)).entries()) {
    const image = document.createElement("img");
    image.src = URL.createObjectURL(new Blob([bytes], { type }));
    image.alt = format(messages, "outbox.photo", { number: index + 1 });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    const item = document.createElement("li");
    item.append(image);
    list.append(item);
  }
}

/** One entry; its pictures are read when somebody opens it. `isHeld`: it waits for one before it that was refused. */
function itemOf(template: HTMLTemplateElement, entry: Entry, isHeld: boolean, messages: Messages): HTMLElement {
  const item = (template.content.cloneNode(true) as DocumentFragment).firstElementChild as HTMLElement;
  const { state } = entry;
  item.dataset["entry"] = String(entry.sequence);
  for (const tag of item.querySelectorAll<HTMLElement>("[data-state]")) tag.hidden = tag.dataset["state"] !== state.kind;
  slot(item, "title").textContent = entry.title;
  const kept = slot(item, "kept") as HTMLTimeElement;
  kept.dateTime = new Date(entry.keptAt).toISOString();
  kept.textContent = new Date(entry.keptAt).toLocaleString(document.documentElement.lang);
  const isRefused = state.kind === "refused";
  slot(item, "reason").textContent = isRefused ? state.reason : "";
  const attempts = isRefused ? 0 : state.attempts;
  slot(item, "attempts").textContent = attempts > 0 ? format(messages, "outbox.attempts", { count: attempts }) : "";
  slot(item, "held").textContent = isHeld ? format(messages, "outbox.held") : "";
  const [mend, page] = [slot(item, "mend") as HTMLAnchorElement, slot(item, "page") as HTMLAnchorElement];
  mend.hidden = !isRefused;
  mend.href = `${entry.page}#mend-${entry.sequence}`;
  page.hidden = !entry.action.startsWith("/cases/");
  page.href = entry.page;
  showFields(slot(item, "shown"), entry.shown);
  const photos = slot(item, "photos");
  photos.closest("details")?.addEventListener("toggle", () => void showPhotos(photos, entry.sequence, messages), { once: true });
  slot(item, "delete").addEventListener("click", () => void remove(entry.sequence).then(tellChange));
  return item;
}

/** What a round came to, in words; `left` is what stayed. */
export function wordsOf(round: Round, left: readonly Entry[], messages: Messages): string {
  const refused = left.filter((it) => it.state.kind === "refused").length;
  const words = round.sent > 0 ? [format(messages, "outbox.sent", { count: round.sent })] : [];
  if (round.stopped) words.push(format(messages, `outbox.${round.stopped}`, { count: left.length }));
  if (refused > 0) words.push(format(messages, "outbox.refused", { count: refused }));
  return words.join(" ");
}

/** The page of the outbox: what waits, what was refused and why, and what was written, with the photos. */
export function enhanceOutboxPage(root: ParentNode, messages: Messages, send: Send): void {
  const region = root.querySelector<HTMLElement>("[data-outbox-page]");
  const list = region?.querySelector<HTMLElement>("[data-outbox-list]");
  const template = region?.querySelector<HTMLTemplateElement>("[data-outbox-entry]");
  if (!region || !list || !template) return;
  const part = (name: string): HTMLElement => region.querySelector<HTMLElement>(`[data-outbox-${name}]`)!;
  // The same page stands in for one that is not on the phone.
  root.querySelector<HTMLElement>("[data-outbox-missing]")!.hidden = window.location.pathname === "/outbox";
  const account = accountOf(document);
  let shown = "";
  const show = async (): Promise<void> => {
    const entries = account ? await entriesOf(account) : [];
    part("none").hidden = entries.length > 0;
    part("send").hidden = entries.length === 0;
    const next = JSON.stringify(entries.map((it) => [it.sequence, it.state]));
    // What somebody has unfolded stays so while nothing changes.
    if (next === shown) return;
    shown = next;
    const held = heldBack(entries);
    list.replaceChildren(...entries.map((entry) => itemOf(template, entry, held.has(entry.sequence), messages)));
    enhanceAges(list);
  };
  const refuse = (): void => void (part("cannot").hidden = false);
  show().catch(refuse);
  onChange(() => void show().catch(refuse));
  const button = part("send").querySelector("button");
  button?.addEventListener("click", async () => {
    button.setAttribute("aria-disabled", "true");
    const round = await send();
    button.removeAttribute("aria-disabled");
    const left = account ? await entriesOf(account) : [];
    part("news").textContent = round ? wordsOf(round, left, messages) : "";
    await show();
  });
}
