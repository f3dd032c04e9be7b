// A node's program for tests of the net: listens on port 7000 in both families, and opens connections when told to.
// Standard input: {"open": number, "host": address} or {"on": number, "say": text}; standard output: what happens.

import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';

const say = (event) => process.stdout.write(`${JSON.stringify(event)}\n`);
const connections = new Map();

const server = createServer((socket) => {
  socket.on('error', () => undefined);
  createInterface({ input: socket })
    .on('error', () => undefined)
    .on('line', (text) => {
      say({ heard: text });
      if (socket.writable) socket.write(`${text}\n`);
    });
});
server.listen(7000, '::', () => say({ listens: true }));

createInterface({ input: process.stdin }).on('line', (line) => {
  const told = JSON.parse(line);
  if (told.open === undefined) {
    connections.get(told.on).write(`${told.say}\n`);
    return;
  }
  const socket = connect({ host: told.host, port: 7000 });
  connections.set(told.open, socket);
  socket.on('connect', () => say({ opened: told.open }));
  socket.on('error', ({ code }) => say({ broken: told.open, code }));
  createInterface({ input: socket })
    .on('error', () => undefined)
    .on('line', (text) => say({ answered: text }));
});
