import Fifo from 'p-fifo';

class Channel {
  fifo = new Fifo();
  send(value) {
    return this.fifo.push(value);
  }
  receive() {
    return this.fifo.shift();
  }
}

export const kit = {
  name: 'p-fifo',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  channel: () => new Channel(),
};
