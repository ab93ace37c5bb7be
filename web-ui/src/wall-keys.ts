/** Keys of the wall besides those of every list: `1` to `4` go to a panel, `f` fills the screen, `?` tells all keys. */
export function enhanceWallKeys(page: Document): (key: string) => boolean {
  const dialog = page.querySelector<HTMLDialogElement>("[data-keys-dialog]");
  const help = page.querySelector<HTMLElement>("[data-keys-help]");
  const full = page.querySelector<HTMLElement>("[data-full-screen]");
  const fill = (): void => {
    void (page.fullscreenElement ? page.exitFullscreen() : page.documentElement.requestFullscreen()).catch(() => undefined);
  };
  if (dialog && help) {
    help.hidden = false;
    help.addEventListener("click", () => dialog.showModal());
  }
  if (full && page.fullscreenEnabled) {
    full.hidden = false;
    full.addEventListener("click", fill);
  }
  return (key) => {
    if (!dialog) return false;
    if (key === "?") dialog.open ? dialog.close() : dialog.showModal();
    else if (dialog.open) return false;
    else if (key === "f") fill();
    else {
      const panel = page.querySelectorAll<HTMLElement>("[data-wall-panel]")[Number(key) - 1];
      panel?.focus();
      return panel !== undefined;
    }
    return true;
  };
}
