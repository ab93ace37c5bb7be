// The rear camera and its torch.
import { Reader } from "./reader";

/** A pause between frames: a cheap phone must not run hot in a day. */
const PAUSE_MS = 150;

/** Torches are not in the library of types. */
type TorchTrack = MediaStreamTrack & { getCapabilities?(): MediaTrackCapabilities };

/** `insecure`: the page came by a way on which browsers give no camera. */
export type CameraFault = "none" | "insecure" | "denied" | "busy" | "lost";

export class Camera {
  private stream: MediaStream | null = null;
  private isOn = false;
  /** Raised by each start and stop: what was on its way to an earlier one is let go. */
  private turn = 0;

  /** `lost`: another program took the camera, or it was pulled out. */
  constructor(
    private readonly video: HTMLVideoElement,
    private readonly lost: () => void = () => undefined,
  ) {}

  /** Shows the camera and calls `found` for each text that is seen. Null, or why there is no camera. */
  async start(found: (text: string) => Promise<void> | void): Promise<CameraFault | null> {
    this.stop();
    const { turn } = this;
    let stream: MediaStream;
    if (!navigator.mediaDevices?.getUserMedia) return window.isSecureContext ? "none" : "insecure";
    try {
      const size = { width: { ideal: 1280 }, height: { ideal: 720 } };
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: { ideal: "environment" }, ...size }, audio: false });
    } catch (error) {
      const name = error instanceof DOMException ? error.name : "";
      return name === "NotAllowedError" ? "denied" : name === "NotReadableError" ? "busy" : "none";
    }
    // It was begun or stopped again while the browser asked.
    if (turn !== this.turn) {
      stream.getTracks().forEach((track) => track.stop());
      return null;
    }
    this.stream = stream;
    stream.getVideoTracks()[0]?.addEventListener("ended", () => {
      if (this.stream !== stream) return;
      this.stop();
      this.lost();
    });
    this.video.srcObject = stream;
    await this.video.play().catch(() => undefined);
    void this.look(await Reader.make(), stream, found);
    return null;
  }

  stop(): void {
    this.turn += 1;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.isOn = false;
  }

  get isRunning(): boolean {
    return this.stream?.getVideoTracks().some((track) => track.readyState === "live") ?? false;
  }

  private get torch(): TorchTrack | null {
    const track: TorchTrack | undefined = this.stream?.getVideoTracks()[0];
    return (track?.getCapabilities?.() as { torch?: boolean } | undefined)?.torch ? (track ?? null) : null;
  }

  get hasTorch(): boolean {
    return this.torch !== null;
  }

  get isLit(): boolean {
    return this.isOn;
  }

  async switchTorch(): Promise<void> {
    try {
      await this.torch?.applyConstraints({ advanced: [{ torch: !this.isOn } as MediaTrackConstraintSet] });
      this.isOn = this.torch !== null && !this.isOn;
    } catch {
      this.isOn = false;
    }
  }

  private async look(reader: Reader, stream: MediaStream, found: (text: string) => Promise<void> | void): Promise<void> {
    while (this.stream === stream) {
      try {
        const text = document.visibilityState === "visible" ? await reader.frame(this.video) : null;
        if (text !== null && this.stream === stream) await found(text);
      } catch (error) {
        // One frame that cannot be looked at is not the end of looking.
        console.error("A frame was not looked at", error);
      }
      await new Promise((done) => setTimeout(done, PAUSE_MS));
    }
  }
}
