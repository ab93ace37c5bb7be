import { sha256 } from "@noble/hashes/sha2.js";
import { isSame } from "../pass/cbor";

/** The same code within this time is one look: it is still held up, or the camera saw it twice. */
const SAME_MS = 8_000;

/** `new`: another code than the one before. `same`: it is still held up. `anew`: so it is, and it would be judged by something
 * else now. */
export type Seen = "new" | "same" | "anew";

/** Tells a look from one that goes on. Of the last code a hash is held in memory for those seconds, and nothing else. */
export class Looks {
  private last: Uint8Array | null = null;
  private hasChanged = false;
  private timer: ReturnType<typeof setTimeout> | undefined;

  see(text: string): Seen {
    const hash = sha256(new TextEncoder().encode(text));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.last = null), SAME_MS);
    const isNew = this.last === null || !isSame(hash, this.last);
    this.last = hash;
    return isNew ? "new" : this.hasChanged ? "anew" : "same";
  }

  /** What passes are judged by has changed: what was said of the last one is not of now. */
  change(): void {
    this.hasChanged = true;
  }

  /** It is being judged by what is known now. */
  judge(): void {
    this.hasChanged = false;
  }
}
