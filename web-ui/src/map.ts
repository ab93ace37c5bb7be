// The live map island: a choropleth of open cases from our own boundaries, counts that follow the event stream.
// It needs nothing but this origin: no tiles, no glyphs, no sprites; labels are HTML.
import { createMap } from "./map/drawing";
import { createOutline } from "./map/outline";
import { CountsPanel } from "./map/panel";
import type { Boundaries, Picture } from "./map/picture";
import { readMessages } from "./lib/message";
import { readSettings } from "./map/settings";
import { follow } from "./map/stream";
import type { Counts } from "./lib/counts";
import { CasePoints, type ListedCase } from "./lib/points";

function hasWebGl(): boolean {
  return document.createElement("canvas").getContext("webgl2") !== null;
}

async function draw(element: HTMLElement, panel: CountsPanel): Promise<Picture | null> {
  const settings = readSettings(element);
  try {
    const response = await fetch(settings.boundaries, { credentials: "same-origin" });
    if (!response.ok) throw new Error(String(response.status));
    const boundaries = (await response.json()) as Boundaries;
    return hasWebGl()
      ? await createMap(element, boundaries, settings, panel.messages)
      : createOutline(element, boundaries, settings, panel.messages);
  } catch (error) {
    console.warn("The map cannot be drawn", error);
    panel.sayNoMap();
    return null;
  }
}

/** None when they cannot be had: the list beside the map leads to them too. */
async function openCases(address: string): Promise<readonly ListedCase[]> {
  try {
    const response = await fetch(address, { headers: { accept: "application/json" }, credentials: "same-origin" });
    return response.ok ? ((await response.json()) as { items: ListedCase[] }).items : [];
  } catch {
    return [];
  }
}

async function start(element: HTMLElement): Promise<void> {
  const settings = readSettings(element);
  const panel = new CountsPanel(readMessages(document), settings.locale);
  let picture: Picture | null = null;

  const points = new CasePoints();

  const show = (counts: Counts): void => {
    if (panel.show(counts)) picture?.show(counts);
  };
  follow(settings.events, settings.counts, {
    onCounts: show,
    onCase: (event) => {
      points.move(event);
      picture?.pulse(event);
      picture?.dot(points.all());
    },
    onState: (lostSince) => panel.sayConnection(lostSince),
  });

  picture = await draw(element, panel);
  if (panel.shown) picture?.show(panel.shown);
  points.list(await openCases(settings.cases));
  picture?.dot(points.all());
  panel.onPoint((code) => picture?.point(code));
}

const element = document.getElementById("map");
if (element) void start(element);
