import { format, type Messages } from "./lib/message";
import { recall, remember } from "./store";

const SWITCH = "olzii.keys";

/** True while the person is writing: then a letter is a letter. */
function isWriting(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
  );
}

function step(direction: 1 | -1): boolean {
  const links = [...document.querySelectorAll<HTMLAnchorElement>("[data-keys] a[data-key-item]")];
  if (links.length === 0) return false;
  const here = links.indexOf(document.activeElement as HTMLAnchorElement);
  const next = here < 0 ? (direction > 0 ? 0 : links.length - 1) : here + direction;
  links[Math.max(0, Math.min(links.length - 1, next))]?.focus();
  return true;
}

/** Takes a key of one page alone; false when it is none. */
type PageKeys = (key: string) => boolean;

function onKey(event: KeyboardEvent, ofPage: PageKeys): void {
  if (event.ctrlKey || event.metaKey || event.altKey || isWriting(event.target)) return;
  let handled = false;
  if (event.key === "j") handled = step(1);
  else if (event.key === "k") handled = step(-1);
  else if (event.key === "/") {
    const search = document.querySelector<HTMLInputElement>("[data-search]");
    search?.focus();
    search?.select();
    handled = search !== null;
  } else handled = ofPage(event.key);
  if (handled) event.preventDefault();
}

/**
 * j and k walk the list, Enter opens (the browser's own), `/` goes to the search field.
 * WCAG 2.1.4 asks that single-letter keys can be switched off: `[data-keys-switch]` does it, in the footer, or where a
 * page has none beside the list of its keys.
 */
export function enhanceKeys(root: Document, messages: Messages, ofPage: PageKeys): void {
  let on = recall(SWITCH) !== "off";
  const buttons = [...root.querySelectorAll<HTMLButtonElement>("[data-keys-switch]")];
  const show = (): void => {
    for (const button of buttons) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(on));
      button.textContent = format(messages, on ? "keys.on" : "keys.off");
    }
  };
  for (const button of buttons) {
    button.addEventListener("click", () => {
      on = !on;
      remember(SWITCH, on ? "on" : "off");
      show();
    });
  }
  show();
  root.addEventListener("keydown", (event) => on && onKey(event, ofPage));
}
