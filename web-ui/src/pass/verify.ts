// Whether a pass opens a gate: no network, no clock of its own, nothing kept. Written from docs of the format
// (crates/protocol/pass/README.md and data/vectors), apart from the Rust one, in the same order and with the same codes.
import { decodeBase45 } from "./base45";
import { readBundle, type Bundle, type KeyRecord, type Regime } from "./bundle";
import { CborError, isDeterministic, isSame } from "./cbor";
import { readClaims, type Pass } from "./claims";
import { ALGORITHM_SM2, algorithmOf, readMessage, saysNothing, type Message } from "./cose";
import { openList, statusAt, type Held } from "./status";

const PREFIX = "OZ1:";
const TEXT_MAX = 1024;
/** How far two clocks may be apart. */
const CLOCK_SECONDS = 120n;
const SCOPE_BITS = 16;

export const CODES = [
  "bundle-expired", "prefix", "base45", "cbor", "header", "unknown-key", "algorithm", "signature", "key-scope", "key-withdrawn",
  "not-yet", "expired", "unknown-regime", "regime-closed", "too-long", "other-regime", "scope", "status-unknown", "revoked",
] as const;
export type Code = (typeof CODES)[number];

export type Answer =
  | { readonly kind: "accepted"; readonly pass: Pass; readonly regime: Regime; readonly office: string }
  /** `isCannotTell`: it says nothing against the pass, what is known here is not enough. `time`: when it begins, or ended. */
  | { readonly kind: "refused"; readonly code: Code; readonly isCannotTell: boolean; readonly time: bigint | null; readonly regime: Regime | null };

/** Where a pass is shown. Of no regime: anywhere that only asks whether it is good. Of no place: whatever it opens. */
export interface At {
  readonly regime: number | null;
  /** The kind of checkpoint, a bit of the regime's scope. */
  readonly place: number | null;
}

class Refused extends Error {
  constructor(
    readonly code: Code,
    readonly isCannotTell = false,
    readonly time: bigint | null = null,
    readonly regime: Regime | null = null,
  ) {
    super(code);
  }
}

export type LoadCode = "bundle-cbor" | "bundle-not-newer" | "bundle-regime-twice" | "bundle-list-twice" | "bundle-list";

export class LoadError extends Error {
  constructor(readonly code: LoadCode) {
    super(code);
  }
}

export class Verifier {
  private constructor(
    private readonly bundle: Bundle,
    private readonly regimesByNumber: ReadonlyMap<number, Regime>,
    private readonly lists: ReadonlyMap<number, Held>,
  ) {}

  /** Takes up a bundle whose proof was checked; `held` is the number of the one that it takes the place of. */
  static async load(bytes: Uint8Array<ArrayBuffer>, held: bigint | null, subtle?: SubtleCrypto | null): Promise<Verifier> {
    const bundle = await readBundle(bytes, subtle).catch((error: unknown) => {
      throw error instanceof CborError ? new LoadError("bundle-cbor") : error;
    });
    if (held !== null && bundle.number <= held) throw new LoadError("bundle-not-newer");
    const regimes = new Map(bundle.regimes.map((it) => [it.number, it]));
    if (regimes.size < bundle.regimes.length) throw new LoadError("bundle-regime-twice");
    const lists = new Map<number, Held>();
    for (const token of bundle.lists) {
      const [number, list] = await openList(token, bundle.keys, regimes.values()).catch(() => {
        throw new LoadError("bundle-list");
      });
      if (lists.has(number)) throw new LoadError("bundle-list-twice");
      lists.set(number, list);
    }
    return new Verifier(bundle, regimes, lists);
  }

  get number(): bigint {
    return this.bundle.number;
  }

  get issuedAt(): bigint {
    return this.bundle.issuedAt;
  }

  get expires(): bigint {
    return this.bundle.expires;
  }

  get regimes(): readonly Regime[] {
    return this.bundle.regimes;
  }

  /** `now` is seconds since 1970. */
  async check(text: string, at: At, now: bigint): Promise<Answer> {
    try {
      return await this.judge(text, at, now);
    } catch (error) {
      if (error instanceof CborError) return { kind: "refused", code: "cbor", isCannotTell: false, time: null, regime: null };
      if (!(error instanceof Refused)) throw error;
      return { kind: "refused", code: error.code, isCannotTell: error.isCannotTell, time: error.time, regime: error.regime };
    }
  }

  private async judge(text: string, { regime: own, place }: At, now: bigint): Promise<Answer> {
    if (now > this.bundle.expires) throw new Refused("bundle-expired", true, this.bundle.expires);
    const isOurs = text.startsWith(PREFIX) && new TextEncoder().encode(text).length <= TEXT_MAX;
    if (!isOurs) throw new Refused("prefix");
    const bytes = decodeBase45(text.slice(PREFIX.length));
    if (!bytes) throw new Refused("base45");
    const [message, pass] = readPass(bytes);
    const key = await this.signer(message);
    keyAllows(key, pass, now);
    if (now + CLOCK_SECONDS < pass.notBefore) throw new Refused("not-yet", false, pass.notBefore);
    if (now > pass.expires + CLOCK_SECONDS) throw new Refused("expired", false, pass.expires);
    const regime = this.regimesByNumber.get(pass.regime);
    if (!regime) throw new Refused("unknown-regime", true);
    if (now < regime.start || now > regime.end) throw new Refused("regime-closed", false, regime.end);
    const isTooLong = pass.expires > regime.end || pass.expires > key.verifyUntil || pass.expires - pass.notBefore > regime.passSecondsMax;
    if (isTooLong) throw new Refused("too-long");
    // A bit of a scope means something else in each regime.
    if (own !== null && own !== regime.number) throw new Refused("other-regime", false, null, regime);
    const opens = place === null || (place < SCOPE_BITS && ((pass.scope >> place) & 1) === 1);
    if (!opens) throw new Refused("scope");
    this.mustStand(pass, regime, now);
    return { kind: "accepted", pass, regime, office: key.office };
  }

  /** Several keys may have the same id: each is tried. */
  private async signer(message: Message): Promise<KeyRecord> {
    let code: Code = "unknown-key";
    for (const key of this.bundle.keys) {
      if (!message.protected.keyId || !isSame(key.id, message.protected.keyId)) continue;
      if (key.algorithm !== algorithmOf(message.protected.algorithm ?? 0n)) code = code === "unknown-key" ? "algorithm" : code;
      else if (await key.check(message.signed, message.signature)) return key;
      else code = "signature";
    }
    throw new Refused(code, code === "unknown-key");
  }

  private mustStand(pass: Pass, regime: Regime, now: bigint): void {
    if (pass.status === null) {
      if (regime.status) throw new Refused("status-unknown");
      return;
    }
    const { index, list } = pass.status;
    if (!regime.status || (list !== regime.status.uri && list !== String(regime.number))) throw new Refused("status-unknown");
    const held = this.lists.get(regime.number);
    if (!held || (held.expires !== null && now > held.expires)) throw new Refused("status-unknown", true);
    const status = statusAt(held.bytes, 1, index);
    if (status === null) throw new Refused("status-unknown");
    if (status !== 0) throw new Refused("revoked");
  }
}

/** Shape, then that each part is written in the one form that it has, then the header. */
function readPass(bytes: Uint8Array<ArrayBuffer>): [Message, Pass] {
  const message = readMessage(bytes);
  const pass = readClaims(message.payload);
  const isBare = message.protectedBytes.length === 0;
  const isOneForm = isDeterministic(message.whole, bytes) && (isBare || isDeterministic(message.protectedValue, message.protectedBytes));
  if (!isOneForm) throw new CborError("not deterministic");
  const { algorithm, keyId, type, others } = message.protected;
  const isKnown = algorithm !== null && (algorithmOf(algorithm) !== null || algorithm === ALGORITHM_SM2);
  const hasId = keyId !== null && keyId.length >= 4 && keyId.length <= 8;
  if (!isKnown || !hasId || type !== null || others > 0 || !saysNothing(message.unprotected)) throw new Refused("header");
  return [message, pass];
}

function keyAllows(key: KeyRecord, pass: Pass, now: bigint): void {
  if (key.withdrawnAt !== null && now >= key.withdrawnAt) throw new Refused("key-withdrawn", false, key.withdrawnAt);
  const isInTime = pass.notBefore >= key.issueFrom && pass.notBefore <= key.issueUntil && now <= key.verifyUntil;
  if (!key.regimes.includes(pass.regime) || (pass.scope & ~key.scope) !== 0 || !isInTime) throw new Refused("key-scope");
}
