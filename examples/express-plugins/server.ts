// Starts the engine and the web app: node examples/express-plugins/server.ts

import { createEngine } from '@paddock-sandbox/paddock';
import { createApp } from './app.ts';

const engine = await createEngine({
  limits: { timeMsMax: 2_000 },
  // An INTERNAL_SERVER_ERROR carries an id; this is where the id is explained.
  log: (event) => {
    console.error(event);
  },
});

const server = createApp(engine).listen(Number(process.env['PORT'] ?? 3001), '127.0.0.1', () => {
  console.log('The shop listens at', server.address());
});

process.once('SIGTERM', () => {
  server.close(() => void engine.close());
});
