// Sends what was counted, each batch until the city says that it has it; and learns how the checkpoint stands.
import { newUuid } from "../lib/identity";
import { fetchWithin } from "./known";
import { keep, kept, removeBatch, toSend, type Batch, type Place } from "./store";

const COUNTS = "/api/v1/checkpoints/counts";

/** `gone`: the link is not good any more. `refused`: some counts were not taken. */
export type Sent = "sent" | "away" | "gone" | "refused";

async function post(token: string, batch: Batch): Promise<Response | null> {
  const body = JSON.stringify({ device: token, batch: batch.id, counts: batch.counts });
  return fetchWithin(COUNTS, { method: "POST", headers: { "content-type": "application/json" }, credentials: "omit", body });
}

/** How far this clock is behind the city's, by the head of an answer; null where it says nothing. */
export function secondsBehind(response: Response, now: number): number | null {
  const told = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(told) ? null : Math.round(told / 1000) - now;
}

/** `heard` is told of each answer. */
export async function sendCounts(token: string, heard: (response: Response) => void): Promise<Sent> {
  const place = await kept("place");
  const batches = place ? await toSend(place.place) : [];
  let result: Sent = "sent";
  // The last one has no counts: it says that the device is there, and asks how its checkpoint stands.
  for (const batch of [...batches, { id: newUuid(), counts: [] }]) {
    const response = await post(token, batch);
    if (response) heard(response);
    if (!response || response.status === 429 || response.status >= 500) return "away";
    if (response.status === 404) return "gone";
    // The same counts would be refused for ever.
    if (!response.ok) result = "refused";
    await removeBatch(batch.id);
    if (response.ok) await keep("place", (await response.json()) as Place);
  }
  return result;
}

/** One sender at a time, in whichever tab: a batch that is sent twice is counted once, but asked twice. */
export async function alone<T>(work: () => Promise<T>): Promise<T | null> {
  if (!navigator.locks) return work();
  return navigator.locks.request("olzii-checkpoint", { ifAvailable: true }, (lock) => (lock ? work() : null));
}
