// Pages that look at passes: the checkpoint app and open verification.
import { Checkpoint } from "./gate/checkpoint";
import { OpenVerification } from "./gate/open-verify";
import type { Order } from "./worker/order";

const gate = document.querySelector<HTMLElement>("[data-gate]");
const open = document.querySelector<HTMLElement>("[data-open-verification]");

async function keepApp(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await navigator.serviceWorker.register("/service-worker.js", { scope: "/" });
  const registration = await navigator.serviceWorker.ready;
  registration.active?.postMessage({ kind: "checkpoint" } satisfies Order);
}

if (gate) {
  keepApp().catch((error: unknown) => console.warn("This browser keeps no app", error));
  void new Checkpoint(gate).start();
}
if (open) void new OpenVerification(open).start();
