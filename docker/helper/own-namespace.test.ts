import { expect, test } from 'vitest';
import { notOwnNamespace, outwardInterface, ownAddresses } from './own-namespace.ts';

const lo = { name: 'lo', isBridge: false, addresses: ['127.0.0.1', '::1'] };
const eth0 = {
  name: 'eth0',
  isBridge: false,
  addresses: ['172.20.0.11', 'fe80::42:acff:fe14:b', 'fd00:1::b'],
};
const expected = { v4: '172.20.0.11', v6: 'fd00:0001:0:0::b' };

test('a node’s network is taken, however its addresses are written', () => {
  expect(notOwnNamespace([lo, eth0], expected)).toBeUndefined();
  expect(
    notOwnNamespace([lo, eth0, { name: 'tunl0', isBridge: false, addresses: [] }], null),
  ).toBeUndefined();
  expect(outwardInterface([lo, eth0], null)).toBe(eth0);
  expect(ownAddresses(eth0)).toEqual({ v4: '172.20.0.11', v6: 'fd00:1::b' });
});

test.each(['docker0', 'br-3f2a', 'veth12ab', 'virbr0', 'cni0'])(
  'a host’s network with %s is refused',
  (name) => {
    const host = [lo, eth0, { name, isBridge: false, addresses: [] }];
    expect(notOwnNamespace(host, expected)).toMatch(`has the interface ${name}; nothing was touched`);
  },
);

test('a bridge of any name is a host’s', () => {
  const host = [lo, eth0, { name: 'lan', isBridge: true, addresses: [] }];
  expect(notOwnNamespace(host, expected)).toMatch('network of a host');
});

test('another node’s network is refused, and one that is not known to be a node’s', () => {
  expect(notOwnNamespace([lo, eth0], { v4: '172.20.0.12' })).toMatch(
    'not the network of the node at 172.20.0.12',
  );
  expect(notOwnNamespace([lo, eth0], { v4: '172.20.0.11', v6: 'fd00:1::c' })).toMatch('fd00:1::c');
  expect(notOwnNamespace([lo, eth0, { ...eth0, name: 'wlan0' }], null)).toMatch('lo, eth0, wlan0');
  expect(notOwnNamespace([lo], null)).toMatch('one interface besides the loopback');
});
