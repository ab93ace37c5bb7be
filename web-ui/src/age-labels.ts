import { relative } from "./lib/age";

const EVERY_MS = 15_000;

function label(root: ParentNode): void {
  const locale = document.documentElement.lang || "zh-Hans";
  for (const time of root.querySelectorAll<HTMLTimeElement>("time[data-age]")) {
    const then = Date.parse(time.dateTime);
    if (Number.isNaN(then)) continue;
    time.title ||= time.textContent ?? "";
    time.textContent = relative((then - Date.now()) / 1000, locale);
  }
}

let ticking = false;

/** `<time data-age datetime="RFC 3339">` reads as "3 minutes ago" and stays true while the page is open. */
export function enhanceAges(root: ParentNode): void {
  label(root);
  if (ticking) return;
  ticking = true;
  setInterval(() => document.hidden || label(document), EVERY_MS);
}
