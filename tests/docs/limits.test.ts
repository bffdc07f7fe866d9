// docs/limits.md says what contract/limits.ts has.

import { readFile } from 'node:fs/promises';
import test from 'ava';
import {
  evaluationLimits,
  hostFunctionLimits,
  httpLimits,
  initImageLimits,
  journalLimits,
  poolLimits,
  requestLimits,
} from '../../contract/limits.ts';

const page = await readFile(new URL('../../docs/limits.md', import.meta.url), 'utf8');

const count = (number: number): string => number.toLocaleString('en');
const bytes = (number: number): string =>
  number < 1024 ** 2 ? `${number / 1024} KiB` : `${number / 1024 ** 2} MiB`;
const seconds = (ms: number): string => `${ms / 1000} s`;

const { headersMsMax, requestMsMax, answerMsMax } = httpLimits;

for (const line of [
  `| fuel of a stage | ${count(evaluationLimits.fuelMax)} units, `,
  `| memory of a sandbox | ${bytes(evaluationLimits.memoryBytesMax)}, `,
  `(${bytes(requestLimits.memoryBytesMin)} at least) |`,
  `| wall-clock time of a call | ${seconds(evaluationLimits.timeMsMax)} |`,
  `| \`script\`, \`init_script\`, \`input\` | ${bytes(requestLimits.inputBytesMax)} each |`,
  `| request body | ${bytes(requestLimits.bodyBytesMax)}, ${requestLimits.fieldsMax} fields, ` +
    `${count(httpLimits.chunksMax)} chunks `,
  `| requests of a connection that wait for their answers | ${httpLimits.pipelinedMax} |`,
  `| connections | ${count(httpLimits.connectionsMax)} |`,
  `| result | ${bytes(evaluationLimits.resultBytesMax)} of JSON |`,
  `| stdout, stderr | ${bytes(evaluationLimits.outputBytesMax)} each |`,
  `| sandboxes kept, live and dormant | ${count(poolLimits.sandboxesMax)}; `,
  `| bytes of them | ${bytes(poolLimits.sandboxBytesPerWorkerMax)} for each worker: `,
  `| live sandboxes of a worker | ${poolLimits.livePerWorkerMax}, `,
  `a small init image, ${poolLimits.liveCheapPerWorkerMax}. `,
  `| evaluations that wait | ${count(poolLimits.queueLengthMax)}, and ` +
    `${bytes(poolLimits.queueBytesMax)} of text; ${poolLimits.queuePerCallerMax} of one caller |`,
  `held at one time | ${bytes(poolLimits.bodiesBytesMax)} |`,
  `| headers, the whole request, the taking of an answer | ${seconds(headersMsMax)}, ` +
    `${seconds(requestMsMax)}, ${seconds(answerMsMax)} |`,
  `| worker threads | ${poolLimits.workersMax}; `,
  `| fuel to run again | ${count(journalLimits.fuelMax)} units, about 10 ms | ` +
    `${count(journalLimits.lightFuelMax)} units |`,
  `| entries | ${count(journalLimits.entriesMax)} | ${journalLimits.lightEntriesMax} |`,
  `| their texts, and ${journalLimits.entryBytes} bytes for each | ` +
    `${bytes(journalLimits.bytesMax)} | ${bytes(journalLimits.lightBytesMax)} |`,
  `up to ${bytes(poolLimits.plainBytesMax)} `,
  `at least ${count(initImageLimits.fuelMin)} units of fuel`,
  `at most ${bytes(initImageLimits.imageBytesMax)}; ${count(initImageLimits.imagesMax)} images ` +
    `and ${bytes(initImageLimits.bytesMax)}`,
  `${count(poolLimits.quantumFuel)} units, about 0.5 ms |`,
  `| a call is slow after | ${poolLimits.slowAfterMs} ms |`,
  `| ${poolLimits.yieldMs} ms at most |`,
  `${count(poolLimits.clearFuel)} units, about 20 ms; ${poolLimits.clearAtOnce} at a time |`,
  `${hostFunctionLimits.namesMax} functions with names of at most ` +
    `${hostFunctionLimits.nameCharsMax} characters`,
  `${hostFunctionLimits.unansweredMax} calls of a stage that are unanswered, ` +
    `${count(hostFunctionLimits.callsMax)} in all; ${hostFunctionLimits.waitingMax} evaluations`,
]) {
  test(line, (t) => {
    t.true(page.replaceAll('\n', ' ').includes(line));
  });
}
