import { expect } from 'chai';
import { Late } from '../../lib/io/late.js';

describe('Late', () => {
  it('makes its error when somebody is told, and only once', () => {
    const log: string[] = [];
    const late = new Late(() => {
      log.push('made');
      return new Error('gone');
    });
    log.push('before');
    const { error } = late;
    expect(error.message).to.equal('gone');
    expect(late.value).to.equal(error);
    expect(late.failed).to.equal(true);
    expect(log).to.deep.equal(['before', 'made']);
  });
});
