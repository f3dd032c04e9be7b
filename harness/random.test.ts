import { expect, test } from 'vitest';
import { philox2x32, Stream } from './random.ts';

test.each([
  [0, 0, 0, 0xff1dae59, 0x6cd10df2],
  [0xffffffff, 0xffffffff, 0xffffffff, 0x2c3f628b, 0xab4fd7ad],
  [0x243f6a88, 0x85a308d3, 0x13198a2e, 0xdd7ce038, 0xf62a4c12],
])('philox2x32-10 of counter %i %i and key %i is as published', (counter0, counter1, key, left, right) => {
  expect(philox2x32(counter0, counter1, key)).toEqual([left, right]);
});

test('what a seed means does not change', () => {
  const stream = Stream.of(7).fork('a');
  expect([0, 1, 2, 3].map((n) => stream.draw(n))).toEqual([
    0.39869602125790504, 0.09433791088704546, 0.45777463229566484, 0.6055882764168348,
  ]);
});

test('a stream is a value: drawing changes nothing', () => {
  const stream = Stream.of(42);
  const first = [5, 3, 5].map((n) => stream.draw(n));
  expect(first[0]).toBe(first[2]);
  expect(Stream.of(42).draw(3)).toBe(first[1]);
});

test('streams of different names and seeds share no number', () => {
  const streams = [
    Stream.of(1),
    Stream.of(2),
    Stream.of(1 + 2 ** 32),
    Stream.of(1).fork('a'),
    Stream.of(1).fork('b'),
    Stream.of(1).fork('ab'),
    Stream.of(1).fork('a').fork('b'),
    Stream.of(1).fork('b').fork('a'),
    Stream.of(1).fork(0),
    Stream.of(1).fork(1),
  ];
  const draws = streams.flatMap((stream) => Array.from({ length: 500 }, (_, n) => stream.draw(n)));
  expect(new Set(draws).size).toBe(5000);
});

test('a number is a name like its digits', () => {
  expect(Stream.of(1).fork(12).draw(0)).toBe(Stream.of(1).fork('12').draw(0));
});

test('streams side by side are not correlated', () => {
  const pairs = 20_000;
  for (const other of [Stream.of(5), Stream.of(4).fork('x')]) {
    let sum = 0;
    for (let n = 0; n < pairs; n++) sum += (Stream.of(4).draw(n) - 0.5) * (other.draw(n) - 0.5);
    // The product has variance 1/144; four standard deviations of the mean.
    expect(Math.abs(sum / pairs)).toBeLessThan(4 / (12 * Math.sqrt(pairs)));
  }
});

test('draws are uniform in [0, 1): chi-square over 100 cells', () => {
  const draws = 100_000;
  const cells = Array.from({ length: 100 }, () => 0);
  const stream = Stream.of(99);
  for (let n = 0; n < draws; n++) {
    const cell = stream.integer(n, 100);
    cells[cell] = (cells[cell] ?? 0) + 1;
  }
  const chiSquare = cells.reduce((sum, count) => sum + (count - draws / 100) ** 2 / (draws / 100), 0);
  // 99 degrees of freedom: between these bounds but for one in five hundred.
  expect(chiSquare).toBeGreaterThan(60);
  expect(chiSquare).toBeLessThan(149);
  expect(cells).toHaveLength(100);
});

test('a source reads its stream in order', () => {
  const stream = Stream.of(3).fork('source');
  const source = stream.source();
  expect([source.next(), source.next(), source.integer(10)]).toEqual([
    stream.draw(0),
    stream.draw(1),
    stream.integer(2, 10),
  ]);
});

test('a shuffle keeps every item, and every order comes up', () => {
  const source = Stream.of(11).source();
  const orders = new Map<string, number>();
  for (let i = 0; i < 6000; i++) {
    const order = source.shuffle(['a', 'b', 'c']).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  expect([...orders.keys()].toSorted((a, b) => (a < b ? -1 : 1))).toEqual([
    'abc',
    'acb',
    'bac',
    'bca',
    'cab',
    'cba',
  ]);
  for (const [order, count] of orders) expect(Math.abs(count - 1000), order).toBeLessThan(130);
});

test('nothing cannot be picked from', () => {
  expect(() => Stream.of(1).source().pick([])).toThrow('nothing to pick from');
});
