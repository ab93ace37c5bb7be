import { isStale, retryDelay } from "./lib/backoff";
import { selectorOf } from "./lib/focus";
import { format, type Messages } from "./lib/message";

/** True while swapping the region would take something out of the person's hands. */
function inUse(region: HTMLElement): boolean {
  const active = document.activeElement;
  return region.contains(active) && active instanceof HTMLElement && /^(INPUT|TEXTAREA|SELECT)$/.test(active.tagName);
}

/** Puts the fresh region in place of the old; what has the focus keeps it, by its key, its id or its address. */
function swap(region: HTMLElement, next: HTMLElement): HTMLElement {
  const active = region.contains(document.activeElement) ? (document.activeElement as HTMLElement) : null;
  const held = active && selectorOf({ key: active.dataset["focus"], id: active.id, href: active.getAttribute("href") });
  const adopted = document.adoptNode(next);
  const scrolled = [...region.querySelectorAll("[tabindex][id]")].map((it) => [it.id, it.scrollTop] as const);
  region.replaceWith(adopted);
  for (const [id, top] of scrolled) {
    const again = adopted.querySelector<HTMLElement>(`#${CSS.escape(id)}`);
    if (again) again.scrollTop = top;
  }
  if (held) adopted.querySelector<HTMLElement>(held)?.focus({ preventScroll: true });
  return adopted;
}

/** Says above the region that what it shows is of `since` and not renewed; nothing when it is renewed again. */
function sayStale(region: HTMLElement, since: Date | null, messages: Messages): void {
  const said = region.querySelector<HTMLElement>(":scope > [data-stale]");
  // A page that comes from the phone says from when it is.
  if (!since || document.body.dataset["keptAt"]) return said?.remove();
  if (said) return;
  const box = document.createElement("div");
  box.className = "banner banner--soon stale";
  box.setAttribute("data-stale", "");
  box.setAttribute("role", "status");
  const [words, again] = [document.createElement("p"), document.createElement("a")];
  again.href = window.location.pathname + window.location.search;
  again.textContent = format(messages, "offline.reload");
  const time = since.toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  words.append(`${format(messages, "refresh.stale", { time })} `, again);
  box.append(words);
  region.prepend(box);
}

async function fetchRegion(id: string): Promise<HTMLElement | null> {
  const response = await fetch(window.location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
  // A session that ended answers with the sign-in page: the list stays, its age shows.
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html").getElementById(id);
}

type Enhance = (root: ParentNode) => void;

function watch(region: HTMLElement, seconds: number, messages: Messages, enhance: Enhance): void {
  let current = region;
  let failures = 0;
  let renewed = new Date();
  const later = (wait: number): void => void setTimeout(() => void turn(), wait);
  const turn = async (): Promise<void> => {
    // A region that a form swap has taken away is watched by its successor.
    if (!current.isConnected) return;
    if (document.hidden || inUse(current)) return later(2_000);
    try {
      const next = await fetchRegion(current.id);
      [failures, renewed] = [0, new Date()];
      sayStale(current, null, messages);
      if (next && current.isConnected && !inUse(current) && next.innerHTML !== current.dataset["seen"]) {
        const seen = next.innerHTML;
        current = swap(current, next);
        current.dataset["seen"] = seen;
        current.dataset["watched"] = "";
        enhance(current);
      }
      later(seconds * 1000);
    } catch {
      failures += 1;
      if (isStale(failures)) sayStale(current, renewed, messages);
      later(seconds * 1000 + retryDelay(failures, Math.random()));
    }
  };
  current.dataset["watched"] = "";
  later(seconds * 1000);
}

/** `<section id="…" data-refresh="30">` is read again from its own page every so many seconds while the page is looked at. */
export function enhanceRefresh(root: ParentNode, messages: Messages, enhance: Enhance): void {
  for (const region of root.querySelectorAll<HTMLElement>("[data-refresh][id]:not([data-watched])")) {
    const seconds = Number(region.dataset["refresh"]);
    if (seconds >= 5) watch(region, seconds, messages, enhance);
  }
}
