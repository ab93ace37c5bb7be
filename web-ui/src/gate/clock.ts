// Whether this phone's clock can be right. The city's answers say so; between them a clock that is set is seen by a second one,
// which nobody sets, and by what was seen before.

/** How far two clocks may be apart. */
export const CLOCK_SECONDS = 120;
/** From so much on a clock was set, or the phone slept. */
const JUMP_SECONDS = 10;
const HOUR_SECONDS = 3600;

/** How far the phone may be behind the city's clock, at least and at most (below nothing: ahead of it), and the latest hour that
 * was seen. */
export interface ClockState {
  readonly low: number;
  readonly high: number;
  readonly hour: number;
}

/** How far this clock is behind the city's, by the head of an answer; null where it says nothing. */
export function secondsBehind(response: Response, now: number): number | null {
  const told = Date.parse(response.headers.get("date") ?? "");
  return Number.isNaN(told) ? null : Math.round(told / 1000) - now;
}

export class Clock {
  private known: ClockState = { low: 0, high: 0, hour: 0 };
  private apart: number;

  constructor(
    private readonly seconds: () => number = () => Math.floor(Date.now() / 1000),
    /** The second clock: it only goes on, and may stand still while the phone sleeps. */
    private readonly ticks: () => number = () => performance.now() / 1000,
  ) {
    this.apart = this.seconds() - this.ticks();
  }

  /** What was known of it when the page was open last. */
  takeUp(known: ClockState): void {
    this.known = known;
  }

  get state(): ClockState {
    return this.known;
  }

  /** Seconds since 1970, by the phone. */
  now(): number {
    const now = this.seconds();
    const jump = now - this.ticks() - this.apart;
    this.apart += jump;
    if (Math.abs(jump) > JUMP_SECONDS) this.jumped(jump);
    const hour = Math.floor(now / HOUR_SECONDS);
    if (hour > this.known.hour && !this.isWrongAt(now)) this.known = { ...this.known, hour };
    return now;
  }

  /** One that goes back was set. One that goes on was set, or the phone slept and it is as right as before: either may be. */
  private jumped(jump: number): void {
    const { low, high, hour } = this.known;
    this.known = { low: low - jump, high: jump > 0 ? high : high - jump, hour };
  }

  /** Until it is right nothing is told: it would let in who should not be, or keep out who should. */
  get isWrong(): boolean {
    return this.isWrongAt(this.now());
  }

  private isWrongAt(now: number): boolean {
    const { low, high, hour } = this.known;
    return low > CLOCK_SECONDS || high < -CLOCK_SECONDS || now + CLOCK_SECONDS < hour * HOUR_SECONDS;
  }

  /** An answer of the city says what time it is, whatever was thought before. */
  hear(response: Response): void {
    const now = this.now();
    const behind = secondsBehind(response, now);
    if (behind !== null) this.known = { low: behind, high: behind, hour: Math.floor((now + behind) / HOUR_SECONDS) };
  }
}
