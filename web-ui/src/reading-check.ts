import { format, type Messages } from "./lib/message";
import type { Outcome } from "./pass/reading";

/** `<button data-check-proof="ADDRESS" hidden>` checks the proof at that address and says what came of it in its row. */
export function enhanceReadingChecks(root: ParentNode, messages: Messages): void {
  for (const button of root.querySelectorAll<HTMLButtonElement>("[data-check-proof]")) {
    const told = button.closest("li")?.querySelector<HTMLElement>("[data-proof-told]");
    if (!told) continue;
    button.hidden = false;
    button.addEventListener("click", () => {
      told.textContent = format(messages, "proof.checking");
      void checked(button.dataset).then((outcome) => (told.textContent = words(messages, outcome)));
    });
  }
}

async function checked(row: DOMStringMap): Promise<Outcome | null> {
  try {
    const address = row["checkProof"] ?? "";
    const [proof, policy] = await Promise.all([textAt(address), textAt("/log/policy")]);
    // Signatures are heavy: what checks them comes when somebody checks.
    const { checkReading } = (await import(new URL("proof.js", import.meta.url).href)) as typeof import("./pass/reading");
    const id = address.split("/").pop() ?? "";
    return await checkReading(policy, proof, { id, at: row["at"] ?? "", action: row["action"] ?? "", purpose: row["purpose"] ?? "" });
  } catch (error) {
    console.warn("A proof did not come", error);
    return null;
  }
}

async function textAt(address: string): Promise<string> {
  const response = await fetch(address, { cache: "no-store" });
  if (!response.ok) throw new Error(`${address} answered ${response.status}`);
  return response.text();
}

function words(messages: Messages, outcome: Outcome | null): string {
  if (outcome === null) return format(messages, "proof.away");
  if (outcome.kind !== "good") return format(messages, `proof.${outcome.kind}`);
  const values = { index: String(outcome.index), size: String(outcome.size), witnesses: outcome.witnesses.join(", ") };
  return format(messages, outcome.witnesses.length > 0 ? "proof.good" : "proof.good-alone", values);
}
