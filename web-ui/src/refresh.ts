import { retryDelay } from "./lib/backoff";
import { selectorOf } from "./lib/focus";

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

async function fetchRegion(id: string): Promise<HTMLElement | null> {
  const response = await fetch(window.location.href, { headers: { accept: "text/html" }, credentials: "same-origin" });
  // A session that ended answers with the sign-in page: the list stays, its age shows.
  if (!response.ok || response.redirected) throw new Error(String(response.status));
  return new DOMParser().parseFromString(await response.text(), "text/html").getElementById(id);
}

function watch(region: HTMLElement, seconds: number, enhance: (root: ParentNode) => void): void {
  let current = region;
  let failures = 0;
  const later = (wait: number): void => void setTimeout(() => void turn(), wait);
  const turn = async (): Promise<void> => {
    // A region that a form swap has taken away is watched by its successor.
    if (!current.isConnected) return;
    if (document.hidden || inUse(current)) return later(2_000);
    try {
      const next = await fetchRegion(current.id);
      failures = 0;
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
      later(seconds * 1000 + retryDelay(failures, Math.random()));
    }
  };
  current.dataset["watched"] = "";
  later(seconds * 1000);
}

/** `<section id="…" data-refresh="30">` is read again from its own page every so many seconds while the page is looked at. */
export function enhanceRefresh(root: ParentNode, enhance: (root: ParentNode) => void): void {
  for (const region of root.querySelectorAll<HTMLElement>("[data-refresh][id]:not([data-watched])")) {
    const seconds = Number(region.dataset["refresh"]);
    if (seconds >= 5) watch(region, seconds, enhance);
  }
}
