import { Chan, selectChan } from '@king011/easyts/lib/es2022/channel.js';

class Channel {
  chan = new Chan();
  send(value) {
    return this.chan.write(value);
  }
  receive() {
    return this.chan.read();
  }
}

export const kit = {
  name: 'easyts',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  channel: () => new Channel(),
  selecting: (channels) => {
    // The cases are made once: the library lets them be used again.
    const cases = channels.map((channel) => channel.chan.readCase());
    return { select: () => selectChan(...cases), value: (hit) => hit.read() };
  },
};
