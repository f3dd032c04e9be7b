// Sees whether a node hears clients: from the controller, by a port that is published as theirs are.

import { connect } from 'node:net';
import type { Address } from '../harness/environment.ts';
import type { Judged } from './link-evidence.ts';

const silenceMs = 200;
const answerMs = 1_000;
const attempts = 3;

/** `control` says whether the node's helper hears itself. Several attempts, until it is as wished. */
export async function probeAsClient(
  place: Address,
  wish: 'silence' | 'answer',
  control: () => Promise<boolean>,
): Promise<Judged> {
  let judged: Judged = { asWished: false, seen: '' };
  for (let attempt = 0; attempt < attempts && !judged.asWished; attempt++) {
    const waitMs = wish === 'silence' ? silenceMs : answerMs;
    const [answeredMs, works] = await Promise.all([answerOf(place, waitMs), control()]);
    if (!works)
      judged = { asWished: false, seen: `cannot tell: the probe itself did not work in ${waitMs} ms` };
    else if (answeredMs === undefined) {
      judged = { asWished: wish === 'silence', seen: `no answer in ${waitMs} ms` };
    } else judged = { asWished: wish === 'answer', seen: `answered in ${answeredMs} ms` };
  }
  return judged;
}

/** In milliseconds; whoever accepts the connection on the way does not answer. */
async function answerOf(place: Address, waitMs: number): Promise<number | undefined> {
  const begun = performance.now();
  const socket = connect({ ...place, noDelay: true });
  let timer: NodeJS.Timeout | undefined;
  const answered = await new Promise<boolean>((resolve) => {
    timer = setTimeout(() => {
      resolve(false);
    }, waitMs);
    socket.on('connect', () => socket.write('client\n'));
    socket.on('data', () => {
      resolve(true);
    });
    // Refused on the way, or ended there: not the node's answer. It stays unanswered until the time is over.
    socket.on('error', () => undefined);
  });
  clearTimeout(timer);
  socket.destroy();
  return answered ? Math.round((performance.now() - begun) * 10) / 10 : undefined;
}
