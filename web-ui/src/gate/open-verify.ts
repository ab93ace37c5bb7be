// Open verification: anybody's look at a pass. All of it happens here; only what is known of passes is fetched.
import { Verifier } from "../pass/verify";
import { Camera } from "./camera";
import { Clock, CLOCK_SECONDS } from "./clock";
import { fetchBundle, fetchPolicy, type Fetched } from "./known";
import { Page } from "./page";
import { Panel } from "./panel";
import { Reader } from "./reader";
import { allowSound } from "./signal";
import { cannotTell, verdictOf, type Verdict } from "./verdict";
import { Speaker } from "./words";

export class OpenVerification extends Page {
  private readonly speaker = Speaker.of(document);
  private readonly clock = new Clock();
  private readonly camera: Camera;
  private readonly panel: Panel;
  private verifier: Verifier | null = null;
  private text = "";

  constructor(root: HTMLElement) {
    super(root);
    this.camera = new Camera(this.part<HTMLVideoElement>("video"));
    this.panel = new Panel(this.part("verdict"), this.speaker, "open");
  }

  async start(): Promise<void> {
    this.part("begin").addEventListener("click", () => void this.begin());
    this.part<HTMLInputElement>("file").addEventListener("change", (event) => void this.file(event.target as HTMLInputElement));
    this.part<HTMLFormElement>("typed").addEventListener("submit", (event) => {
      event.preventDefault();
      void this.look(this.part<HTMLTextAreaElement>("input").value.trim());
    });
    this.part<HTMLSelectElement>("kind").addEventListener("change", () => void this.look(this.text));
    window.addEventListener("online", () => void (this.verifier ?? this.load()));
    await this.load();
    this.root.dataset["ready"] = "";
  }

  private async load(): Promise<void> {
    const policy = await fetchPolicy();
    const fetched = policy === null ? null : await fetchBundle(policy, null, (response) => this.clock.hear(response));
    if (fetched?.kind === "taken") this.take(fetched.verifier);
    const time = this.verifier ? this.speaker.moment(Number(this.verifier.issuedAt), this.clock.now()) : "";
    this.say("list", this.speaker.say(this.verifier ? "list-from" : wordOf(fetched), { time }));
    // What was held up meanwhile was answered by less than is known now.
    await this.look(this.text);
  }

  private take(verifier: Verifier): void {
    this.verifier = verifier;
    const kinds = this.part<HTMLSelectElement>("kind");
    kinds.querySelectorAll("optgroup").forEach((it) => it.remove());
    for (const regime of verifier.regimes) {
      const group = document.createElement("optgroup");
      group.label = regime.title;
      regime.scopes.forEach((name, place) => group.append(new Option(name, `${regime.number}:${place}`)));
      kinds.append(group);
    }
  }

  private async begin(): Promise<void> {
    allowSound();
    this.part("video").hidden = false;
    const fault = await this.camera.start(async (text) => {
      this.camera.stop();
      this.part("video").hidden = true;
      await this.look(text);
    });
    this.part("video").hidden = fault !== null;
    this.say("camera", fault ? this.speaker.say(`camera-${fault}`) : "");
  }

  private async file(input: HTMLInputElement): Promise<void> {
    const file = input.files?.[0];
    if (!file) return;
    const text = await (await Reader.make()).file(file);
    this.say("camera", text === null ? this.speaker.say("no-code") : "");
    await this.look(text ?? "");
    input.value = "";
  }

  private async look(text: string): Promise<void> {
    this.text = text;
    if (text === "") return this.panel.clear();
    const verdict = await this.judge(text);
    // Another one may have been held up while this was judged.
    if (text === this.text) this.panel.show(verdict, this.clock.now(), false);
  }

  private async judge(text: string): Promise<Verdict> {
    const now = this.clock.now();
    if (!this.verifier) return cannotTell("no-list");
    if (this.clock.isWrong || now + CLOCK_SECONDS < Number(this.verifier.issuedAt)) return cannotTell("clock");
    const kind = this.part<HTMLSelectElement>("kind").value;
    const [regime, place] = kind === "" ? [null, null] : kind.split(":").map(Number);
    return verdictOf(await this.verifier.check(text, { regime: regime ?? null, place: place ?? null }, BigInt(now)), regime ?? null);
  }
}

/** Why there is no list. */
const WORDS: Readonly<Partial<Record<Fetched["kind"], string>>> = { none: "list-none-there", refused: "list-refused", unreadable: "list-unreadable" };

function wordOf(fetched: Fetched | null): string {
  return (fetched && WORDS[fetched.kind]) ?? "list-none";
}
