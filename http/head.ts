// What is wrong with the head of a request that Node would refuse without a word.

import type { IncomingMessage, ServerResponse } from 'node:http';
import { failureLimits } from '../contract/limits.ts';
import { httpStatus } from '../contract/failure.ts';

/** Undefined: nothing. */
const faultOf = ({ headers, httpVersion }: IncomingMessage): string | undefined => {
  // RFC 9112, 3.2.
  if (headers.host === undefined && httpVersion !== '1.0') return 'Host: expected one, got none';
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
