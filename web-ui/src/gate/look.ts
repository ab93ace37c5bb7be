import { sha256 } from "@noble/hashes/sha2.js";
import { isSame } from "../pass/cbor";

/** The same code within this time is one look: it is still held up, or the camera saw it twice. */
const SAME_MS = 8_000;

/** Tells a look from one that goes on. Of the last code a hash is held in memory for those seconds, and nothing else. */
export class Looks {
  private last: Uint8Array | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;

  /** Whether it is another code than the one before. */
  isNew(text: string): boolean {
    const hash = sha256(new TextEncoder().encode(text));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.last = null), SAME_MS);
    const isNew = this.last === null || !isSame(hash, this.last);
    this.last = hash;
    return isNew;
  }
}
