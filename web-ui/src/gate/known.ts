// What is known here of passes: a bundle that the city's log vouches for, fetched when there is a network.
import { entryOfBundle, mustBeLogged, readPolicy } from "../pass/log";
import { LoadError, Verifier } from "../pass/verify";
import type { KeptBundle } from "./store";

export const BUNDLE = "/pass/bundle";
export const PROOF = "/pass/bundle.tlog-proof";
export const POLICY = "/log/policy";
const WAIT_MS = 20_000;

/** `same`: there is no newer one. `away`: no network. `none`: the city has none. `refused`: the log does not vouch for it. */
export type Fetched = { readonly kind: "taken"; readonly bundle: KeptBundle; readonly verifier: Verifier } | { readonly kind: "same" | "away" | "none" | "refused" };

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

/** A newer bundle than `held`, under the policy that was pinned. */
export async function fetchBundle(policyText: string, held: { readonly etag: string; readonly verifier: Verifier } | null): Promise<Fetched> {
  const response = await fetchWithin(BUNDLE, held ? { headers: { "if-none-match": held.etag } } : {});
  if (!response || response.status >= 500) return { kind: response ? "none" : "away" };
  if (response.status === 304) return { kind: "same" };
  if (!response.ok) return { kind: "none" };
  const bytes = new Uint8Array(await response.arrayBuffer());
  const proof = await fetchWithin(PROOF);
  if (!proof?.ok) return { kind: proof ? "none" : "away" };
  try {
    await mustBeLogged(await readPolicy(policyText), await proof.text(), entryOfBundle(bytes));
    const verifier = await Verifier.load(bytes, held?.verifier.number ?? null);
    return { kind: "taken", bundle: { bytes, etag: response.headers.get("etag") ?? "" }, verifier };
  } catch (error) {
    if (error instanceof LoadError && error.code === "bundle-not-newer") return { kind: "same" };
    console.warn("The bundle is not taken up", error);
    return { kind: "refused" };
  }
}
