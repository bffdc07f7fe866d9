// What HTTP itself costs: a bare node:http server that reads the body and answers a constant.

import { createServer } from 'node:http';

const body = JSON.stringify({ status: 'OK', result: 2 });

createServer((request, response) => {
  request.resume().on('end', () => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  });
}).listen(Number(process.argv[2]), '127.0.0.1');
