import { signal } from "./signal";
import type { Verdict } from "./verdict";
import type { Speaker } from "./words";

/** For so long an answer stands. Then the gate is ready again, so that nobody walks in under the green of another. */
const SHOWN_MS = 8_000;
/** Outcomes that are about a time. */
const TIMED: readonly string[] = ["accepted", "expired", "not-yet"];
const MARKS = { green: "ok", red: "no", yellow: "unsure" } as const;

/** The field that says green, red or yellow, in colour, form and words. */
export class Panel {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private shown: { verdict: Verdict; now: number } | null = null;

  constructor(
    private readonly box: HTMLElement,
    private readonly speaker: Speaker,
    /** At a gate an answer goes again and tells what to do; of open verification it stays and tells what is so. */
    private readonly at: "gate" | "open",
  ) {}

  show(verdict: Verdict, now: number, isLoud: boolean): void {
    this.shown = { verdict, now };
    this.draw();
    if (this.at === "open") this.box.scrollIntoView({ block: "center" });
    signal(verdict.tone, isLoud);
    this.stay();
  }

  /** The same code is still held up: the answer stands on. */
  stay(): void {
    clearTimeout(this.timer);
    if (this.at === "gate") this.timer = setTimeout(() => this.clear(), SHOWN_MS);
  }

  clear(): void {
    clearTimeout(this.timer);
    this.shown = null;
    this.box.hidden = true;
    delete this.box.dataset["tone"];
    delete this.box.dataset["reason"];
  }

  /** Anew, as after the language was changed. */
  draw(): void {
    if (!this.shown) return;
    const { verdict, now } = this.shown;
    const { tone, reason, bearer, time, order } = verdict;
    const say = (part: string, text: string): void => {
      const place = this.box.querySelector<HTMLElement>(`[data-part="${part}"]`);
      if (!place) return;
      place.textContent = text;
      place.hidden = text === "";
    };
    this.box.dataset["tone"] = tone;
    this.box.dataset["reason"] = reason;
    this.box.hidden = false;
    for (const mark of this.box.querySelectorAll<SVGElement>("[data-mark]")) mark.toggleAttribute("hidden", mark.dataset["mark"] !== MARKS[tone]);
    say("word", this.speaker.say(`${this.at}-${tone}`));
    say("reason", this.speaker.say(`reason-${reason}`));
    say("time", time !== null && TIMED.includes(reason) ? this.speaker.say(`time-${reason}`, { time: this.speaker.moment(time, now) }) : "");
    say("order", order && this.speaker.say("of-order", { order }));
    say("bearer", bearer);
    say("todo", tone === "green" ? this.speaker.say(bearer ? "todo-compare" : "todo-open") : this.speaker.say(tone === "yellow" ? `todo-${reason}` : "todo-red"));
  }
}
