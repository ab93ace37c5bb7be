import { format, type Messages } from "./lib/message";

const WAIT_MAX_MS = 15_000;
/** Six decimals are about ten centimetres: more is noise. */
const DECIMALS = 6;

/**
 * `<button type="button" data-locate hidden>` in a form with inputs named `longitude` and `latitude` (degrees):
 * the position is asked for only when the person presses it, once, and goes nowhere but into the form.
 */
export function enhanceLocate(root: ParentNode, messages: Messages): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-locate]")) {
    const form = button.form ?? button.closest("form");
    const longitude = form?.querySelector<HTMLInputElement>('input[name="longitude"]');
    const latitude = form?.querySelector<HTMLInputElement>('input[name="latitude"]');
    if (!form || !longitude || !latitude || !("geolocation" in navigator) || !window.isSecureContext) continue;
    const status = document.createElement("p");
    status.className = "hint";
    status.setAttribute("role", "status");
    button.after(status);
    button.hidden = false;
    button.addEventListener("click", () => {
      status.textContent = format(messages, "locate.working");
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          longitude.value = coords.longitude.toFixed(DECIMALS);
          latitude.value = coords.latitude.toFixed(DECIMALS);
          form.dispatchEvent(new Event("input", { bubbles: true }));
          status.textContent = format(messages, "locate.done", { metres: Math.round(coords.accuracy) });
        },
        (error) => {
          const key = error.code === error.PERMISSION_DENIED ? "locate.denied" : "locate.failed";
          status.textContent = format(messages, key);
        },
        { enableHighAccuracy: true, timeout: WAIT_MAX_MS, maximumAge: 60_000 },
      );
    });
  }
}
