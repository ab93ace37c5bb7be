/** Caches with the pages of the person who is signed in, one for each version of the site; the service worker alone writes. */
const PAGES_CACHES = "olzii-pages-";

/** The cache of the version whose files are under `assets`. */
export function pagesCacheOf(assets: string): string {
  return PAGES_CACHES + assets;
}

/** Leaves no page on the phone. */
export async function deletePages(): Promise<void> {
  const names = (await caches.keys()).filter((name) => name.startsWith(PAGES_CACHES));
  await Promise.all(names.map((name) => caches.delete(name)));
}

/** A page that is kept on the phone; `revision` changes when the page has. */
export interface KeptPage {
  readonly address: string;
  readonly revision: string;
}

/** What pages ask of the service worker. `keep` names all pages that there shall be, `forget` leaves none; `checkpoint` keeps the app of a gate, which is nobody's. */
export type Order = { readonly kind: "keep"; readonly pages: readonly KeptPage[] } | { readonly kind: "forget" } | { readonly kind: "checkpoint" };
