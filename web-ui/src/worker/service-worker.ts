// The service worker: styles and scripts from the phone, pages from the network, kept pages when there is none.
import { lastAccount } from "../outbox/database";
import { sendOutbox } from "../outbox/sending";
import type { Order } from "./order";
import { PAGES_CACHE, forgetPages, isGateway, keepPages, pageCopy, refreshCopy } from "./pages";

declare const self: ServiceWorkerGlobalScope;
/** `/static/<hash>`: the server writes it before this script. */
declare const ASSETS: string;
/** Of the page of the checkpoint app and its words, which change apart from the files; written by the server too. */
declare const GATE: string;

const FILES = ["app.css", "app.js", "icons.svg", "favicon.svg"];
const FILES_CACHE = `olzii-files-${ASSETS}`;
/** The checkpoint app, on the phones that have it; like files it goes with its version and not with whoever signs out. */
const CHECKPOINT_CACHES = "olzii-checkpoint-";
const CHECKPOINT_CACHE = `${CHECKPOINT_CACHES}${ASSETS}-${GATE}`;
const CHECKPOINT = "/checkpoint/";
const CHECKPOINT_FILES = [`${ASSETS}/pass.js`, `${ASSETS}/app.css`, `${ASSETS}/icons.svg`, `${ASSETS}/favicon.svg`];
/** Waiting longer than this, one is shown the copy that is there. */
const NETWORK_WAIT_MS = 6_000;

/** Background Sync, which the library of types does not know. */
interface SyncEvent extends ExtendableEvent {
  readonly tag: string;
}

async function install(): Promise<void> {
  const cache = await caches.open(FILES_CACHE);
  await cache.addAll(FILES.map((name) => `${ASSETS}/${name}`));
  // A phone at a gate has the new app whole, or goes on with the old one.
  if ((await caches.keys()).some((name) => name.startsWith(CHECKPOINT_CACHES))) await keepCheckpoint();
  await self.skipWaiting();
}

async function keepCheckpoint(): Promise<void> {
  const cache = await caches.open(CHECKPOINT_CACHE);
  try {
    if (await cache.match(CHECKPOINT)) return;
    await cache.addAll([...CHECKPOINT_FILES, new Request(CHECKPOINT, { cache: "reload" })]);
  } catch (error) {
    // All of it or nothing: a page without its script says nothing at a gate.
    await caches.delete(CHECKPOINT_CACHE);
    throw error;
  }
}

/** The app from the phone, if it is there: it has to open as fast without a network as with one. */
async function checkpoint(request: Request): Promise<Response> {
  return (await caches.match(CHECKPOINT, { cacheName: CHECKPOINT_CACHE })) ?? fetch(request);
}

/** Files of other versions go, and the pages that were made with them. */
async function activate(): Promise<void> {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => ![FILES_CACHE, PAGES_CACHE, CHECKPOINT_CACHE].includes(name)).map((name) => caches.delete(name)));
  await self.clients.claim();
  await keepPages([]);
}

async function file(request: Request): Promise<Response> {
  const caching = [FILES_CACHE, CHECKPOINT_CACHE].map((cacheName) => caches.match(request, { cacheName }));
  return (await Promise.all(caching)).find((copy) => copy) ?? fetch(request);
}

function after(milliseconds: number): Promise<null> {
  return new Promise((done) => setTimeout(() => done(null), milliseconds));
}

/** From the network if it answers in time, else the copy; of what is not on the phone the page that says so. */
async function page(event: FetchEvent): Promise<Response> {
  const { request } = event;
  const network = fetch(request);
  network.catch(() => undefined);
  const { pathname } = new URL(request.url);
  // Where a person lands the server decides; without it, on today's list.
  const copy = await pageCopy(pathname === "/" ? "/today" : request.url);
  try {
    const response = await (copy ? Promise.race([network, after(NETWORK_WAIT_MS)]) : network);
    if (response && !(copy && isGateway(response.status))) {
      event.waitUntil(refreshCopy(request.url, response.clone()));
      return response;
    }
  } catch {
    // There is no network.
  }
  if (copy) return copy;
  return (await pageCopy("/outbox")) ?? Response.error();
}

/** Signing in or out: the pages on the phone are the last person's, and go whatever comes of it. */
async function change(event: FetchEvent): Promise<Response> {
  const standIn = await pageCopy("/outbox");
  await forgetPages();
  try {
    const response = await fetch(event.request);
    event.waitUntil(keepPages([]));
    return response;
  } catch {
    return standIn ?? Response.error();
  }
}

self.addEventListener("install", (event) => event.waitUntil(install()));
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => {
  const order = event.data as Order;
  if (order.kind === "checkpoint") event.waitUntil(keepCheckpoint());
  else event.waitUntil(order.kind === "keep" ? keepPages(order.pages) : forgetPages().then(() => keepPages([])));
});
self.addEventListener("sync", ((event: SyncEvent) => {
  const send = async (): Promise<void> => {
    const account = await lastAccount();
    const round = account ? await sendOutbox(account, true) : null;
    // The browser tries again later what has failed.
    if (round?.stopped === "unreachable" || round?.stopped === "busy") throw new Error(round.stopped);
  };
  event.waitUntil(send());
}) as EventListener);
self.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (url.origin !== self.location.origin) return;
  if (request.method === "POST" && ["/sign-in", "/sign-out"].includes(url.pathname)) event.respondWith(change(event));
  else if (request.method !== "GET") return;
  else if (url.pathname.startsWith("/static/")) event.respondWith(file(request));
  else if (request.mode === "navigate" && [CHECKPOINT, "/checkpoint"].includes(url.pathname)) event.respondWith(checkpoint(request));
  else if (request.mode === "navigate") event.respondWith(page(event));
});
