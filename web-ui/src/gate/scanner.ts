// A scanner in the hand types wherever the focus is, and ends with Enter.

/** Where the app stands, and by which address it is kept on the phone. */
export const APP = "/checkpoint/";

/** Lets all that it types come to `input`, whichever button was pressed before. */
export function typeInto(input: HTMLInputElement): void {
  document.addEventListener("keydown", (event) => {
    const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
    const { activeElement } = document;
    // A space presses the button that has the focus; no code begins with one.
    const isPress = event.key === " " && activeElement instanceof HTMLButtonElement;
    const isElsewhere = !(activeElement instanceof HTMLInputElement || activeElement instanceof HTMLTextAreaElement);
    if (isText && isElsewhere && !isPress) input.focus();
  });
  // Some scanners send what no page can tell from nothing: for these the field is there again after a press. A press by
  // keys has no detail, and keeps its focus.
  document.addEventListener("click", (event) => {
    if (event.detail > 0 && document.activeElement instanceof HTMLButtonElement) input.focus({ preventScroll: true });
  });
}

/** The token in the link of a device, as the office shows it; null in any other text. */
export function tokenOf(text: string): string | null {
  const [address, token] = text.split("#", 2);
  return address === window.location.origin + APP ? tokenIn(token ?? "") : null;
}

export function tokenIn(text: string): string | null {
  return /^[A-Za-z0-9_-]{43}$/.test(text) ? text : null;
}
