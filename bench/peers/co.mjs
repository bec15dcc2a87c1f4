// No channels: it only takes part where tasks yield.
import co from 'co';

const settled = Promise.resolve();
const live = 100;

export const kit = {
  name: 'co',
  run: (main) => main(),
  spawn: (body) => void settled.then(body),
};

export const programs = {
  async yield(size) {
    let sum = 0;
    function* body(id) {
      for (let count = id; count < size; count += live) {
        sum = (Math.imul(sum, 31) + id) | 0;
        yield settled;
      }
    }
    await Promise.all(Array.from({ length: live }, (_, id) => co(body(id))));
    return sum;
  },
};
