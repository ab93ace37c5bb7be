// Reads QR codes: from a camera's frames, from a picture file.
import { decodeQR } from "qr/decode.js";

/** What browsers have of the Shape Detection API, where they have it. */
interface Detector {
  detect(source: CanvasImageSource): Promise<ReadonlyArray<{ readonly rawValue: string }>>;
}
interface DetectorClass {
  new (options: { formats: readonly string[] }): Detector;
  getSupportedFormats(): Promise<readonly string[]>;
}

/** Longer edges cost time and find no more: a code at a gate fills a good part of the frame. */
const FRAME_EDGE_MAX_PX = 960;
const FILE_EDGE_MAX_PX = 2400;
/** Time for one frame: what is not found by then is looked for in the next. */
const FRAME_MS_MAX = 120;
const FILE_MS_MAX = 3000;

async function ownDetector(): Promise<Detector | null> {
  const found = (globalThis as { BarcodeDetector?: DetectorClass }).BarcodeDetector;
  try {
    return found && (await found.getSupportedFormats()).includes("qr_code") ? new found({ formats: ["qr_code"] }) : null;
  } catch {
    return null;
  }
}

const canvas = document.createElement("canvas");

function pixels(source: CanvasImageSource, width: number, height: number, edgeMax: number): ImageData | null {
  const scale = Math.min(1, edgeMax / Math.max(width, height));
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context?.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context?.getImageData(0, 0, canvas.width, canvas.height) ?? null;
}

function decode(image: ImageData | null, timeLimit: number): string | null {
  try {
    return image && decodeQR(image, { timeLimit, effort: 3 });
  } catch {
    return null;
  }
}

export class Reader {
  private constructor(private readonly own: Detector | null) {}

  static async make(): Promise<Reader> {
    return new Reader(await ownDetector());
  }

  /** The text of a code in the frame that is shown now; null where none is found. */
  async frame(video: HTMLVideoElement): Promise<string | null> {
    if (video.readyState < HTMLMediaElement.HAVE_CURRENT_DATA || video.videoWidth === 0) return null;
    const found = await this.detect(video);
    return found ?? decode(pixels(video, video.videoWidth, video.videoHeight, FRAME_EDGE_MAX_PX), FRAME_MS_MAX);
  }

  /** The text of a code in a picture; null where none is found, or the file is no picture. */
  async file(file: Blob): Promise<string | null> {
    const image = new Image();
    image.src = URL.createObjectURL(file);
    try {
      await image.decode();
      const found = await this.detect(image);
      return found ?? decode(pixels(image, image.naturalWidth, image.naturalHeight, FILE_EDGE_MAX_PX), FILE_MS_MAX);
    } catch {
      return null;
    } finally {
      URL.revokeObjectURL(image.src);
    }
  }

  private async detect(source: CanvasImageSource): Promise<string | null> {
    try {
      return (await this.own?.detect(source))?.[0]?.rawValue ?? null;
    } catch {
      return null;
    }
  }
}
