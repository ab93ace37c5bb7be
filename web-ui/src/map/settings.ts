/** What the server tells the island on `<div id="map" data-…>`. */
export interface Settings {
  /** GeoJSON FeatureCollection, properties `code` and `name`. */
  readonly boundaries: string;
  readonly counts: string;
  /** Server-sent events. */
  readonly events: string;
  readonly locale: string;
  /** Address of an area's page, its code to be appended. */
  readonly areaLink: string;
  /** Address of the map's worker script, on this origin. */
  readonly worker: string;
}

export function readSettings(element: HTMLElement): Settings {
  const data = element.dataset;
  return {
    boundaries: data["boundaries"] ?? "/api/v1/areas/boundaries",
    counts: data["counts"] ?? "/api/v1/counts",
    events: data["events"] ?? "/api/v1/events",
    locale: data["locale"] ?? "zh-Hans",
    areaLink: data["areaLink"] ?? "/areas/",
    worker: new URL(data["worker"] ?? new URL("./map-worker.js", import.meta.url).href, document.baseURI).href,
  };
}
