// The checkpoint: looks at passes offline, counts what they came to, and sends the counts when there is a network.
import { Verifier } from "../pass/verify";
import { Awake } from "./awake";
import { Camera, type CameraFault } from "./camera";
import { Clock, CLOCK_SECONDS, type ClockState } from "./clock";
import { fetchBundle, fetchPolicy } from "./known";
import { Looks } from "./look";
import { Page } from "./page";
import { Panel } from "./panel";
import { Question } from "./question";
import { APP, tokenIn, tokenOf, typeInto } from "./scanner";
import { keepSettings, settingsOf, type Settings } from "./settings";
import { allowSound } from "./signal";
import { bind, countLook, keep, keepBundle, kept, leaveNext, pinAnew, state, unsent, type Place } from "./store";
import { alone, ask, sendCounts, type Sent } from "./sync";
import { cannotTell, verdictOf, type Verdict } from "./verdict";
import { Speaker } from "./words";

const SYNC_MS = 5 * 60_000;
/** The first wait after no answer; each next one is twice as long. */
const SOON_MS = 15_000;
const SHOW_MS = 5_000;
/** From this age on it is said that the list is old. */
const OLD_SECONDS = 24 * 3600;

export class Checkpoint extends Page {
  private readonly speaker = Speaker.of(document);
  private readonly settings = settingsOf();
  private readonly camera: Camera;
  private readonly panel: Panel;
  private readonly question: Question;
  private readonly awake = new Awake();
  private readonly looks = new Looks();
  private verifier: Verifier | null = null;
  /** Of the bundle that the verifier is of: another tab may have taken up a newer one. */
  private etag: string | undefined;
  private place: Place | undefined;
  private token: string | undefined;
  private next: string | undefined;
  /** The link that waited is none that the city knows. */
  private isNextGone = false;
  /** The phone's own link was opened again, as it is done when its list is not vouched for any more. */
  private isReopened = false;
  private sent: Sent | null = null;
  /** What became of the last bundle that came, where it was not taken. */
  private untaken: "refused" | "unreadable" | null = null;
  /** What passes are judged by. */
  private basis: string | null = null;
  private wasUnsure = false;
  /** The city was asked, and has no list. */
  private isNone = false;
  private isSyncing = false;
  private isAskedAgain = false;
  private readonly clock = new Clock();
  private keptClock: ClockState | undefined;
  /** What was not read or not written down at the last try: all that is kept, the link, a look. */
  private readonly lost = new Set<"kept" | "link" | "look">();
  /** The browser agreed not to clear what is kept when it wants room. */
  private isLasting = true;
  private soon: ReturnType<typeof setTimeout> | undefined;
  private soonMs = SOON_MS;

  constructor(root: HTMLElement) {
    super(root);
    this.camera = new Camera(this.part<HTMLVideoElement>("video"), () => this.seen("lost"));
    this.panel = new Panel(this.part("verdict"), this.speaker, "gate");
    this.question = new Question(this.part("ask"), this.speaker);
  }

  async start(): Promise<void> {
    const clock = await kept("clock").catch(() => undefined);
    if (clock) this.clock.takeUp(clock);
    this.speaker.choose(this.settings.language ?? this.speaker.language, document);
    this.apply();
    this.listen();
    await this.enrol();
    await this.show();
    void this.sync();
    setInterval(() => void this.sync(), SYNC_MS);
    setInterval(() => void this.show(), SHOW_MS);
    this.root.dataset["ready"] = "";
  }

  /** The link of the office ends in `#` and the device's token, which no server and no log of one sees. */
  private async enrol(): Promise<void> {
    const token = tokenIn(window.location.hash.slice(1));
    const isKept = token ? await this.bind(token) : (await this.follow(), true);
    // What could not be written down stands in the address still, for the next try.
    if (window.location.hash && isKept) window.history.replaceState(null, "", window.location.pathname);
    void navigator.storage
      ?.persist?.()
      .then((isLasting) => (this.isLasting = isLasting))
      .catch(() => undefined);
  }

  /** Whether the phone has the link now, or will when the city has answered. */
  private async bind(token: string): Promise<boolean> {
    const bound = await bind(token).catch((error: unknown): null => this.loses("link", error));
    if (bound) this.lost.delete("link");
    this.isNextGone = false;
    this.isReopened = bound === "same";
    if (bound === "own") this.settled();
    await this.follow();
    return bound !== null;
  }

  /** What was known of the link before is of no account. */
  private settled(): void {
    this.sent = null;
    this.untaken = null;
  }

  /** Takes up what another tab changed: the link, where it leads, the list. */
  private async follow(): Promise<void> {
    try {
      const { token, next, place, etag } = await state();
      [this.token, this.next, this.place] = [token, next, place];
      this.lost.delete("kept");
      if (this.verifier && (etag === undefined || etag === this.etag)) return;
      const bundle = await kept("bundle");
      // It was checked against the log when it came.
      const verifier = bundle ? await Verifier.load(bundle.bytes, null).catch(() => null) : null;
      if (verifier) [this.verifier, this.etag] = [verifier, bundle!.etag];
    } catch (error) {
      this.loses("kept", error);
    }
  }

  private loses(what: "kept" | "link" | "look", error: unknown): null {
    console.error("The phone did not keep", what, error);
    this.lost.add(what);
    return null;
  }

  private listen(): void {
    const press = (name: string, work: () => unknown): void => this.part(name).addEventListener("click", () => void work());
    press("begin", () => this.begin());
    press("torch", async () => {
      await this.camera.switchTorch();
      this.showTorch();
    });
    press("sync", () => {
      this.isNextGone = false;
      return this.sync();
    });
    press("hand", () => this.change({ isLeft: !this.settings.isLeft }));
    press("sound", () => this.change({ isLoud: !this.settings.isLoud }));
    press("language", () => {
      this.speaker.choose(null, document);
      this.change({ language: this.speaker.language });
    });
    const input = this.part<HTMLInputElement>("input");
    this.part<HTMLFormElement>("typed").addEventListener("submit", (event) => {
      event.preventDefault();
      allowSound();
      const text = input.value.trim();
      input.value = "";
      if (text) void this.look(text, true);
    });
    typeInto(input);
    document.addEventListener("click", allowSound);
    window.addEventListener("online", () => void this.sync());
    // A link that is opened where the app is open already only changes what follows the `#`.
    window.addEventListener("hashchange", () => {
      if (window.location.hash) void this.enrol().then(() => this.sync());
    });
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState !== "visible" || !this.root.hasAttribute("data-running")) return;
      if (!this.camera.isRunning) void this.begin();
    });
  }

  private change(settings: Partial<Settings>): void {
    Object.assign(this.settings, settings);
    keepSettings(this.settings);
    this.apply();
  }

  private apply(): void {
    this.root.dataset["hand"] = this.settings.isLeft ? "left" : "right";
    this.part("hand").setAttribute("aria-pressed", String(this.settings.isLeft));
    this.part("sound").setAttribute("aria-pressed", String(this.settings.isLoud));
    this.panel.draw();
    this.question.draw();
    void this.show();
  }

  private async begin(): Promise<void> {
    this.awake.hold();
    this.seen(await this.camera.start((text) => this.look(text, false)));
  }

  /** How the camera is; null while it runs. */
  private seen(fault: CameraFault | null): void {
    this.root.toggleAttribute("data-running", fault === null);
    this.showTorch();
    this.say("camera", fault ? this.speaker.say(`camera-${fault}`) : "");
  }

  /** A camera that was begun again gives no light. */
  private showTorch(): void {
    this.part("torch").hidden = !this.camera.hasTorch;
    this.part("torch").setAttribute("aria-pressed", String(this.camera.isLit));
  }

  /** One look. `isAsked`: somebody pressed or scanned again, so that the answer is given again; it counts once all the same. */
  private async look(text: string, isAsked: boolean): Promise<void> {
    this.awake.hold();
    const seen = this.looks.see(text);
    if (seen === "same" && !isAsked) return this.panel.stay();
    const link = tokenOf(text);
    if (link) return this.lead(link);
    await this.follow();
    this.compare();
    this.looks.judge();
    const verdict = await this.judge(text).catch((error: unknown) => {
      console.error("A pass was not judged", error);
      return cannotTell("fault");
    });
    // Of no gate it is not known whom it lets in: it is said of the pass what is so, as anybody is told.
    this.panel.show(verdict, this.clock.now(), this.settings.isLoud, this.token ? "gate" : "open");
    // Whose answer was that it cannot be told is told once more, and was counted.
    const isCounted = seen === "same" || (seen === "anew" && this.wasUnsure);
    this.wasUnsure = verdict.tone === "yellow";
    if (!isCounted && this.token && verdict.outcome) await this.count(this.token, verdict.outcome);
    await this.show();
  }

  /** When what passes are judged by changes, no answer that was given by it stands on. */
  private compare(): void {
    const { etag, token, place, clock } = this;
    const basis = JSON.stringify([etag, token, place?.regime, place?.place, place?.end, clock.isWrong]);
    if (this.basis !== null && this.basis !== basis) {
      this.looks.change();
      this.panel.clear();
    }
    this.basis = basis;
  }

  /** What is counted in it is sent when it is over; after the checkpoint's end nothing more is. */
  private get runningHour(): number | null {
    const now = this.clock.now();
    return this.place && now >= this.place.end ? null : Math.floor(now / 3600);
  }

  private async count(token: string, outcome: NonNullable<Verdict["outcome"]>): Promise<void> {
    try {
      await countLook(token, Math.floor(this.clock.now() / 3600), outcome);
      this.lost.delete("look");
    } catch (error) {
      this.loses("look", error);
    }
  }

  /** The link of a device was held up. Whoever stands before a gate must not lead it elsewhere: the guard is asked. */
  private async lead(token: string): Promise<void> {
    const isOther = this.token !== undefined && this.token !== token;
    const lead = async (): Promise<void> => {
      await this.bind(token);
      void this.sync();
    };
    if (isOther) this.question.ask("ask-other", lead);
    else await lead();
  }

  private async judge(text: string): Promise<Verdict> {
    const now = this.clock.now();
    if (!this.verifier) return cannotTell("no-list");
    if (this.place && now >= this.place.end) return cannotTell("ended");
    if (this.clock.isWrong || now + CLOCK_SECONDS < Number(this.verifier.issuedAt)) return cannotTell("clock");
    // Bound to a checkpoint of which nothing was heard yet: of which order it is decides.
    if (this.token && !this.place) return cannotTell("joining");
    const own = this.place?.regime ?? null;
    return verdictOf(await this.verifier.check(text, { regime: own, place: this.place?.place ?? null }, BigInt(now)), own);
  }

  /** Who asks while a round runs asks for one more: what changed since is not in that one. */
  private async sync(): Promise<void> {
    if (this.isSyncing) return void (this.isAskedAgain = true);
    this.isSyncing = true;
    try {
      do {
        this.isAskedAgain = false;
        await this.round();
      } while (this.isAskedAgain);
    } finally {
      this.isSyncing = false;
    }
  }

  private async round(): Promise<void> {
    clearTimeout(this.soon);
    let asked = 0;
    await alone(async () => {
      this.root.toggleAttribute("data-syncing", true);
      try {
        await this.join();
        await this.renew();
        if (!this.token) return;
        const { sent, seconds: wait } = await sendCounts(this.token, this.runningHour, (response) => this.clock.hear(response));
        [this.sent, asked] = [sent, wait];
      } finally {
        this.root.toggleAttribute("data-syncing", false);
      }
    }).catch((error: unknown) => console.warn("Nothing was sent or loaded now", error));
    await this.show();
    this.comeBack(asked);
  }

  /** Soon after no answer, or while there is no list at all, then less and less often; never before the city said. */
  private comeBack(asked: number): void {
    clearTimeout(this.soon);
    if (this.sent !== "away" && this.verifier) this.soonMs = SOON_MS;
    else if (navigator.onLine) {
      this.soon = setTimeout(() => void this.sync(), Math.max(this.soonMs, asked * 1000));
      this.soonMs = Math.min(SYNC_MS, this.soonMs * 2);
    }
  }

  /** A page that is loaded anew knows what this one knows. */
  private async keepClock(): Promise<void> {
    const { state } = this.clock;
    if (state === this.keptClock) return;
    await keep("clock", state).then(
      () => (this.keptClock = state),
      () => undefined,
    );
  }

  /** A link that is to take the place of the phone's own is asked about first. */
  private async join(): Promise<void> {
    await this.follow();
    if (this.next === undefined) return;
    const told = await ask(this.next, (response) => this.clock.hear(response));
    if (told.kind === "taken") this.settled();
    else if (told.kind !== "later") {
      this.isNextGone = true;
      await leaveNext();
    }
  }

  /** Whose word is taken is settled when a link comes to the phone, and not again by whoever answers later: unless the guard, who
   * opened the phone's own link again, agrees. */
  private async renew(): Promise<void> {
    const isAnswered = await this.fetch();
    if (!this.isReopened || !isAnswered) return;
    this.isReopened = false;
    if (this.untaken === "refused") this.question.ask("ask-anew", () => this.pinAnew());
  }

  private async pinAnew(): Promise<void> {
    await pinAnew().catch((error: unknown) => this.loses("link", error));
    this.untaken = null;
    await this.sync();
  }

  /** Whether the city said something of its list. */
  private async fetch(): Promise<boolean> {
    await this.follow();
    const pinned = await kept("policy");
    const policy = pinned ?? (await fetchPolicy());
    if (policy === null) return false;
    if (pinned === undefined) await keep("policy", policy);
    // What another log vouched for is no measure of what is new.
    const held = pinned !== undefined && this.verifier && this.etag !== undefined && (await kept("etag")) === this.etag ? { etag: this.etag, verifier: this.verifier } : null;
    const fetched = await fetchBundle(policy, held, (response) => this.clock.hear(response));
    this.isNone = fetched.kind === "none";
    if (fetched.kind !== "away") this.untaken = fetched.kind === "refused" || fetched.kind === "unreadable" ? fetched.kind : null;
    if (fetched.kind !== "taken") return fetched.kind !== "away";
    await keepBundle(fetched.bundle);
    [this.verifier, this.etag] = [fetched.verifier, fetched.bundle.etag];
    return true;
  }

  /** What always stands on the screen: where, how old the list is, what was not sent. */
  private async show(): Promise<void> {
    await this.follow();
    this.compare();
    const { speaker, place, verifier } = this;
    const regime = verifier?.regimes.find((it) => it.number === place?.regime);
    const kind = place ? (regime?.scopes[place.place] ?? speaker.say("place-number", { number: place.place + 1 })) : "";
    this.say("name", place ? `${place.name} · ${kind}` : speaker.say(this.token ? "joining" : "no-link"));
    this.showList();
    const isKept = "caches" in window && (await caches.match(APP)) !== undefined;
    this.root.toggleAttribute("data-kept", isKept);
    this.say("kept", speaker.say(!isKept ? "kept-not" : this.isLasting ? "kept" : "kept-loosely"));
    const { all, running } = await unsent(this.runningHour ?? 0).catch(() => ({ all: 0, running: 0 }));
    this.part("unsent").dataset["looks"] = String(all);
    this.say("unsent", all === 0 ? speaker.say("all-sent") : all === running ? speaker.say("unsent-hour", { count: all }) : speaker.say("unsent", { count: all }));
    await this.keepClock();
    const alarm = this.alarm();
    this.say("alarm", alarm && speaker.say(alarm));
  }

  private showList(): void {
    const [now, list, { speaker, verifier }] = [this.clock.now(), this.part("list"), this];
    const [age, end] = verifier ? [now - Number(verifier.issuedAt), Number(verifier.expires)] : [0, 0];
    list.dataset["state"] = now > end ? "over" : age > OLD_SECONDS ? "old" : "fresh";
    const word = !verifier ? (this.isNone ? "list-none-there" : "list-none") : now > end ? "list-over" : "list-age";
    this.say("list", speaker.say(word, { age: speaker.age(age), time: speaker.moment(end, now) }));
  }

  /** The worst first. */
  private alarm(): string {
    if (this.lost.has("kept") || this.lost.has("link")) return "alarm-losing";
    if (!this.token) return "alarm-unbound";
    if (this.lost.has("look")) return "alarm-uncounted";
    if (this.place && this.clock.now() >= this.place.end) return "alarm-ended";
    if (this.clock.isWrong) return "todo-clock";
    if (this.sent === "gone") return "alarm-gone";
    if (this.untaken) return this.untaken === "refused" ? "alarm-log" : "alarm-unreadable";
    if (this.next !== undefined) return "alarm-next";
    if (this.isNextGone) return "alarm-next-gone";
    return this.sent === "refused" ? "alarm-refused" : "";
  }
}
