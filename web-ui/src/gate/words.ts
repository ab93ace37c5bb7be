/** Words of the page in all languages, so that the language can be changed without a network. */
type Words = Readonly<Record<string, Readonly<Record<string, string>>>>;

export class Speaker {
  private constructor(
    private readonly words: Words,
    private chosen: string,
  ) {}

  static of(page: Document): Speaker {
    const words = JSON.parse(page.getElementById("gate-words")?.textContent ?? "{}") as Words;
    return new Speaker(words, page.documentElement.lang);
  }

  get language(): string {
    return this.chosen;
  }

  say(key: string, values: Readonly<Record<string, string | number>> = {}): string {
    const text = this.words[this.chosen]?.[key] ?? key;
    return text.replace(/\{(\w+)\}/g, (place, name: string) => (name in values ? String(values[name]) : place));
  }

  /** The next language, for all that stands on the page under `data-word`. */
  choose(language: string | null, page: Document): void {
    const all = Object.keys(this.words);
    this.chosen = language !== null && all.includes(language) ? language : (all[(all.indexOf(this.chosen) + 1) % all.length] ?? this.chosen);
    page.documentElement.lang = this.chosen;
    for (const place of page.querySelectorAll<HTMLElement>("[data-word]")) place.textContent = this.say(place.dataset["word"] ?? "");
    for (const place of page.querySelectorAll<HTMLInputElement>("[data-hint]")) place.placeholder = this.say(place.dataset["hint"] ?? "");
    page.title = this.say("title");
  }

  /** When, in the city's own way; of today the time alone. */
  moment(seconds: number, now: number): string {
    const [at, today] = [new Date(seconds * 1000), new Date(now * 1000)];
    const time: Intl.DateTimeFormatOptions = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
    const isToday = at.toDateString() === today.toDateString();
    return at.toLocaleString(this.chosen, isToday ? time : { month: "numeric", day: "numeric", ...time });
  }

  /** How long ago: minutes, then hours. */
  age(seconds: number): string {
    const minutes = Math.max(0, Math.floor(seconds / 60));
    const format = new Intl.NumberFormat(this.chosen, { style: "unit", unit: minutes < 120 ? "minute" : "hour", unitDisplay: "long" });
    return format.format(minutes < 120 ? minutes : Math.floor(minutes / 60));
  }
}
