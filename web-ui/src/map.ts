// The live map island: a choropleth of open cases from our own boundaries, counts that follow the event stream.
// It needs nothing but this origin: no tiles, no glyphs, no sprites; labels are HTML.
import { createMap } from "./map/drawing";
import { createOutline } from "./map/outline";
import { CountsPanel } from "./map/panel";
import type { Boundaries, Picture } from "./map/picture";
import { readMessages } from "./lib/message";
import { readSettings } from "./map/settings";
import { follow, type CaseEvent } from "./map/stream";
import { retryDelay } from "./lib/backoff";
import { CasePoints, type ListedCase } from "./lib/points";

/** A list that cannot be had so often is asked for again when the stream is opened anew. */
const READ_AGAIN_MAX = 6;

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

/** A page of `/api/v1/cases`. */
interface Listed {
  readonly items: readonly ListedCase[];
  /** There are more. */
  readonly next?: string | null;
}

async function openCases(address: string): Promise<Listed> {
  const response = await fetch(address, { headers: { accept: "application/json" }, credentials: "same-origin" });
  if (!response.ok) throw new Error(String(response.status));
  return (await response.json()) as Listed;
}

/** The dots: open cases as they were listed, kept up with what moves, and listed anew where that may not be enough. */
class Dots {
  private readonly points = new CasePoints();
  private reading = false;
  private retry: ReturnType<typeof setTimeout> | undefined;
  /** How many cases the list was cut off after; null when it has all. */
  private cutAt: number | null = null;
  picture: Picture | null = null;
  wasAsked = false;

  constructor(
    private readonly address: string,
    private readonly panel: CountsPanel,
  ) {}

  move(event: CaseEvent): void {
    if (!this.points.move(event) && !this.reading) void this.read();
    this.show();
  }

  /** Where they cannot be had, the list beside the map leads to them too. */
  async read(attempt = 0): Promise<void> {
    clearTimeout(this.retry);
    [this.reading, this.wasAsked] = [true, true];
    const asked = this.points.ask();
    try {
      const { items, next } = await openCases(this.address);
      if (!this.points.list(items, asked)) return;
      this.cutAt = next ? items.length : null;
      this.reading = false;
      this.show();
    } catch {
      this.reading = attempt < READ_AGAIN_MAX;
      if (this.reading) this.retry = setTimeout(() => void this.read(attempt + 1), retryDelay(attempt, Math.random()));
    }
  }

  show(): void {
    if (!this.picture) return;
    this.picture.dot(this.points.all());
    this.panel.sayListed(this.cutAt);
  }
}

async function start(element: HTMLElement): Promise<void> {
  const settings = readSettings(element);
  const panel = new CountsPanel(readMessages(document), settings.locale);
  const dots = new Dots(settings.cases, panel);
  follow(settings.events, settings.counts, {
    onCounts: (counts) => {
      if (panel.show(counts)) dots.picture?.show(counts);
    },
    onCase: (event) => {
      dots.move(event);
      dots.picture?.pulse(event);
    },
    onMissed: () => void dots.read(),
    onState: (lostSince) => {
      panel.sayConnection(lostSince);
      // Where nothing can be followed there is still something to show.
      if (lostSince && !dots.wasAsked) void dots.read();
    },
  });

  dots.picture = await draw(element, panel);
  if (panel.shown) dots.picture?.show(panel.shown);
  dots.show();
  panel.onPoint((code) => dots.picture?.point(code));
}

const element = document.getElementById("map");
if (element) void start(element);
