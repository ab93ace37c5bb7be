// What a look comes to, for the eye: a colour, a reason in words, what to do.
import type { Answer, Code } from "../pass/verify";

export type Tone = "green" | "red" | "yellow";

/** `ended`: this checkpoint is over. `clock`: the phone's clock is behind. `no-list`: nothing was loaded yet. */
export type Local = "ended" | "clock" | "no-list";

/** As it is counted; the one code that is now red, now yellow has two. */
export type Outcome = "accepted" | "status-unsure" | Code;

export interface Verdict {
  readonly tone: Tone;
  /** `accepted`, the code of a refusal, or what is wrong with the phone. */
  readonly reason: Outcome | Local;
  readonly outcome: Outcome;
  /** What can be compared with a card: the first character of a name, four digits. */
  readonly bearer: string;
  /** When it ends, began to be valid, or ended: seconds since 1970. */
  readonly time: number | null;
}

export function verdictOf(answer: Answer): Verdict {
  if (answer.kind === "accepted") {
    const { hint, digits, expires } = answer.pass;
    const bearer = [hint, digits && `····${digits}`].filter(Boolean).join("  ");
    return { tone: "green", reason: "accepted", outcome: "accepted", bearer, time: Number(expires) };
  }
  const isUnsure = answer.code === "status-unknown" && answer.isCannotTell;
  const outcome = isUnsure ? "status-unsure" : answer.code;
  return { tone: answer.isCannotTell ? "yellow" : "red", reason: outcome, outcome, bearer: "", time: answer.time === null ? null : Number(answer.time) };
}

/** Nothing is said of the pass. */
export function cannotTell(reason: Local): Verdict {
  return { tone: "yellow", reason, outcome: "bundle-expired", bearer: "", time: null };
}
