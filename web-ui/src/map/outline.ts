import type { Position } from "geojson";
import { choroplethSteps, type Counts } from "../lib/counts";
import { format, type Messages } from "../lib/message";
import type { CasePoint } from "../lib/points";
import { boundsOf, labelPoint, separate, type Bounds } from "../lib/shape";
import { Label } from "./label";
import { EDGE_PX, LABEL_GAP_PX, PULSE_MS, PULSES_MAX, pulseDot, still } from "./picture";
import type { Boundaries, Picture } from "./picture";
import type { Settings } from "./settings";
import type { CaseEvent } from "./stream";

const SVG = "http://www.w3.org/2000/svg";

/** Degrees to pixels of a box: equirectangular about the middle latitude, fitted and centred. */
function projection(bounds: Bounds, width: number, height: number): (at: Position) => [number, number] {
  const [west, south, east, north] = bounds;
  const narrowing = Math.cos((((south + north) / 2) * Math.PI) / 180);
  const scale = Math.min(
    (width - 2 * EDGE_PX) / ((east - west) * narrowing),
    (height - 2 * EDGE_PX) / (north - south),
  );
  return ([longitude = 0, latitude = 0]) => [
    width / 2 + (longitude - (west + east) / 2) * narrowing * scale,
    height / 2 - (latitude - (south + north) / 2) * scale,
  ];
}

interface Area {
  readonly code: string;
  readonly rings: Position[][];
  readonly place: Position;
  readonly path: SVGPathElement;
  readonly label: Label;
}

/** The counties as SVG paths, for machines without WebGL: the same colours, labels and dots, without zoom. */
class Outline implements Picture {
  private readonly svg = document.createElementNS(SVG, "svg");
  private project: (at: Position) => [number, number] = () => [0, 0];
  private readonly dots = document.createElementNS(SVG, "g");
  private points: readonly CasePoint[] = [];
  private pulses = 0;

  constructor(
    private readonly holder: HTMLElement,
    private readonly bounds: Bounds,
    private readonly areas: ReadonlyMap<string, Area>,
    private readonly caseLink: string,
  ) {
    this.svg.classList.add("map-outline");
    this.svg.setAttribute("aria-hidden", "true");
    this.svg.append(...[...areas.values()].map((area) => area.path), this.dots);
    // One alone is the area of the page, which has its name beside the map.
    const labels = areas.size > 1 ? [...areas.values()].map((area) => area.label.element) : [];
    holder.append(this.svg, ...labels);
    new ResizeObserver(() => this.lay()).observe(holder);
    this.lay();
  }

  show(counts: Counts): void {
    const steps = choroplethSteps(counts);
    for (const figures of counts.areas) {
      const area = this.areas.get(figures.code);
      area?.path.setAttribute("data-step", String(steps.get(figures.code) ?? 0));
      area?.label.show(figures);
    }
    this.settle();
  }

  dot(points: readonly CasePoint[]): void {
    this.points = points;
    this.dots.replaceChildren(
      ...points.map(({ id, overdue, longitude, latitude }) => {
        const [x, y] = this.project([longitude, latitude]);
        const circle = document.createElementNS(SVG, "circle");
        circle.setAttribute("class", overdue ? "map-dot map-dot--overdue" : "map-dot");
        circle.setAttribute("cx", x.toFixed(1));
        circle.setAttribute("cy", y.toFixed(1));
        circle.setAttribute("r", "4");
        circle.addEventListener("click", () => window.location.assign(this.caseLink + encodeURIComponent(id)));
        return circle;
      }),
    );
  }

  pulse(event: CaseEvent): void {
    this.areas.get(event.county_code)?.label.nudge();
    if (event.longitude === null || event.latitude === null || still.matches || this.pulses >= PULSES_MAX) return;
    const dot = pulseDot(event);
    this.put(dot, this.project([event.longitude, event.latitude]));
    this.holder.append(dot);
    this.pulses += 1;
    setTimeout(() => {
      dot.remove();
      this.pulses -= 1;
    }, PULSE_MS);
  }

  point(code: string | null): void {
    for (const area of this.areas.values()) {
      area.path.classList.toggle("is-pointed", area.code === code);
      area.label.point(area.code === code);
    }
  }

  private lay(): void {
    const { clientWidth: width, clientHeight: height } = this.holder;
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.project = projection(this.bounds, width, height);
    const corner = (at: Position): string => this.project(at).map((pixel) => pixel.toFixed(1)).join(" ");
    for (const { path, rings } of this.areas.values()) {
      path.setAttribute("d", rings.map((ring) => `M${ring.map(corner).join("L")}Z`).join(""));
    }
    this.dot(this.points);
    this.settle();
  }

  private settle(): void {
    const areas = [...this.areas.values()];
    const boxes = areas.map(({ label: { element }, place }) => {
      const [x, y] = this.project(place);
      return { x, y, width: element.offsetWidth, height: element.offsetHeight };
    });
    separate(boxes, LABEL_GAP_PX).forEach((shift, index) => {
      this.put(areas[index]!.label.element, [boxes[index]!.x, boxes[index]!.y + shift]);
    });
  }

  private put(element: HTMLElement, [x, y]: [number, number]): void {
    element.classList.add("is-placed");
    element.style.left = `${x}px`;
    element.style.top = `${y}px`;
  }
}

export function createOutline(element: HTMLElement, boundaries: Boundaries, settings: Settings, messages: Messages): Picture {
  const bounds = boundsOf(boundaries.features.map((feature) => feature.geometry));
  if (!bounds) throw new Error("no boundary to draw");
  const numbers = new Intl.NumberFormat(settings.locale);
  const areas = new Map<string, Area>();
  element.replaceChildren();
  element.classList.add("map--outline");
  element.setAttribute("role", "group");
  element.setAttribute("aria-label", format(messages, "map.name"));
  for (const { properties, geometry } of boundaries.features) {
    const place = labelPoint(geometry);
    if (!place) continue;
    const path = document.createElementNS(SVG, "path");
    path.addEventListener("click", () => window.location.assign(settings.areaLink + encodeURIComponent(properties.code)));
    const label = new Label(properties.name, messages, numbers);
    label.element.setAttribute("aria-hidden", "true");
    const rings = geometry.type === "Polygon" ? geometry.coordinates : geometry.coordinates.flat();
    areas.set(properties.code, { code: properties.code, rings, place, path, label });
  }
  const outline = new Outline(element, bounds, areas, settings.caseLink);
  for (const { code, path } of areas.values()) {
    path.addEventListener("pointerenter", () => outline.point(code));
    path.addEventListener("pointerleave", () => outline.point(null));
  }
  return outline;
}
