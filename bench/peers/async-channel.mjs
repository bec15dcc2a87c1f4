import { Channel as AsyncChannel } from 'async-channel';

/** Not the library's own object: that one is thenable. */
class Channel {
  channel = new AsyncChannel();
  send(value) {
    return this.channel.push(value);
  }
  receive() {
    return this.channel.get();
  }
}

/** Its buffer is what others call a queue. */
class Queue {
  constructor(room) {
    this.channel = new AsyncChannel(room);
  }
  put(value) {
    return this.channel.push(value);
  }
  get() {
    return this.channel.get();
  }
}

export const kit = {
  name: 'async-channel',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  channel: () => new Channel(),
  queue: (room) => new Queue(room),
};
