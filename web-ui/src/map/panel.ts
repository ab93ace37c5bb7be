import { relative } from "../lib/age";
import { countKeys, isFresher, type Counts } from "../lib/counts";
import { format, type Messages } from "../lib/message";

const AGE_EVERY_MS = 5_000;

/** The side panel: counts at `[data-count="150902:open"]`, the age of the figures, the state of the connection. */
export class CountsPanel {
  shown: Counts | null = null;
  private lostSince: Date | null = null;
  /** How many cases the list of the map was cut off after. */
  private listed: number | null = null;
  private readonly numbers: Intl.NumberFormat;

  constructor(
    readonly messages: Messages,
    private readonly locale: string,
  ) {
    this.numbers = new Intl.NumberFormat(locale);
    setInterval(() => this.sayAge(), AGE_EVERY_MS);
  }

  /** Writes the counts unless fresher ones are shown already; true when written. */
  show(counts: Counts): boolean {
    if (!isFresher(this.shown, counts)) return false;
    this.shown = counts;
    const keys = countKeys(counts);
    for (const place of document.querySelectorAll<HTMLElement>("[data-count]")) {
      const count = keys.get(place.dataset["count"] ?? "");
      if (count === undefined) continue;
      const text = this.numbers.format(count);
      if (place.textContent !== text) place.textContent = text;
      const cell = place.closest<HTMLElement>("[data-overdue]");
      if (cell) cell.dataset["overdue"] = String(count);
    }
    this.sayAge();
    this.sayListed(this.listed);
    return true;
  }

  /** That the map shows the most urgent cases alone: so many; null when it shows all. */
  sayListed(listed: number | null): void {
    this.listed = listed;
    const place = document.querySelector<HTMLElement>("[data-map-listed]");
    if (!place) return;
    const open = this.shown?.total.open ?? 0;
    place.hidden = listed === null || open <= listed;
    const values = { listed: this.numbers.format(listed ?? 0), open: this.numbers.format(open) };
    place.textContent = place.hidden ? "" : format(this.messages, "map.listed", values);
  }

  sayConnection(lostSince: Date | null): void {
    this.lostSince = lostSince;
    const place = document.querySelector<HTMLElement>("[data-connection]");
    if (!place) return;
    place.hidden = lostSince === null;
    const time = lostSince?.toLocaleTimeString(this.locale, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    const words = place.querySelector("[data-label]") ?? place;
    words.textContent = time ? format(this.messages, "map.lost", { time }) : "";
    this.sayAge();
  }

  /** Without boundaries the list beside says everything the map would. */
  sayNoMap(): void {
    const place = document.querySelector<HTMLElement>("[data-map-fallback]");
    if (!place) return;
    place.hidden = false;
    place.textContent = format(this.messages, "map.unavailable");
  }

  /** Tells which county the person points at or focuses in the list; null when none. */
  onPoint(listen: (code: string | null) => void): void {
    for (const row of document.querySelectorAll<HTMLElement>("[data-area-row]")) {
      const code = row.dataset["areaRow"] ?? null;
      for (const name of ["pointerenter", "focusin"]) row.addEventListener(name, () => listen(code));
      for (const name of ["pointerleave", "focusout"]) row.addEventListener(name, () => listen(null));
    }
  }

  private sayAge(): void {
    const place = document.querySelector<HTMLElement>("[data-figures-age]");
    if (!place || !this.shown) return;
    const seconds = (Date.parse(this.shown.as_of) - Date.now()) / 1000;
    const age = relative(Math.min(0, seconds), this.locale);
    place.textContent = format(this.messages, this.lostSince ? "map.age-lost" : "map.age", { age });
  }
}
