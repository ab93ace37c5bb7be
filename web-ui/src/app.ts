// Enhancements of pages that already work without them. Nothing here decides anything: the server does.
import { enhanceAges } from "./age-labels";
import { enhanceCopies } from "./copy";
import { enhanceDraft } from "./draft-form";
import { enhanceKeys } from "./keys";
import { enhanceLocate } from "./locate";
import { readMessages } from "./lib/message";
import { enhanceKeeping, enhanceWaiting, startOffline } from "./offline";
import { enhancePhotos } from "./photos";
import { enhancePanel } from "./panel";
import { enhancePlaceMap } from "./place-map";
import { enhanceReadingChecks } from "./reading-check";
import { enhanceRefresh } from "./refresh";
import { enhanceSending } from "./send";
import { enhanceWallKeys } from "./wall-keys";

const messages = readMessages(document);

/** Runs on the page, and again on each part of it that was swapped. */
function enhance(root: ParentNode): void {
  enhanceDraft(root, messages);
  enhancePhotos(root, messages);
  enhanceLocate(root, messages);
  enhancePlaceMap(root, messages);
  enhanceSending(root, messages, enhance);
  enhanceCopies(root, messages);
  enhanceReadingChecks(root, messages);
  enhanceRefresh(root, messages, enhance);
  enhanceAges(root);
  enhanceKeeping(root);
  enhanceWaiting();
}

enhanceKeys(document, messages, enhanceWallKeys(document));
enhance(document);
enhancePanel(document, enhance);
void startOffline(messages);

// On a phone the navigation scrolls sideways: the page one is on stays in sight.
const nav = document.querySelector<HTMLElement>(".site-nav");
const here = nav?.querySelector<HTMLElement>("[aria-current]");
if (nav && here) nav.scrollLeft = here.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
