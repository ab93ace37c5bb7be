/** A screen that stays on, from the first look on: browsers let go of it whenever the page is hidden. */
export class Awake {
  private isWanted = false;
  private held: Promise<WakeLockSentinel | undefined> | null = null;

  constructor() {
    document.addEventListener("visibilitychange", () => {
      if (this.isWanted && document.visibilityState === "visible") this.hold();
    });
  }

  hold(): void {
    this.isWanted = true;
    const before = this.held;
    this.held = (async () => {
      const held = await before;
      return held && !held.released ? held : navigator.wakeLock?.request("screen").catch(() => undefined);
    })();
  }
}
