import { Chan, recv, select } from '@lesomnus/channel';

class Channel {
  chan = new Chan(0);
  send(value) {
    return this.chan.send(value);
  }
  receive() {
    return this.chan.recv();
  }
}

export const kit = {
  name: '@lesomnus/channel',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  channel: () => new Channel(),
  selecting: (channels) => {
    let received;
    const keep = (_, value) => {
      received = value;
    };
    return {
      select: () => select(channels.map((channel) => recv(channel.chan, keep))),
      value: () => received,
    };
  },
};
