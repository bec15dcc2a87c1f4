import { Chan, Select, recv } from 'ts-chan';

class Channel {
  chan = new Chan();
  send(value) {
    return this.chan.send(value);
  }
  async receive() {
    return (await this.chan.recv()).value;
  }
}

export const kit = {
  name: 'ts-chan',
  run: (main) => main(),
  spawn: (body) => void Promise.resolve().then(body),
  channel: () => new Channel(),
  selecting: (channels) => {
    const select = new Select(channels.map((channel) => recv(channel.chan)));
    return {
      select: () => select.wait(),
      value: (index) => select.recv(select.cases[index]).value,
    };
  },
};
