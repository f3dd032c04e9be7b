// The program that environment.contract.ts runs on every node: it talks with its peers, keeps a file, misbehaves when
// told to, and tells what it heard. One argument, JSON: {node, client, peer, peers: {name: address}, data}.

import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const { node, client, peer, peers, data } = JSON.parse(process.argv[2] ?? '{}');
const file = join(data, 'kept.txt');

function linesOf(socket) {
  // It passes on the socket's errors, which the socket's own listener hears.
  return createInterface({ input: socket }).on('error', () => undefined);
}

const heard = [];
const answers = [];
const broken = [];
const connections = new Map();
let opened = 0;

createServer({ noDelay: true, allowHalfOpen: true }, (socket) => {
  let bytes = 0;
  socket.on('data', (chunk) => {
    bytes += chunk.length;
  });
  linesOf(socket).on('line', (line) => {
    const { from, text } = JSON.parse(line);
    heard.push({ from, text: text.length > 100 ? `${text.length} characters` : text });
    socket.write(`${JSON.stringify({ from: node, text: `${node} heard ${text.slice(0, 100)}` })}\n`);
  });
  socket.on('end', () => {
    heard.push({ from: 'somebody', text: `the end after ${bytes} bytes` });
    socket.end(`${JSON.stringify({ from: node, text: 'goodbye' })}\n`);
  });
  socket.on('error', ({ code }) => {
    heard.push({ from: 'somebody', text: code });
  });
}).listen(peer.port, peer.host);

function connection(to, fresh) {
  const former = connections.get(to);
  if (former !== undefined && !fresh && !former.destroyed && !former.readableEnded) return former;
  const socket = connect({ ...peers[to], noDelay: true, allowHalfOpen: true });
  socket.number = ++opened;
  connections.set(to, socket);
  linesOf(socket).on('line', (line) => answers.push(JSON.parse(line)));
  socket.on('error', ({ code }) => broken.push({ connection: socket.number, code }));
  socket.on('end', () => broken.push({ connection: socket.number, code: 'end' }));
  return socket;
}

const actions = {
  hello: () => ({ pid: process.pid }),
  heard: () => ({ heard, answers, broken }),
  say({ to, text, fresh = false, end = false }) {
    const socket = connection(to, fresh);
    socket.write(`${JSON.stringify({ from: node, text })}\n`);
    if (end) socket.end();
    return { connection: socket.number };
  },
  shout({ to, bytes }) {
    connection(to, false).write(`${JSON.stringify({ from: node, text: 'x'.repeat(bytes) })}\n`);
    return {};
  },
  keep({ text }) {
    writeFileSync(file, text);
    return {};
  },
  kept: () => ({ text: existsSync(file) ? readFileSync(file, 'utf8') : null }),
  'ignore-term'() {
    process.on('SIGTERM', () => undefined);
    return {};
  },
  beget({ apart = false }) {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], { detached: apart });
    return { pid: child.pid };
  },
  exit({ code, words }) {
    process.stderr.write(`${words}\n`, () => process.exit(code));
    return {};
  },
};

createServer({ noDelay: true }, (socket) => {
  socket.on('error', () => undefined);
  linesOf(socket).on('line', (line) => {
    const request = JSON.parse(line);
    socket.write(`${JSON.stringify(actions[request.do](request))}\n`);
  });
}).listen(client.port, client.host, () => process.stdout.write(`${node} listens\n`));
