// A question to the guard. Whoever stands before a gate holds up codes and a scanner types them: neither may answer it.
import type { Speaker } from "./words";

/** A scanner types faster than this. */
const TYPED_MS = 1_000;
/** Keys by which one goes to a button and presses it; a scanner's codes are more than these. */
const STEPS: readonly string[] = ["Tab", "Shift", " "];

/** Whether a press was meant: by a finger or a mouse, or by keys of which none was typed just before. The Enter that ends a
 * scanned code is one that was. */
export function isMeant(detail: number, sinceTypedMs: number): boolean {
  return detail > 0 || sinceTypedMs > TYPED_MS;
}

export class Question {
  private asked: { readonly word: string; readonly agreed: () => unknown } | null = null;
  private typedAt = -TYPED_MS;

  constructor(
    private readonly box: HTMLElement,
    private readonly speaker: Speaker,
  ) {
    document.addEventListener("keydown", ({ key, timeStamp }) => void (STEPS.includes(key) || (this.typedAt = timeStamp)), true);
    this.on("yes", ({ detail, timeStamp }) => {
      if (!isMeant(detail, timeStamp - this.typedAt)) return;
      const agreed = this.asked?.agreed;
      this.close();
      agreed?.();
    });
    this.on("no", () => this.close());
  }

  private on(name: string, work: (event: MouseEvent) => void): void {
    this.box.querySelector<HTMLElement>(`[data-question="${name}"]`)?.addEventListener("click", work);
  }

  /** The gate goes on meanwhile; the focus stays where it is. */
  ask(word: string, agreed: () => unknown): void {
    this.asked = { word, agreed };
    this.draw();
  }

  /** Anew, as after the language was changed. */
  draw(): void {
    const text = this.box.querySelector<HTMLElement>('[data-question="text"]');
    if (text) text.textContent = this.asked ? this.speaker.say(this.asked.word) : "";
    this.box.hidden = this.asked === null;
  }

  private close(): void {
    this.asked = null;
    this.draw();
  }
}
