import type { FeatureCollection, MultiPolygon, Polygon } from "geojson";
import type { Counts } from "../lib/counts";
import type { CasePoint } from "../lib/points";
import type { CaseEvent } from "./stream";

export type Boundaries = FeatureCollection<Polygon | MultiPolygon, { code: string; name: string }>;

/** What a map of the counties can do, drawn by WebGL or, on a machine without it, as an SVG outline. */
export interface Picture {
  show(counts: Counts): void;
  /** Open cases where they are. */
  dot(points: readonly CasePoint[]): void;
  pulse(event: CaseEvent): void;
  /** Marks the county the person points at; null for none. */
  point(code: string | null): void;
}

export const PULSE_MS = 2_400;
/** A storm of events must not fill the page with dots. */
export const PULSES_MAX = 60;
export const LABEL_GAP_PX = 3;
export const EDGE_PX = window.innerWidth < 640 ? 14 : 40;

export const still = window.matchMedia("(prefers-reduced-motion: reduce)");

export function pulseDot(event: CaseEvent): HTMLElement {
  const dot = document.createElement("div");
  dot.className = event.overdue ? "map-pulse map-pulse--overdue" : "map-pulse";
  dot.setAttribute("aria-hidden", "true");
  return dot;
}
