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

export const kit = {
  name: 'async-channel',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  channel: () => new Channel(),
};

/** Its buffer is what others call a queue. */
function through(room) {
  return async (size) => {
    const queue = new AsyncChannel(room);
    void Promise.resolve().then(async () => {
      for (let value = 0; value < size; value++) await queue.push(value);
    });
    let sum = 0;
    for (let count = 0; count < size; count++) sum = (Math.imul(sum, 31) + (await queue.get())) | 0;
    return sum;
  };
}

export const programs = {
  'queue-1': through(1),
  'queue-128': through(128),
  'queue-unbounded': through(Infinity),
};
