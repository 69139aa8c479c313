/** Runs programs beside the page, so that one that never ends can be stopped. */
import { answer, type Request } from './requests.ts';

declare const self: {
  onmessage: ((event: { data: Request }) => void) | null;
  postMessage(reply: unknown): void;
};

self.onmessage = ({ data }) => {
  void answer(data).then((reply) => self.postMessage(reply));
};
