import { array, assert, constantFrom, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { escaped, html, prose, svgProse } from './escape.ts';

describe('the way from text to markup', () => {
  it('text put into markup is escaped, markup is not, and nothing is nothing', () => {
    expect(
      html`<p title="${'"\'<&>'}">${'<b>'}${html`<i>${1}</i>`}${undefined}${['a', html`<br>`]}</p>`.markup,
    ).toBe('<p title="&quot;&#39;&lt;&amp;&gt;">&lt;b&gt;<i>1</i>a<br></p>');
  });

  it('no text whatever leaves an angle bracket, a quote, a control or a lone surrogate', () => {
    assert(
      property(string({ unit: 'binary' }), array(integer({ min: 0, max: 0xffff })), (text, units) => {
        const markup = escaped(text + String.fromCharCode(...units));
        expect(markup).not.toMatch(
          // oxlint-disable-next-line no-control-regex
          /[<>"'\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]|\p{Surrogate}/u,
        );
        expect(markup).not.toMatch(/&(?!amp;|lt;|gt;|quot;|#39;)/);
      }),
    );
  });

  it('right-to-left runs are isolated, with what stands between them', () => {
    expect(prose('read "שלום עולם" 5 times').markup).toBe('read &quot;<bdi>שלום עולם</bdi>&quot; 5 times');
    expect(svgProse('א→1').markup).toBe('<tspan unicode-bidi="isolate">א</tspan>→1');
  });

  it('isolation never breaks an entity or opens anything else', () => {
    assert(
      property(array(constantFrom('א', 'ب', '&', '<', '"', ' ', 'a', ';', '#39')), (parts) => {
        expect(prose(parts.join('')).markup.replace(/<\/?bdi>/g, '')).toBe(escaped(parts.join('')));
      }),
    );
  });
});
