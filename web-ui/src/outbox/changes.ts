const CHANNEL = "olzii-outbox";

/** Tells all open pages, and this one, that the outbox has changed. */
export function tellChange(): void {
  if (typeof BroadcastChannel === "undefined") return;
  const channel = new BroadcastChannel(CHANNEL);
  channel.postMessage("changed");
  channel.close();
}

/** Calls `listen` after each change, in whichever page or worker it was made. */
export function onChange(listen: () => void): void {
  if (typeof BroadcastChannel === "undefined") return;
  new BroadcastChannel(CHANNEL).addEventListener("message", listen);
}
