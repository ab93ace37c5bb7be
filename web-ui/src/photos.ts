import { format, type Messages } from "./lib/message";
import { fitWithin, needsShrinking, PHOTO_BYTES_MAX, PHOTO_EDGE_MAX_PX } from "./lib/size";

const QUALITY = 0.85;

/** The photo made smaller, upright and without its metadata; the original when this browser cannot read it (the server decides). */
async function shrink(file: File): Promise<File> {
  if (!file.type.startsWith("image/") || typeof createImageBitmap !== "function") return file;
  try {
    const bitmap = await createImageBitmap(file, { imageOrientation: "from-image" });
    if (!needsShrinking(bitmap.width, bitmap.height, file.size)) return file;
    const { width, height } = fitWithin(bitmap.width, bitmap.height, PHOTO_EDGE_MAX_PX);
    const canvas = document.createElement("canvas");
    canvas.width = width;
    canvas.height = height;
    canvas.getContext("2d")?.drawImage(bitmap, 0, 0, width, height);
    bitmap.close();
    const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, "image/jpeg", QUALITY));
    if (!blob || blob.size >= file.size) return file;
    return new File([blob], file.name.replace(/\.\w+$/, "") + ".jpg", { type: "image/jpeg" });
  } catch {
    return file;
  }
}

function preview(list: HTMLElement, file: File, messages: Messages): void {
  const item = document.createElement("li");
  if (file.type.startsWith("image/")) {
    const image = document.createElement("img");
    image.src = URL.createObjectURL(file);
    image.alt = format(messages, "photos.preview", { name: file.name });
    image.addEventListener("load", () => URL.revokeObjectURL(image.src), { once: true });
    item.append(image);
  }
  const megabytes = (file.size / 1_000_000).toFixed(1);
  item.append(format(messages, "photos.size", { name: file.name, megabytes }));
  list.append(item);
}

async function onPick(input: HTMLInputElement, list: HTMLElement, status: HTMLElement, messages: Messages): Promise<void> {
  const picked = [...(input.files ?? [])];
  list.replaceChildren();
  status.textContent = picked.length > 0 ? format(messages, "photos.working", { count: picked.length }) : "";
  const limit = Number(input.dataset["photosMax"] ?? Infinity);
  const files: File[] = [];
  for (const file of picked.slice(0, limit)) files.push(await shrink(file));
  const fitting = files.filter((file) => file.size <= PHOTO_BYTES_MAX);
  const transfer = new DataTransfer();
  for (const file of fitting) {
    transfer.items.add(file);
    preview(list, file, messages);
  }
  input.files = transfer.files;
  const left = picked.length - fitting.length;
  status.textContent =
    picked.length === 0
      ? ""
      : left > 0
        ? format(messages, "photos.left-out", { count: left })
        : format(messages, "photos.ready", { count: fitting.length });
}

/** `<div data-photos>` around a file input: previews below it, photos made smaller before they are sent. */
export function enhancePhotos(root: ParentNode, messages: Messages): void {
  for (const block of root.querySelectorAll<HTMLElement>("[data-photos]")) {
    const input = block.querySelector<HTMLInputElement>('input[type="file"]');
    if (!input) continue;
    const list = document.createElement("ul");
    list.className = "photo-previews";
    const status = document.createElement("p");
    status.className = "hint";
    status.setAttribute("role", "status");
    block.append(list, status);
    const pick = (): void => void onPick(input, list, status, messages);
    input.addEventListener("change", pick);
    // Photos carried over from a page that came back with errors.
    if (input.files && input.files.length > 0) pick();
  }
}
