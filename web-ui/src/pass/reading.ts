// That an entry of the journal is what the city sealed: what opens the commitment to it came with its proof. The domain's
// journal/rule.rs writes what is read here.
import { sha256 } from "@noble/hashes/sha2.js";
import { concat } from "./cbor";
import { LogError, base64, mustBeLogged, readPolicy, readProof, type LogFault } from "./log";

type Bytes = Uint8Array<ArrayBuffer>;

const ENTRY_TYPE = "olzii/journal/v1";
const COMMITMENT_PURPOSE = "olzii/journal-entry/v1\n";
/** The entry as it was written: what is hashed is this text and no other of the same meaning. */
const EXTRA = /^\{"entry":(\{.*\}),"opening":"([A-Za-z0-9+/=]*)","type":"olzii\/journal\/v1"\}$/s;

/** The entry as a page shows it. */
export interface Shown {
  readonly id: string;
  /** ISO 8601, to the second. */
  readonly at: string;
  readonly action: string;
  readonly purpose: string;
}

/** `other`: it is the proof of another entry than the one that is shown. */
export type Outcome = { readonly kind: "good"; readonly index: bigint; readonly size: bigint; readonly witnesses: readonly string[] } | { readonly kind: LogFault | "other" };

/** The log's entry that a proof's extra data open, and the journal's. */
export function openedIn(extra: Bytes | null): { readonly leaf: Bytes; readonly fields: Readonly<Record<string, unknown>> } {
  const match = extra ? EXTRA.exec(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(extra)) : null;
  const opening = match ? base64(match[2]!) : null;
  if (!match || opening?.length !== 32) throw new LogError("no entry with its opening");
  const bytes = (text: string): Bytes => new TextEncoder().encode(text);
  const commitment = sha256(concat([bytes(COMMITMENT_PURPOSE), opening, bytes(match[1]!)]));
  return { leaf: concat([bytes(`${ENTRY_TYPE}\n`), new Uint8Array(commitment)]), fields: JSON.parse(match[1]!) as Record<string, unknown> };
}

function isOf(fields: Readonly<Record<string, unknown>>, shown: Shown): boolean {
  const seconds = Math.floor(Number(fields["at"]) / 1_000_000);
  return fields["id"] === shown.id && fields["action"] === shown.action && fields["purpose"] === shown.purpose && seconds === Math.floor(Date.parse(shown.at) / 1_000);
}

/** What a proof under a policy says of the entry that is shown. */
export async function checkReading(policy: string, proof: string, shown: Shown): Promise<Outcome> {
  try {
    const { leaf, fields } = openedIn(readProof(proof).extra);
    const { index, size, witnesses } = await mustBeLogged(await readPolicy(policy), proof, leaf);
    return isOf(fields, shown) ? { kind: "good", index, size, witnesses } : { kind: "other" };
  } catch (error) {
    console.warn("A proof was not taken", error);
    return { kind: error instanceof LogError ? error.kind : "unreadable" };
  }
}
