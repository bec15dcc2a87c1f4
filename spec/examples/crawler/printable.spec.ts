import { expect } from 'chai';

import { printable } from '../../../examples/crawler/printable.js';

describe('crawler · printable', () => {
  it('leaves ordinary text of any language alone', () => {
    expect(printable('a/é/日本/🌲')).to.equal('a/é/日本/🌲');
  });

  it('shows what a terminal would obey', () => {
    expect(printable('\u001b]0;owned\u0007\r\n\u009b2J\u007f')).to.equal(
      '\\u{1b}]0;owned\\u{7}\\u{d}\\u{a}\\u{9b}2J\\u{7f}',
    );
  });

  it('shows what turns text around or hides in it', () => {
    expect(printable('a\u202eb\u2066c\u200bd\u2028e\ufefff')).to.equal(
      'a\\u{202e}b\\u{2066}c\\u{200b}d\\u{2028}e\\u{feff}f',
    );
  });
});
