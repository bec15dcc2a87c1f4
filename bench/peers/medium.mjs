import { any, chan, put, take } from 'medium';

/** Not the library's own object: that one is thenable. */
class Channel {
  chan = chan();
  send(value) {
    return put(this.chan, value);
  }
  receive() {
    return take(this.chan);
  }
}

export const kit = {
  name: 'medium',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  channel: () => new Channel(),
  selecting: (channels) => {
    const chans = channels.map((channel) => channel.chan);
    return { select: () => any(...chans), value: ([value]) => value };
  },
};
