import type { AreaFigures } from "../lib/counts";
import { format, type Messages } from "../lib/message";

/** A county's name and figures on the map. Decoration: the list beside the map says the same in real links. */
export class Label {
  readonly element = document.createElement("div");
  private readonly name = document.createElement("span");
  private readonly open = document.createElement("span");
  private readonly overdue = document.createElement("span");

  constructor(
    name: string,
    private readonly messages: Messages,
    private readonly numbers: Intl.NumberFormat,
  ) {
    this.element.className = "map-label";
    this.name.className = "map-label__name";
    this.name.textContent = name;
    this.open.className = "map-label__open";
    this.overdue.className = "map-label__overdue";
    this.element.append(this.name, this.open, this.overdue);
  }

  show(area: AreaFigures): void {
    const say = (key: string, count: number): string => format(this.messages, key, { count: this.numbers.format(count) });
    this.name.textContent = area.name;
    this.open.textContent = say("map.label-open", area.open);
    this.overdue.textContent = area.overdue > 0 ? say("map.label-overdue", area.overdue) : "";
    this.element.classList.toggle("is-overdue", area.overdue > 0);
  }

  point(on: boolean): void {
    this.element.classList.toggle("is-pointed", on);
  }

  /** Says that something moved here. */
  nudge(): void {
    this.element.classList.remove("is-moving");
    requestAnimationFrame(() => this.element.classList.add("is-moving"));
  }
}
