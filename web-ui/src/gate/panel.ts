import { signal } from "./signal";
import type { Verdict } from "./verdict";
import type { Speaker } from "./words";

/** For so long an answer stands. Then the gate is ready again, so that nobody walks in under the green of another. */
const SHOWN_MS = 8_000;
/** Outcomes that are about a time. */
const TIMED: readonly string[] = ["accepted", "expired", "not-yet"];
/** What to do where the reasons of a pass are not to be found under it. */
const RED: Readonly<Record<string, string>> = {
  prefix: "no-pass",
  header: "no-pass",
  base45: "damaged",
  cbor: "damaged",
  algorithm: "signature",
  signature: "signature",
  scope: "scope",
  "other-regime": "other-regime",
};
const MARKS = { green: "ok", red: "no", yellow: "unsure" } as const;

/** Whose words an answer is in: a gate lets in or does not; whoever only asks is told whether a pass is valid. */
export type Words = "gate" | "open";

/** The field that says green, red or yellow, in colour, form and words. */
export class Panel {
  private timer: ReturnType<typeof setTimeout> | undefined;
  private shown: { verdict: Verdict; now: number; words: Words } | null = null;

  constructor(
    private readonly box: HTMLElement,
    private readonly speaker: Speaker,
    /** At a gate an answer goes again and tells what to do; of open verification it stays and tells what is so. */
    private readonly at: Words,
  ) {}

  /** `words`: a phone that is bound to no gate stands at none, and lets nobody in. */
  show(verdict: Verdict, now: number, isLoud: boolean, words: Words = this.at): void {
    this.shown = { verdict, now, words };
    this.draw();
    if (this.at === "open") this.box.scrollIntoView({ block: "center" });
    // Nobody walks in by the sound of green either.
    signal(words !== this.at && verdict.tone === "green" ? "yellow" : verdict.tone, isLoud);
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
    delete this.box.dataset["words"];
  }

  /** Anew, as after the language was changed. */
  draw(): void {
    if (!this.shown) return;
    const { verdict, now, words } = this.shown;
    const { tone, reason, bearer, time, order, kinds } = verdict;
    const say = (part: string, text: string): void => {
      const place = this.box.querySelector<HTMLElement>(`[data-part="${part}"]`);
      if (!place) return;
      place.textContent = text;
      place.hidden = text === "";
    };
    this.box.dataset["tone"] = tone;
    this.box.dataset["reason"] = reason;
    this.box.dataset["words"] = words;
    this.box.hidden = false;
    for (const mark of this.box.querySelectorAll<SVGElement>("[data-mark]")) mark.toggleAttribute("hidden", mark.dataset["mark"] !== MARKS[tone]);
    say("word", this.speaker.say(`${words}-${tone}`));
    say("reason", this.speaker.say(`reason-${reason}`));
    say("time", time !== null && TIMED.includes(reason) ? this.speaker.say(`time-${reason}`, { time: this.speaker.moment(time, now) }) : "");
    say("order", order && this.speaker.say("of-order", { order }));
    say("kinds", kinds.length > 0 ? this.speaker.say("opens", { kinds: kinds.join(this.speaker.say("and")) }) : "");
    say("bearer", bearer);
    say("todo", this.speaker.say(this.todo(this.shown)));
  }

  private todo({ verdict: { tone, reason, bearer }, words }: { verdict: Verdict; words: Words }): string {
    if (tone === "yellow") return `todo-${reason}`;
    if (tone === "red") return `todo-${RED[reason] ?? "red"}`;
    return words === "open" ? "todo-unbound" : bearer ? "todo-compare" : "todo-open";
  }
}
