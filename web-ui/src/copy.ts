import { format, type Messages } from "./lib/message";

/** `<button type="button" data-copy="#id" hidden>` copies the text of that element; `data-print` opens the print sheet. */
export function enhanceCopies(root: ParentNode, messages: Messages): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-copy]")) {
    const source = document.querySelector(button.dataset["copy"] ?? "");
    if (!source || !navigator.clipboard) continue;
    button.hidden = false;
    const label = button.querySelector("[data-label]") ?? button;
    const before = label.textContent;
    button.addEventListener("click", () => {
      void navigator.clipboard.writeText(source.textContent?.trim() ?? "").then(() => {
        label.textContent = format(messages, "copy.done");
        setTimeout(() => (label.textContent = before), 3_000);
      });
    });
  }
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
}
