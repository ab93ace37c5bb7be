import type { MultiPolygon, Polygon } from "geojson";
import { format, type Messages } from "./lib/message";
import { boundsOf } from "./lib/shape";
import { fit, pan, scaleBar, toDegrees, toPixel, zoom, type Degrees, type View } from "./lib/view";

const SVG = "http://www.w3.org/2000/svg";
/** Six decimals are about ten centimetres: more is noise. */
const DECIMALS = 6;
/** Pixels that a finger may wander and still tap. */
const TAP_PX = 8;
const STEP = 0.5;
const SCALE_BAR_PX = 90;

function part<Name extends keyof SVGElementTagNameMap>(name: Name, className: string): SVGElementTagNameMap[Name] {
  const element = document.createElementNS(SVG, name);
  element.setAttribute("class", className);
  return element;
}

/** A small map to tap a place on: outlines of our own, no tiles. The fields beside it say the same in numbers. */
class PlaceMap {
  private readonly svg = part("svg", "place-map__picture");
  private readonly outline = part("path", "place-map__area");
  private readonly mark = part("circle", "place-map__mark");
  private readonly bar = part("line", "place-map__bar");
  private readonly length = part("text", "place-map__length");
  private readonly fingers = new Map<number, [x: number, y: number]>();
  private wandered = 0;
  private view: View;

  constructor(
    private readonly holder: HTMLElement,
    private readonly shapes: ReadonlyArray<Polygon | MultiPolygon>,
    private marked: Degrees | null,
    private readonly locale: string,
    private readonly onMark: (at: Degrees) => void,
  ) {
    this.svg.setAttribute("aria-hidden", "true");
    this.mark.setAttribute("r", "8");
    this.svg.append(this.outline, this.bar, this.length, this.mark);
    holder.prepend(this.svg);
    this.view = fit(boundsOf(shapes) ?? [73, 18, 135, 54], this.size);
    this.svg.addEventListener("pointerdown", (event) => this.touch(event));
    this.svg.addEventListener("pointermove", (event) => this.drag(event));
    for (const name of ["pointerup", "pointercancel"] as const) {
      this.svg.addEventListener(name, (event) => this.lift(event, name === "pointerup"));
    }
    this.svg.addEventListener("wheel", (event) => this.roll(event), { passive: false });
    new ResizeObserver(() => this.draw()).observe(holder);
    this.draw();
  }

  nearer(factor: number): void {
    this.view = zoom(this.view, this.size, factor, [this.size.width / 2, this.size.height / 2]);
    this.draw();
  }

  isMarked([longitude, latitude]: Degrees): boolean {
    const [east, north] = this.marked ?? [NaN, NaN];
    return Math.max(Math.abs(longitude - east), Math.abs(latitude - north)) < 10 ** -DECIMALS;
  }

  show(at: Degrees): void {
    this.marked = at;
    this.view = { ...this.view, longitude: at[0], latitude: at[1] };
    this.draw();
  }

  private get size(): { width: number; height: number } {
    return { width: this.holder.clientWidth || 320, height: this.holder.clientHeight || 280 };
  }

  private at(event: MouseEvent): [x: number, y: number] {
    const box = this.svg.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  private touch(event: PointerEvent): void {
    this.svg.setPointerCapture(event.pointerId);
    if (this.fingers.size === 0) this.wandered = 0;
    this.fingers.set(event.pointerId, this.at(event));
  }

  private drag(event: PointerEvent): void {
    const before = this.fingers.get(event.pointerId);
    if (!before) return;
    const now = this.at(event);
    const other = [...this.fingers].find(([id]) => id !== event.pointerId)?.[1];
    this.wandered += Math.hypot(now[0] - before[0], now[1] - before[1]);
    if (other) {
      const spread = (finger: readonly [number, number]): number => Math.hypot(finger[0] - other[0], finger[1] - other[1]);
      this.view = zoom(this.view, this.size, spread(before) / Math.max(1, spread(now)), other);
    } else if (this.wandered > TAP_PX) {
      this.view = pan(this.view, now[0] - before[0], now[1] - before[1]);
    }
    this.fingers.set(event.pointerId, now);
    this.draw();
  }

  private lift(event: PointerEvent, taps: boolean): void {
    const was = this.fingers.delete(event.pointerId);
    if (!was || !taps || this.fingers.size > 0 || this.wandered > TAP_PX) return;
    this.marked = toDegrees(this.view, this.size, this.at(event));
    this.draw();
    this.onMark(this.marked);
  }

  private roll(event: WheelEvent): void {
    event.preventDefault();
    this.view = zoom(this.view, this.size, event.deltaY > 0 ? 1.25 : 0.8, this.at(event));
    this.draw();
  }

  private draw(): void {
    const { width, height } = this.size;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const pixel = (at: Degrees): [number, number] => toPixel(this.view, { width, height }, at);
    const corner = (position: number[]): string => pixel([position[0] ?? 0, position[1] ?? 0]).map((it) => it.toFixed(1)).join(" ");
    const rings = this.shapes.flatMap((shape) => (shape.type === "Polygon" ? shape.coordinates : shape.coordinates.flat()));
    this.outline.setAttribute("d", rings.map((ring) => `M${ring.map(corner).join("L")}Z`).join(""));
    const [x, y] = this.marked ? pixel(this.marked) : [-99, -99];
    this.mark.setAttribute("cx", x.toFixed(1));
    this.mark.setAttribute("cy", y.toFixed(1));
    const { metres, pixels } = scaleBar(this.view, SCALE_BAR_PX);
    for (const [name, value] of [["x1", 12], ["x2", 12 + pixels], ["y1", height - 12], ["y2", height - 12]] as const) {
      this.bar.setAttribute(name, value.toFixed(1));
    }
    this.length.setAttribute("x", "12");
    this.length.setAttribute("y", String(height - 18));
    const unit = metres >= 1000 ? { unit: "kilometer", value: metres / 1000 } : { unit: "meter", value: metres };
    this.length.textContent = unit.value.toLocaleString(this.locale, { style: "unit", unit: unit.unit });
  }
}

async function shapesOf(address: string): Promise<ReadonlyArray<Polygon | MultiPolygon>> {
  try {
    const response = await fetch(address, { credentials: "same-origin" });
    if (!response.ok) return [];
    const found = (await response.json()) as { features: ReadonlyArray<{ geometry: Polygon | MultiPolygon }> };
    return found.features.map((feature) => feature.geometry);
  } catch {
    return [];
  }
}

/** A number of a field, if it is one. */
function degrees(input: HTMLInputElement): number | null {
  const value = Number(input.value);
  return input.value.trim() === "" || Number.isNaN(value) ? null : value;
}

/**
 * `<button type="button" data-mark="/api/v1/areas/boundaries?…" hidden>` before `<div data-place-map hidden>` with two
 * buttons `data-zoom`, in a form with inputs named `longitude` and `latitude`.
 */
export function enhancePlaceMap(root: ParentNode, messages: Messages): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-mark]")) {
    const form = button.form ?? button.closest("form");
    const holder = form?.querySelector<HTMLElement>("[data-place-map]");
    const longitude = form?.querySelector<HTMLInputElement>('input[name="longitude"]');
    const latitude = form?.querySelector<HTMLInputElement>('input[name="latitude"]');
    const status = form?.querySelector<HTMLElement>("[data-place-status]");
    if (!form || !holder || !longitude || !latitude) continue;
    const typed = (): Degrees | null => {
      const [east, north] = [degrees(longitude), degrees(latitude)];
      return east === null || north === null ? null : [east, north];
    };
    button.hidden = false;
    button.addEventListener("click", async () => {
      button.disabled = true;
      const shapes = await shapesOf(button.dataset["mark"] ?? "");
      button.disabled = false;
      if (shapes.length === 0) {
        if (status) status.textContent = format(messages, "place.unavailable");
        return;
      }
      button.hidden = true;
      holder.hidden = false;
      const map = new PlaceMap(holder, shapes, typed(), document.documentElement.lang, (at) => {
        [longitude.value, latitude.value] = [at[0].toFixed(DECIMALS), at[1].toFixed(DECIMALS)];
        if (status) status.textContent = format(messages, "place.marked");
        form.dispatchEvent(new Event("input", { bubbles: true }));
      });
      if (status) status.textContent = format(messages, "place.tap");
      for (const step of holder.querySelectorAll<HTMLElement>("[data-zoom]")) {
        step.addEventListener("click", () => map.nearer(step.dataset["zoom"] === "in" ? STEP : 1 / STEP));
      }
      // Also when the device's own position is filled in.
      form.addEventListener("input", () => {
        const at = typed();
        if (at && !map.isMarked(at)) map.show(at);
      });
    });
  }
}
