// The way between the main thread and a worker. Messages go by MessagePort; shared counts tell that
// one has come, so that who expects one soon can look without sleeping: to wake a thread that
// sleeps costs more than most calls do.

import { receiveMessageOnPort, type MessagePort } from 'node:worker_threads';

/** One end of the way. */
export interface ChannelEnd<Sent> {
  readonly send: (message: Sent) => void;
  /** Hands over one message that has come, now; false when none has. */
  readonly receive: () => boolean;
  readonly close: () => void;
}

/** Which words count the messages that this end has sent and those sent to it. */
export interface Counted {
  readonly words: Int32Array;
  readonly sent: number;
  readonly came: number;
}

/** `onMessage` is told of each message once, when the event loop finds it or by `receive`. */
export const openChannelEnd = <Sent>(
  port: MessagePort,
  { words, sent, came }: Counted,
  onMessage: (message: unknown) => void,
): ChannelEnd<Sent> => {
  let received = 0;
  const take = (message: unknown): void => {
    received = (received + 1) | 0;
    onMessage(message);
  };
  port.on('message', take);
  return {
    send(message) {
      port.postMessage(message);
      Atomics.add(words, sent, 1);
    },
    receive() {
      if (Atomics.load(words, came) === received) return false;
      const found = receiveMessageOnPort(port) as { message: unknown } | undefined;
      if (!found) return false;
      take(found.message);
      return true;
    },
    close() {
      port.close();
    },
  };
};
