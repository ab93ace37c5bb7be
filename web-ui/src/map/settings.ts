/** What the server tells the island on `<div id="map" data-…>`. */
export interface Settings {
  /** GeoJSON FeatureCollection, properties `code` and `name`. */
  readonly boundaries: string;
  readonly counts: string;
  /** Open cases, the most urgent first. */
  readonly cases: string;
  /** Server-sent events. */
  readonly events: string;
  readonly locale: string;
  /** Address of an area's page, its code to be appended. */
  readonly areaLink: string;
  /** Address of a case's page, its id to be appended. */
  readonly caseLink: string;
  /** Address of the map's worker script, on this origin. */
  readonly worker: string;
}

export function readSettings(element: HTMLElement): Settings {
  const data = element.dataset;
  return {
    boundaries: data["boundaries"] ?? "/api/v1/areas/boundaries",
    counts: data["counts"] ?? "/api/v1/counts",
    cases: data["cases"] ?? "/api/v1/cases?status=open&limit=200",
    events: data["events"] ?? "/api/v1/events",
    locale: data["locale"] ?? "zh-Hans",
    areaLink: data["areaLink"] ?? "/areas/",
    caseLink: data["caseLink"] ?? "/cases/",
    worker: new URL(data["worker"] ?? new URL("./map-worker.js", import.meta.url).href, document.baseURI).href,
  };
}
