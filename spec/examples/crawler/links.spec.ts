import { expect } from 'chai';

import { outline } from '../../../examples/crawler/links.js';

const URL_ = 'http://a.test/x/';

function links(html: string): string[] {
  return outline(html, URL_).links.map((link) => link.replace('http://a.test', ''));
}

describe('crawler · outline', () => {
  it('finds what names a page, once, in its order', () => {
    expect(
      links(
        '<a href="b">b</a><area href="/c"><iframe src="d"></iframe><a href="b#part">b</a>' +
          '<link rel="prev stylesheet" href="e"><meta http-equiv=Refresh content="0;URL=\'f\'">',
      ),
    ).to.deep.equal(['/x/b', '/c', '/x/d', '/x/e', '/x/f']);
  });

  it('leaves pictures, styles and scripts alone', () => {
    expect(
      links('<img src=b><script src=c></script><link rel="stylesheet" href=d><link rel=icon href=e>'),
    ).to.deep.equal([]);
  });

  it('is not taken in by comments, scripts and texts', () => {
    expect(
      links(
        '<!-- <a href=b> --><script>"<a href=c>"</script><title><a href=d></title>' +
          '<textarea><a href=e></textarea><style><a href=f></style><a title="<a href=g>">',
      ),
    ).to.deep.equal([]);
  });

  it('reads entities', () => {
    expect(links('<a href="b?c=1&amp;d=2"></a><a href="&#47;e&#x2F;f"></a>')).to.deep.equal([
      '/x/b?c=1&d=2',
      '/e/f',
    ]);
  });

  it('starts from the first base that the page names', () => {
    expect(links('<base href="/y/"><a href=b></a><base href="/z/"><a href=c></a>')).to.deep.equal([
      '/y/b',
      '/y/c',
    ]);
    expect(links('<base target=_top><base href="/y/"><a href=b></a>')).to.deep.equal(['/y/b']);
    expect(links('<base href="data:,"><a href=b></a>')).to.deep.equal(['/x/b']);
  });

  it('follows no link of a page that asks for that', () => {
    expect(links('<meta name=ROBOTS content="noindex, nofollow"><a href=b></a>')).to.deep.equal([]);
    expect(links('<meta name=robots content=none><a href=b></a>')).to.deep.equal([]);
    expect(links('<meta name=robots content="noindex"><a href=b></a>')).to.deep.equal(['/x/b']);
  });

  it('reads the title, blanks folded and not without end', () => {
    expect(
      outline('<title> A\n  title &amp; more </title><svg><title>no</title></svg>', URL_).title,
    ).to.equal('A title & more');
    expect(outline(`<title>${'a'.repeat(1000)}</title>`, URL_).title).to.have.lengthOf(200);
    expect(outline('<p>none</p>', URL_).title).to.equal(undefined);
  });

  it('makes something of any text', () => {
    expect(links('<a href=b')).to.deep.equal([]);
    expect(links('<<a href=b>><a href="c')).to.deep.equal(['/x/b']);
    expect(links('\0\u{1f332}<a/href=b>')).to.deep.equal(['/x/b']);
  });

  it('reads a page of nothing but openings without losing its breath', () => {
    expect(links('<div><a href=b>'.repeat(100_000))).to.deep.equal(['/x/b']);
  });
});
