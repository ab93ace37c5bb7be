/** A page that looks at passes: its parts are marked in the template. */
export class Page {
  constructor(protected readonly root: HTMLElement) {}

  protected part<T extends HTMLElement = HTMLElement>(name: string): T {
    return this.root.querySelector<T>(`[data-gate-${name}]`)!;
  }

  /** Nothing to say, no place taken. */
  protected say(name: string, text: string): void {
    const place = this.part(name);
    place.textContent = text;
    place.hidden = text === "";
  }
}
