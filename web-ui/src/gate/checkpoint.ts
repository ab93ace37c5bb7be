// The checkpoint: looks at passes offline, counts what they came to, and sends the counts when there is a network.
import { Verifier } from "../pass/verify";
import { Camera } from "./camera";
import { POLICY, fetchBundle, fetchWithin } from "./known";
import { Looks } from "./look";
import { Panel } from "./panel";
import { allowSound } from "./signal";
import { beginAnew, countLook, keep, kept, unsent, type Place } from "./store";
import { alone, secondsBehind, sendCounts, type Sent } from "./sync";
import { cannotTell, verdictOf, type Verdict } from "./verdict";
import { Speaker } from "./words";

const SYNC_MS = 5 * 60_000;
const SOON_MS = 15_000;
const SHOW_MS = 5_000;
/** From this age on it is said that the list is old. */
const OLD_SECONDS = 24 * 3600;
const CLOCK_SECONDS = 120;
const SETTINGS = "olzii-checkpoint";

interface Settings {
  language: string | null;
  isLeft: boolean;
  isLoud: boolean;
}

function seconds(): number {
  return Math.floor(Date.now() / 1000);
}

function settingsOf(): Settings {
  const plain: Settings = { language: null, isLeft: false, isLoud: true };
  try {
    return { ...plain, ...(JSON.parse(localStorage.getItem(SETTINGS) ?? "{}") as Partial<Settings>) };
  } catch {
    return plain;
  }
}

export class Checkpoint {
  private readonly speaker = Speaker.of(document);
  private readonly settings = settingsOf();
  private readonly camera: Camera;
  private readonly panel: Panel;
  private readonly looks = new Looks();
  private verifier: Verifier | null = null;
  private place: Place | undefined;
  private token: string | undefined;
  private sent: Sent | null = null;
  private isVouched = true;
  private isClockWrong = false;
  private soon: ReturnType<typeof setTimeout> | undefined;

  constructor(private readonly root: HTMLElement) {
    this.camera = new Camera(this.part<HTMLVideoElement>("video"));
    this.panel = new Panel(this.part("verdict"), this.speaker, "gate");
  }

  private part<T extends HTMLElement = HTMLElement>(name: string): T {
    return this.root.querySelector<T>(`[data-gate-${name}]`)!;
  }

  async start(): Promise<void> {
    this.speaker.choose(this.settings.language ?? this.speaker.language, document);
    this.apply();
    this.listen();
    await this.enrol();
    await this.load();
    await this.show();
    void this.sync();
    setInterval(() => void this.sync(), SYNC_MS);
    setInterval(() => void this.show(), SHOW_MS);
    this.root.dataset["ready"] = "";
  }

  /** The link of the office ends in `#` and the device's token, which no server and no log of one sees. */
  private async enrol(): Promise<void> {
    const token = window.location.hash.slice(1);
    if (/^[A-Za-z0-9_-]{43}$/.test(token) && token !== (await kept("token"))) await beginAnew(token);
    if (token) window.history.replaceState(null, "", window.location.pathname);
    this.token = await kept("token");
    void navigator.storage?.persist?.().catch(() => undefined);
  }

  private async load(): Promise<void> {
    this.place = await kept("place");
    const bundle = await kept("bundle");
    // It was checked against the log when it came.
    if (bundle) this.verifier = await Verifier.load(bundle.bytes, null).catch(() => null);
  }

  private listen(): void {
    const press = (name: string, work: () => unknown): void => this.part(name).addEventListener("click", () => void work());
    press("begin", () => this.begin());
    press("torch", async () => this.part("torch").setAttribute("aria-pressed", String(await this.camera.switchTorch())));
    press("sync", () => this.sync());
    press("hand", () => this.change({ isLeft: !this.settings.isLeft }));
    press("sound", () => this.change({ isLoud: !this.settings.isLoud }));
    press("language", () => {
      this.speaker.choose(null, document);
      this.change({ language: this.speaker.language });
    });
    this.part<HTMLFormElement>("typed").addEventListener("submit", (event) => {
      event.preventDefault();
      const input = this.part<HTMLInputElement>("input");
      const text = input.value.trim();
      input.value = "";
      if (text) void this.look(text, true);
    });
    // A scanner in the hand types wherever the focus is, and ends with Enter.
    document.addEventListener("keydown", (event) => {
      const isText = event.key.length === 1 && !event.ctrlKey && !event.metaKey && !event.altKey;
      const { activeElement } = document;
      if (isText && (activeElement === document.body || activeElement === null)) this.part("input").focus();
    });
    window.addEventListener("online", () => void this.sync());
    document.addEventListener("visibilitychange", () => {
      if (document.visibilityState === "visible" && this.root.hasAttribute("data-running") && !this.camera.isRunning) void this.begin();
    });
  }

  private change(settings: Partial<Settings>): void {
    Object.assign(this.settings, settings);
    try {
      localStorage.setItem(SETTINGS, JSON.stringify(this.settings));
    } catch {
      // It holds until the page is closed.
    }
    this.apply();
  }

  private apply(): void {
    this.root.dataset["hand"] = this.settings.isLeft ? "left" : "right";
    this.part("hand").setAttribute("aria-pressed", String(this.settings.isLeft));
    this.part("sound").setAttribute("aria-pressed", String(this.settings.isLoud));
    this.panel.draw();
    void this.show();
  }

  private async begin(): Promise<void> {
    allowSound();
    const fault = await this.camera.start((text) => this.look(text, false));
    this.root.toggleAttribute("data-running", fault === null);
    this.part("torch").hidden = !this.camera.hasTorch;
    this.say("camera", fault ? this.speaker.say(`camera-${fault}`) : "");
  }

  /** One look. `isAsked`: somebody pressed or scanned again, so that the answer is given again; it counts once all the same. */
  private async look(text: string, isAsked: boolean): Promise<void> {
    const isNew = this.looks.isNew(text);
    if (!isNew && !isAsked) return this.panel.stay();
    const verdict = await this.judge(text);
    this.panel.show(verdict, seconds(), this.settings.isLoud);
    if (isNew && this.place) await countLook(Math.floor(seconds() / 3600), this.place.place, verdict.outcome);
    await this.show();
  }

  private async judge(text: string): Promise<Verdict> {
    const now = seconds();
    if (!this.verifier) return cannotTell("no-list");
    if (this.place && now >= this.place.end) return cannotTell("ended");
    if (this.isClockWrong || now + CLOCK_SECONDS < Number(this.verifier.issuedAt)) return cannotTell("clock");
    return verdictOf(await this.verifier.check(text, this.place?.place ?? null, BigInt(now)));
  }

  private async sync(): Promise<void> {
    await alone(async () => {
      this.root.toggleAttribute("data-syncing", true);
      try {
        await this.renew();
        if (this.token) this.sent = await sendCounts(this.token, (response) => this.compareClocks(response));
        this.place = await kept("place");
      } finally {
        this.root.toggleAttribute("data-syncing", false);
      }
    }).catch((error: unknown) => console.warn("Nothing was sent or loaded now", error));
    await this.show();
    clearTimeout(this.soon);
    if (this.sent === "away" && navigator.onLine) this.soon = setTimeout(() => void this.sync(), SOON_MS);
  }

  /** A clock that is wrong would let in who should not be, or keep out who should: until it is right nothing is told. */
  private compareClocks(response: Response): void {
    const behind = secondsBehind(response, seconds());
    if (behind !== null) this.isClockWrong = Math.abs(behind) > CLOCK_SECONDS;
  }

  /** Whose word is taken is settled when the app comes to the phone, and not again by whoever answers later. */
  private async renew(): Promise<void> {
    let policy = await kept("policy");
    if (policy === undefined) {
      const response = await fetchWithin(POLICY);
      if (!response?.ok) return;
      policy = await response.text();
      await keep("policy", policy);
    }
    const bundle = await kept("bundle");
    const held = bundle && this.verifier ? { etag: bundle.etag, verifier: this.verifier } : null;
    const fetched = await fetchBundle(policy, held);
    this.isVouched = fetched.kind !== "refused";
    if (fetched.kind !== "taken") return;
    await keep("bundle", fetched.bundle);
    this.verifier = fetched.verifier;
  }

  private say(name: string, text: string): void {
    const place = this.part(name);
    place.textContent = text;
    place.hidden = text === "";
  }

  /** What always stands on the screen: where, how old the list is, what was not sent. */
  private async show(): Promise<void> {
    const [now, { speaker, place, verifier }] = [seconds(), this];
    const regime = verifier?.regimes.find((it) => it.number === place?.regime);
    const kind = place ? (regime?.scopes[place.place] ?? speaker.say("place-number", { number: place.place + 1 })) : "";
    this.say("name", place ? `${place.name} · ${kind}` : speaker.say(this.token ? "joining" : "no-link"));
    const list = this.part("list");
    if (verifier) {
      const [age, end] = [now - Number(verifier.issuedAt), Number(verifier.expires)];
      list.dataset["state"] = now > end ? "over" : age > OLD_SECONDS ? "old" : "fresh";
      this.say("list", speaker.say(now > end ? "list-over" : "list-age", { age: speaker.age(age), time: speaker.moment(end, now) }));
    } else {
      list.dataset["state"] = "over";
      this.say("list", speaker.say("list-none"));
    }
    const isKept = "caches" in window && (await caches.match(window.location.pathname)) !== undefined;
    this.root.toggleAttribute("data-kept", isKept);
    this.say("kept", speaker.say(isKept ? "kept" : "kept-not"));
    const waiting = await unsent().catch(() => 0);
    this.part("unsent").dataset["looks"] = String(waiting);
    this.say("unsent", waiting === 0 ? speaker.say("all-sent") : speaker.say("unsent", { count: waiting }));
    const isOver = place !== undefined && now >= place.end;
    const alarm = isOver ? "alarm-ended" : this.isClockWrong ? "todo-clock" : this.sent === "gone" ? "alarm-gone" : !this.isVouched ? "alarm-log" : this.sent === "refused" ? "alarm-refused" : "";
    this.say("alarm", alarm && speaker.say(alarm));
  }
}
