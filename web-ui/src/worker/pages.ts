import { deletePages, pagesCacheOf, type KeptPage } from "./order";

/** `/static/<hash>`: the server writes it before this script. */
declare const ASSETS: string;

/** Pages belong to the version with whose files they were made. */
export const PAGES_CACHE = pagesCacheOf(ASSETS);

/** Personal data on a phone: no page is kept longer than a working day and its night. */
export const KEPT_MS_MAX = 24 * 60 * 60 * 1000;
/** A copy of the same revision this young is not fetched again. */
const FRESH_MS = 15 * 60 * 1000;
/** More pages than a day's list leads to. */
const PAGES_MAX = 120;
/** The page that stands in for all that are not on the phone. */
const ALWAYS: KeptPage = { address: "/outbox", revision: "" };
const KEPT_AT = "olzii-kept-at";
const REVISION = "olzii-revision";

/** Raised when pages are forgotten: what was on its way then belongs to somebody else. */
let generation = 0;

/** An answer of what stands before the city, when the city is away. */
export function isGateway(status: number): boolean {
  return status === 502 || status === 503 || status === 504;
}

function keptAt(copy: Response): number {
  return Number(copy.headers.get(KEPT_AT));
}

/** Query strings tell only where to report; on other pages they say what was just done. */
function keyOf(address: string): string {
  const { pathname, search } = new URL(address, self.location.origin);
  return pathname === "/report" ? pathname + search : pathname;
}

async function store(cache: Cache, address: string, response: Response, revision: string): Promise<void> {
  const headers = new Headers(response.headers);
  headers.set(KEPT_AT, String(Date.now()));
  headers.set(REVISION, revision);
  // It is kept as it reads, not as it travelled.
  headers.delete("content-encoding");
  headers.delete("content-length");
  await cache.put(keyOf(address), new Response(await response.blob(), { status: 200, headers }));
}

/** A copy that is young enough, marked with when it was made. */
export async function pageCopy(address: string): Promise<Response | null> {
  const cache = await caches.open(PAGES_CACHE);
  const copy = await cache.match(keyOf(address));
  if (!copy) return null;
  if (Date.now() - keptAt(copy) > KEPT_MS_MAX) {
    await cache.delete(keyOf(address));
    return null;
  }
  const text = (await copy.text()).replace("<body ", `<body data-kept-at="${keptAt(copy)}" `);
  return new Response(text, { status: copy.status, headers: copy.headers });
}

/** A page that was just read, in place of its copy, if it has one; copies that are too old go. */
export async function refreshCopy(address: string, response: Response): Promise<void> {
  const started = generation;
  const cache = await caches.open(PAGES_CACHE);
  for (const request of await cache.keys()) {
    const copy = await cache.match(request);
    if (copy && Date.now() - keptAt(copy) > KEPT_MS_MAX) await cache.delete(request);
  }
  if (!response.ok || response.redirected || response.type !== "basic") return;
  const copy = await cache.match(keyOf(address));
  if (copy && started === generation) await store(cache, address, response, copy.headers.get(REVISION) ?? "");
}

/** True if the page is on the phone as it is now, or need not be fetched again. */
async function keepOne(cache: Cache, { address, revision }: KeptPage, started: number): Promise<boolean> {
  const copy = await cache.match(keyOf(address));
  const isFresh = copy && copy.headers.get(REVISION) === revision && Date.now() - keptAt(copy) < FRESH_MS;
  if (isFresh) return true;
  const response = await fetch(address, { headers: { accept: "text/html" }, credentials: "same-origin", redirect: "manual" });
  if (response.ok && started === generation) await store(cache, address, response, revision);
  // Being led elsewhere means that nobody is signed in any more.
  return response.type !== "opaqueredirect" && started === generation;
}

/** Keeps these pages and no others. Ends at the first that cannot be had: there will be another time. */
export async function keepPages(pages: readonly KeptPage[]): Promise<void> {
  const started = generation;
  const cache = await caches.open(PAGES_CACHE);
  const wanted = [ALWAYS, ...pages.slice(0, PAGES_MAX)];
  const keys = new Set(wanted.map((it) => new URL(keyOf(it.address), self.location.origin).href));
  if (pages.length > 0) {
    for (const request of await cache.keys()) if (!keys.has(request.url)) await cache.delete(request);
  }
  try {
    for (const page of wanted) if (!(await keepOne(cache, page, started))) return;
  } catch {
    // There is no network, or no room; what is kept already stays.
  }
}

export async function forgetPages(): Promise<void> {
  generation += 1;
  await deletePages();
}
