// Sends what was counted, each batch until the city says that it has it; and learns how the checkpoint stands.
import { newUuid } from "../lib/identity";
import { fetchWithin } from "./known";
import { keepPlace, nextBatch, removeBatch, type Batch, type Place } from "./store";

const COUNTS = "/api/v1/checkpoints/counts";
/** For so long the turn of another tab is waited for. */
const TURN_MS = 60_000;

/** `gone`: the link is not good any more. `refused`: some counts were not taken. */
export type Sent = "sent" | "away" | "gone" | "refused";

/** What an answer says of a batch. `later`: nothing, so that it is sent again, after so many seconds at the earliest. */
export type Told = { readonly kind: "taken"; readonly place: Place } | { readonly kind: "refused" | "gone" } | { readonly kind: "later"; readonly seconds: number };

async function post(batch: Batch): Promise<Response | null> {
  const body = JSON.stringify({ device: batch.token, batch: batch.id, counts: batch.counts });
  return fetchWithin(COUNTS, { method: "POST", headers: { "content-type": "application/json" }, credentials: "omit", body });
}

function isPlace(value: unknown): value is Place {
  const it = value as Partial<Place> | null;
  return typeof it === "object" && it !== null && typeof it.name === "string" && [it.regime, it.place, it.end, it.number].every((each) => typeof each === "number");
}

/** Only the city's own words count: a hotel's sign-in page answers 200 too, and a gateway 404. */
export async function toldOf(response: Response | null): Promise<Told> {
  const wait = Number(response?.headers.get("retry-after") ?? "0");
  const later = { kind: "later", seconds: Number.isFinite(wait) ? Math.max(0, wait) : 0 } as const;
  const type = response?.headers.get("content-type") ?? "";
  if (!response) return later;
  if (response.ok) {
    const place: unknown = type.startsWith("application/json") ? await response.json().catch(() => null) : null;
    return isPlace(place) ? { kind: "taken", place } : later;
  }
  if (!type.startsWith("application/problem+json")) return later;
  // The same counts would be refused for ever.
  return response.status === 404 ? { kind: "gone" } : response.status === 409 || response.status === 422 ? { kind: "refused" } : later;
}

async function tell(batch: Batch, heard: (response: Response) => void): Promise<Told> {
  const response = await post(batch);
  if (response) heard(response);
  const told = await toldOf(response);
  if (told.kind === "taken") await keepPlace(batch.token, told.place);
  return told;
}

/** Says that the device is there, and asks how its checkpoint stands. */
export function ask(token: string, heard: (response: Response) => void): Promise<Told> {
  return tell({ id: newUuid(), token, counts: [] }, heard);
}

/** `hour`: the one that runs, which is sent when it is over, so that at a quiet gate no arrival is the moment of a look; null once
 * the checkpoint is. `heard` is told of each answer. With the seconds for which the city asked not to be asked. */
export async function sendCounts(token: string, hour: number | null, heard: (response: Response) => void): Promise<{ readonly sent: Sent; readonly seconds: number }> {
  let sent: Sent = "sent";
  let isHeard = false;
  const aside = new Set<string>();
  const send = async (batch: Batch): Promise<Told> => {
    const told = await tell(batch, heard);
    isHeard ||= told.kind === "taken" && batch.token === token;
    return told;
  };
  // A new batch is made only when none waits: without answers there is one, whatever is counted meanwhile.
  for (let batch = await nextBatch(hour, aside); batch; batch = await nextBatch(hour, aside)) {
    const told = await send(batch);
    if (told.kind === "later") return { sent: "away", seconds: told.seconds };
    if (told.kind === "gone" && batch.token === token) {
      // It stays on the phone, and stands before no other's.
      aside.add(token);
      continue;
    }
    // What another link counted that is gone, nobody takes any more.
    if (told.kind !== "taken") sent = "refused";
    await removeBatch(batch.id);
  }
  if (aside.has(token)) return { sent: "gone", seconds: 0 };
  if (isHeard) return { sent, seconds: 0 };
  const told = await ask(token, heard);
  return told.kind === "later" ? { sent: "away", seconds: told.seconds } : { sent: told.kind === "taken" ? sent : told.kind, seconds: 0 };
}

/** One sender at a time, in whichever tab: a batch that is sent twice is counted once, but asked twice. Who comes meanwhile waits
 * for the turn. */
export async function alone<T>(work: () => Promise<T>): Promise<T> {
  if (!navigator.locks) return work();
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), TURN_MS);
  return navigator.locks.request("olzii-checkpoint", { signal: stop.signal }, () => {
    clearTimeout(timer);
    return work();
  });
}
