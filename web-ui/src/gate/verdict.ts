// What a look comes to, for the eye: a colour, a reason in words, what to do.
import type { Answer, Code } from "../pass/verify";

export type Tone = "green" | "red" | "yellow";

/** `ended`: this checkpoint is over. `clock`: the phone's clock is wrong. `no-list`: nothing was loaded yet. `joining`: of which
 * order and for what its passes are is not known yet. `fault`: the app itself failed. */
export type Local = "ended" | "clock" | "no-list" | "joining" | "fault";

/** What an office did sign, and does not open here and now. */
type OfAPass = "key-scope" | "key-withdrawn" | "not-yet" | "expired" | "regime-closed" | "too-long" | "other-regime" | "scope" | "status-unknown" | "revoked";
const OF_A_PASS: ReadonlySet<string> = new Set<OfAPass>(["key-scope", "key-withdrawn", "not-yet", "expired", "regime-closed", "too-long", "other-regime", "scope", "status-unknown", "revoked"]);

/** As it is counted. The one code that is now red, now yellow has two; those of a genuine pass have one, since whose pass was
 * revoked today a body knows, and at which gate it was held up nobody is to learn. */
export type Outcome = "accepted" | "refused" | "status-unsure" | "clock" | "no-list" | Exclude<Code, OfAPass>;

export interface Verdict {
  readonly tone: Tone;
  /** `accepted`, the code of a refusal, or what is wrong with the phone. */
  readonly reason: "accepted" | "status-unsure" | "clock" | "no-list" | Code | Local;
  /** Null: it is not counted, since there is no checkpoint any more. */
  readonly outcome: Outcome | null;
  /** What can be compared with a card: the first character of a name, four digits. */
  readonly bearer: string;
  /** When it ends, began to be valid, or ended: seconds since 1970. */
  readonly time: number | null;
  /** The title of the order that it is of, where that has to be told: at the gate of another, or where any is asked for. */
  readonly order: string;
  /** What it opens by its order's own words, where no place of its own was asked for. */
  readonly kinds: readonly string[];
}

/** `own`: it was asked at the gate of one order, which need not be named, and whose places it opens need not either. */
export function verdictOf(answer: Answer, own: number | null): Verdict {
  if (answer.kind === "accepted") {
    const { hint, digits, expires, scope } = answer.pass;
    const bearer = [hint, digits && `····${digits}`].filter(Boolean).join("  ");
    return { tone: "green", reason: "accepted", outcome: "accepted", bearer, time: Number(expires), order: own === null ? answer.regime.title : "", kinds: own === null ? answer.regime.scopes.filter((_, place) => (scope >> place) & 1) : [] };
  }
  const isUnsure = answer.code === "status-unknown" && answer.isCannotTell;
  const reason = isUnsure ? "status-unsure" : answer.code;
  return { tone: answer.isCannotTell ? "yellow" : "red", reason, outcome: isOfAPass(reason) ? "refused" : reason, bearer: "", time: answer.time === null ? null : Number(answer.time), order: answer.regime?.title ?? "", kinds: [] };
}

function isOfAPass(reason: string): reason is OfAPass {
  return OF_A_PASS.has(reason);
}

/** What is wrong with the phone counts as what it is; after the end of a checkpoint nothing is counted. */
const OUTCOMES: Readonly<Record<Local, Outcome | null>> = { ended: null, clock: "clock", "no-list": "no-list", joining: "no-list", fault: null };

/** Nothing is said of the pass. */
export function cannotTell(reason: Local): Verdict {
  return { tone: "yellow", reason, outcome: OUTCOMES[reason], bearer: "", time: null, order: "", kinds: [] };
}
