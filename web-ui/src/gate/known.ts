// What is known here of passes: a bundle that the city's log vouches for, fetched when there is a network.
import { LogError, entryOfBundle, mustBeLogged, readPolicy } from "../pass/log";
import { LoadError, Verifier } from "../pass/verify";
import type { KeptBundle } from "./store";

export const BUNDLE = "/pass/bundle";
export const PROOF = "/pass/bundle.tlog-proof";
export const POLICY = "/log/policy";
const WAIT_MS = 20_000;

/** A newer one may come between the bundle and its proof. */
const PAIRS_MAX = 3;

/** `same`: there is no newer one. `away`: no network. `none`: the city has none. `refused`: the log does not vouch for it.
 * `unreadable`: it is of a form that this app, or this browser, does not know. */
export type Fetched = { readonly kind: "taken"; readonly bundle: KeptBundle; readonly verifier: Verifier } | { readonly kind: "same" | "away" | "none" | "refused" | "unreadable" };

export async function fetchWithin(address: string, init: RequestInit = {}): Promise<Response | null> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), WAIT_MS);
  try {
    // The body has to come in this time too.
    const response = await fetch(address, { credentials: "same-origin", cache: "no-store", redirect: "error", ...init, signal: stop.signal });
    const body = await response.arrayBuffer();
    const isEmpty = [204, 304].includes(response.status);
    return new Response(isEmpty ? null : body, { status: response.status, headers: response.headers });
  } catch {
    return null;
  } finally {
    clearTimeout(timer);
  }
}

/** Compression on the way marks a tag as weak. */
function tagOf(response: Response): string {
  return (response.headers.get("etag") ?? "").replace(/^W\//, "");
}

/** The policy that the city shows, if it is one. */
export async function fetchPolicy(): Promise<string | null> {
  const response = await fetchWithin(POLICY);
  if (!response?.ok) return null;
  const text = await response.text();
  // A page that stands before the network is not to be believed for ever.
  return readPolicy(text).then(
    () => text,
    () => null,
  );
}

/** A newer bundle than `held`, under the policy that was pinned. `heard` is told of each answer about it, which says what time
 * it is there. */
export async function fetchBundle(policyText: string, held: { readonly etag: string; readonly verifier: Verifier } | null, heard: (response: Response) => void): Promise<Fetched> {
  for (let pair = 0; pair < PAIRS_MAX; pair += 1) {
    const response = await fetchWithin(BUNDLE, held ? { headers: { "if-none-match": held.etag } } : {});
    if (response) heard(response);
    if (response?.status === 304) return { kind: "same" };
    if (!response?.ok) return { kind: response ? "none" : "away" };
    const proof = await fetchWithin(PROOF);
    if (!proof?.ok) return { kind: proof ? "none" : "away" };
    if (tagOf(proof) !== tagOf(response)) continue;
    const bytes = new Uint8Array(await response.arrayBuffer());
    return takeUp(policyText, { bytes, etag: tagOf(response) }, await proof.text(), held?.verifier.number ?? null);
  }
  return { kind: "none" };
}

async function takeUp(policyText: string, bundle: KeptBundle, proof: string, held: bigint | null): Promise<Fetched> {
  try {
    await mustBeLogged(await readPolicy(policyText), proof, entryOfBundle(bundle.bytes));
    return { kind: "taken", bundle, verifier: await Verifier.load(bundle.bytes, held) };
  } catch (error) {
    if (error instanceof LoadError && error.code === "bundle-not-newer") return { kind: "same" };
    console.warn("The bundle is not taken up", error);
    return { kind: error instanceof LogError ? "refused" : "unreadable" };
  }
}
