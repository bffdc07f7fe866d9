// What is wrong with the head of a request that Node would refuse without a word.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { failureLimits } from '../contract/limits.ts';
import { httpStatus } from '../contract/failure.ts';

/** Node takes the first of two, whoever is before us may have gone by the second. */
const hostsIn = (rawHeaders: readonly string[]): number =>
  rawHeaders.filter((name, at) => at % 2 === 0 && name.length === 4 && /^host$/i.test(name)).length;

/** Undefined: nothing. */
const faultOf = ({ headers, rawHeaders, httpVersion }: IncomingMessage): string | undefined => {
  // RFC 9112, 3.2.
  const hosts = hostsIn(rawHeaders);
  if (hosts > 1) return `Host: expected one, got ${hosts}`;
  if (hosts === 0 && httpVersion !== '1.0') return 'Host: expected one, got none';
  const { expect } = headers;
  if (expect === undefined || expect.toLowerCase() === '100-continue') return undefined;
  const came = JSON.stringify(expect.slice(0, failureLimits.shownCharsMax));
  return `Expect: expected 100-continue or no such header, got ${came}`;
};

/** Refuses a request for its head; false when there is nothing wrong with it. */
export const refuseHead = (request: IncomingMessage, response: ServerResponse): boolean => {
  const message = faultOf(request);
  if (message === undefined) return false;
  const status = 'INVALID_REQUEST';
  response.statusCode = httpStatus[status];
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.setHeader('connection', 'close');
  response.end(JSON.stringify({ status, message }));
  return true;
};
