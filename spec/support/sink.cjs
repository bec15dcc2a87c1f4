// A peer that reads from a port and says at the end how many bytes there were: node sink.cjs <port>
'use strict';

const socket = require('node:net').connect(Number(process.argv[2]), '127.0.0.1');
let bytes = 0;
socket.on('data', (chunk) => (bytes += chunk.length));
socket.on('end', () => console.log(bytes));
