import { Map as MapLibreMap, Marker, NavigationControl, setWorkerUrl } from "maplibre-gl";
import type { ExpressionSpecification, GeoJSONSource } from "maplibre-gl";
import { choroplethSteps, type Counts } from "../lib/counts";
import { format, type Messages } from "../lib/message";
import type { CasePoint } from "../lib/points";
import { boundsOf, labelPoint, separate } from "../lib/shape";
import { Label } from "./label";
import { EDGE_PX, LABEL_GAP_PX, PULSE_MS, PULSES_MAX, pulseDot, still } from "./picture";
import type { Boundaries, Picture } from "./picture";
import type { Settings } from "./settings";
import type { CaseEvent } from "./stream";

/** Steps of the choropleth, as `choroplethSteps` gives them. */
const STEPS = [0, 1, 2, 3, 4] as const;

function token(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** Fill by the feature's step, from the page's own tokens, so that the map follows light and dark. */
function fillColour(): ExpressionSpecification {
  return [
    "match",
    ["coalesce", ["feature-state", "step"], 0],
    ...STEPS.slice(1).flatMap((step) => [step, token(`--map-${step}`)]),
    token("--map-0"),
  ] as unknown as ExpressionSpecification;
}

/** A label and the MapLibre marker that holds it in place. */
interface Pin {
  readonly label: Label;
  readonly marker: Marker;
}

class Drawing implements Picture {
  private pulses = 0;
  private pointed: string | null = null;

  constructor(
    private readonly map: MapLibreMap,
    private readonly pins: ReadonlyMap<string, Pin>,
    private readonly settle: () => void,
  ) {}

  show(counts: Counts): void {
    const steps = choroplethSteps(counts);
    for (const area of counts.areas) {
      const pin = this.pins.get(area.code);
      if (!pin) continue;
      this.map.setFeatureState({ source: "areas", id: area.code }, { step: steps.get(area.code) ?? 0 });
      pin.label.show(area);
    }
    this.settle();
  }

  dot(points: readonly CasePoint[]): void {
    const features = points.map(({ id, overdue, longitude, latitude }) => ({
      type: "Feature" as const,
      properties: { id, overdue },
      geometry: { type: "Point" as const, coordinates: [longitude, latitude] },
    }));
    this.map.getSource<GeoJSONSource>("cases")?.setData({ type: "FeatureCollection", features });
  }

  /** A dot where the case is; a case without coordinates only moves its county's label. */
  pulse(event: CaseEvent): void {
    this.pins.get(event.county_code)?.label.nudge();
    if (event.longitude === null || event.latitude === null || still.matches || this.pulses >= PULSES_MAX) return;
    const dot = pulseDot(event);
    const marker = new Marker({ element: dot }).setLngLat([event.longitude, event.latitude]).addTo(this.map);
    hideFromReaders(dot);
    this.pulses += 1;
    setTimeout(() => {
      marker.remove();
      this.pulses -= 1;
    }, PULSE_MS);
  }

  point(code: string | null): void {
    for (const [id, on] of [[this.pointed, false], [code, true]] as const) {
      if (id === null || !this.pins.has(id)) continue;
      this.map.setFeatureState({ source: "areas", id }, { pointed: on });
      this.pins.get(id)?.label.point(on);
    }
    this.pointed = code;
  }
}

/** MapLibre gives each marker a role and a name; ours repeat what the list says, so they are hidden from readers. */
function hideFromReaders(element: HTMLElement): void {
  element.removeAttribute("role");
  element.removeAttribute("aria-label");
  element.removeAttribute("tabindex");
  element.setAttribute("aria-hidden", "true");
}

/** Moves labels apart that lie on each other at this zoom. */
function settleLabels(map: MapLibreMap, pins: readonly Pin[]): void {
  const boxes = pins.map(({ label: { element }, marker }) => {
    const { x, y } = map.project(marker.getLngLat());
    return { x, y, width: element.offsetWidth, height: element.offsetHeight };
  });
  separate(boxes, LABEL_GAP_PX).forEach((shift, index) => pins[index]!.marker.setOffset([0, shift]));
}

/** The canvas is not a stop for the keyboard: the list is. Its controls keep their own names. */
function quietCanvas(map: MapLibreMap, messages: Messages): void {
  const canvas = map.getCanvas();
  canvas.removeAttribute("role");
  canvas.removeAttribute("aria-label");
  canvas.tabIndex = -1;
  canvas.setAttribute("aria-hidden", "true");
  const holder = map.getContainer();
  holder.setAttribute("role", "group");
  holder.setAttribute("aria-label", format(messages, "map.name"));
}

function addAreas(map: MapLibreMap, boundaries: Boundaries): void {
  map.addSource("areas", { type: "geojson", data: boundaries, promoteId: "code", tolerance: 0.4 });
  map.addLayer({ id: "areas", type: "fill", source: "areas", paint: { "fill-color": fillColour() } });
  map.addLayer({
    id: "borders",
    type: "line",
    source: "areas",
    layout: { "line-join": "round" },
    paint: {
      "line-color": token("--map-line"),
      "line-width": ["case", ["boolean", ["feature-state", "pointed"], false], 4, 1.5],
    },
  });
}

function dotColour(): ExpressionSpecification {
  return ["case", ["get", "overdue"], token("--bad"), token("--accent")];
}

function addCases(map: MapLibreMap): void {
  map.addSource("cases", { type: "geojson", data: { type: "FeatureCollection", features: [] } });
  map.addLayer({
    id: "cases",
    type: "circle",
    source: "cases",
    layout: { "circle-sort-key": ["case", ["get", "overdue"], 1, 0] },
    paint: {
      "circle-radius": ["interpolate", ["linear"], ["zoom"], 6, 3.5, 12, 8],
      "circle-color": dotColour(),
      "circle-stroke-color": token("--surface"),
      "circle-stroke-width": 1.5,
    },
  });
}

function onSchemeChange(map: MapLibreMap): void {
  map.setPaintProperty("cases", "circle-color", dotColour());
  map.setPaintProperty("cases", "circle-stroke-color", token("--surface"));
  map.setPaintProperty("areas", "fill-color", fillColour());
  map.setPaintProperty("borders", "line-color", token("--map-line"));
}

function linkAreas(map: MapLibreMap, settings: Settings, drawing: Drawing): void {
  const codeAt = (features: ReadonlyArray<{ id?: string | number | undefined }> | undefined): string | null => {
    const id = features?.[0]?.id;
    return id === undefined ? null : String(id);
  };
  map.on("mousemove", "areas", (event) => {
    map.getCanvas().style.cursor = "pointer";
    drawing.point(codeAt(event.features));
  });
  map.on("mouseleave", "areas", () => {
    map.getCanvas().style.cursor = "";
    drawing.point(null);
  });
  map.on("click", "areas", (event) => {
    const [dot] = map.queryRenderedFeatures(event.point, { layers: ["cases"] });
    const code = codeAt(event.features);
    if (dot) window.location.assign(settings.caseLink + encodeURIComponent(String(dot.properties["id"])));
    else if (code) window.location.assign(settings.areaLink + encodeURIComponent(code));
  });
}

/** Draws the boundaries into `element` with WebGL; fails when there is none, or no boundary. */
export async function createMap(
  element: HTMLElement,
  boundaries: Boundaries,
  settings: Settings,
  messages: Messages,
): Promise<Picture> {
  const bounds = boundsOf(boundaries.features.map((feature) => feature.geometry));
  if (!bounds) throw new Error("no boundary to draw");
  setWorkerUrl(settings.worker);
  const map = new MapLibreMap({
    container: element,
    style: { version: 8, sources: {}, layers: [] },
    bounds,
    fitBoundsOptions: { padding: EDGE_PX },
    attributionControl: false,
    dragRotate: false,
    touchPitch: false,
    pitchWithRotate: false,
    keyboard: false,
    cooperativeGestures: window.matchMedia("(pointer: coarse)").matches,
    fadeDuration: still.matches ? 0 : 200,
    locale: {
      "NavigationControl.ZoomIn": format(messages, "map.zoom-in"),
      "NavigationControl.ZoomOut": format(messages, "map.zoom-out"),
      "CooperativeGesturesHandler.MobileHelpText": format(messages, "map.two-fingers"),
      "Map.Title": format(messages, "map.name"),
    },
  });
  map.touchZoomRotate.disableRotation();
  map.addControl(new NavigationControl({ showCompass: false }), "bottom-right");
  await map.once("load");
  addAreas(map, boundaries);
  addCases(map);
  quietCanvas(map, messages);

  const numbers = new Intl.NumberFormat(settings.locale);
  const pins = new Map<string, Pin>();
  for (const { properties, geometry } of boundaries.features) {
    const place = labelPoint(geometry);
    // One alone is the area of the page, which has its name beside the map.
    if (!place || boundaries.features.length === 1) continue;
    const label = new Label(properties.name, messages, numbers);
    const marker = new Marker({ element: label.element }).setLngLat(place).addTo(map);
    hideFromReaders(label.element);
    pins.set(properties.code, { label, marker });
  }
  const settle = (): void => settleLabels(map, [...pins.values()]);
  map.on("moveend", settle);
  const drawing = new Drawing(map, pins, settle);
  linkAreas(map, settings, drawing);
  window.matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => onSchemeChange(map));
  map.on("resize", () => map.fitBounds(bounds, { padding: EDGE_PX, animate: false }));
  return drawing;
}
