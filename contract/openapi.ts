// The OpenAPI 3.1 document of the HTTP API, derived from the codecs. Pure.

import { httpStatus, type Status } from './failure.ts';
import { httpLimits, requestLimits } from './limits.ts';
import { OutcomeBody } from './outcome.ts';
import { ExecuteRequest, exampleRequest } from './request.ts';
import { schemaOf, type Schema } from './schema.ts';

const refusals: Readonly<Partial<Record<Status, string>>> = {
  UNAUTHENTICATED: 'The key is missing or wrong.',
  FORBIDDEN: 'The Host header is not one of the server.',
  REQUEST_TOO_LARGE: 'The body is larger than the server takes, or in too many chunks.',
  OVERLOADED: 'Too much is waiting; Retry-After says when to try again.',
  UNAVAILABLE: 'The server is draining, or a router finds nobody to ask. Nothing was evaluated.',
  OUTCOME_UNKNOWN: 'From a router: the request was sent, and its answer was lost.',
};

const bodyBounds =
  `At most ${requestLimits.bodyBytesMax} bytes in ${httpLimits.chunksMax} chunks, and ` +
  `${requestLimits.fieldsMax} fields; an array or object in another field than input takes at ` +
  `most ${requestLimits.fieldBytesMax} bytes.`;

const json = (schema: Schema): Schema => ({ 'application/json': { schema } });

const refusalSchema = (status: Status): Schema => ({
  type: 'object',
  required: ['status', 'message'],
  properties: { status: { const: status }, message: { type: 'string' } },
});

const outcomesWith = (code: number): Schema => {
  const bodies = OutcomeBody.types.map(schemaOf).filter((schema) => {
    const properties = schema['properties'] as { status: { const: Status } };
    return httpStatus[properties.status.const] === code;
  });
  return { oneOf: code === 400 ? [...bodies, refusalSchema('INVALID_REQUEST')] : bodies };
};

const executeResponses = (): Schema => ({
  200: { description: 'The script ran to its end.', content: json(outcomesWith(200)) },
  400: {
    description: 'The script did not come to its end, or the request is malformed.',
    content: json(outcomesWith(400)),
  },
  500: { description: 'A fault of the server.', content: json(outcomesWith(500)) },
  ...Object.fromEntries(
    Object.entries(refusals).map(([status, description]) => [
      httpStatus[status as Status],
      { description, content: json(refusalSchema(status as Status)) },
    ]),
  ),
});

const probe = (summary: string): Schema => ({
  get: { summary, responses: { 200: { description: 'Yes.' }, 503: { description: 'No.' } } },
});

/** The document that GET /openapi.json answers. */
export const openapi = (version: string): Schema => ({
  openapi: '3.1.0',
  info: { title: 'Paddock', version, description: 'Evaluates untrusted JavaScript under limits.' },
  paths: {
    '/execute': {
      post: {
        summary: 'Evaluate a script in a sandbox.',
        requestBody: {
          required: true,
          description: bodyBounds,
          content: {
            'application/json': { schema: schemaOf(ExecuteRequest), example: exampleRequest },
          },
        },
        responses: executeResponses(),
      },
    },
    '/sandboxes/{sandbox_id}': {
      delete: {
        summary: 'End a sandbox of the caller.',
        parameters: [
          { name: 'sandbox_id', in: 'path', required: true, schema: { type: 'string' } },
        ],
        responses: {
          204: { description: 'It is gone.' },
          404: {
            description: 'This caller has no such sandbox.',
            content: json(refusalSchema('NOT_FOUND')),
          },
        },
      },
    },
    '/healthz': probe('Is the process alive?'),
    '/readyz': probe('May it be sent requests?'),
    '/openapi.json': {
      get: { summary: 'This document.', responses: { 200: { description: 'It.' } } },
    },
  },
});
