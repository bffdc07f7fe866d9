// Options that a process in a pod is given by the environment and a person on the command line; the
// command line wins.

import { Option } from 'commander';
import { archiveLimits, poolLimits, requestLimits } from '../contract/limits.ts';
import { bytes, integer, memoryBytes } from './arguments.ts';

const option = (
  flags: string,
  description: string,
  variable: string,
  parse: (text: string) => number,
) => new Option(flags, description).env(variable).argParser(parse);

const { fuelCeiling, sourceBytesCeiling } = requestLimits;
const any = Number.MAX_SAFE_INTEGER;

/** A TCP port. */
export const port = integer(0, 65_535);

/** What a server evaluates with, and keeps. */
export const engineOptions: readonly Option[] = [
  option(
    '--workers <n>',
    'worker threads; one per CPU when absent',
    'PADDOCK_WORKERS',
    integer(1, poolLimits.workersMax),
  ),
  option(
    '--fuel <units>',
    'fuel for each stage of a call',
    'PADDOCK_FUEL',
    integer(1, fuelCeiling),
  ),
  option('--memory <bytes>', 'memory limit of a sandbox, as 64Mi', 'PADDOCK_MEMORY', memoryBytes),
  option('--time <ms>', 'wall-clock limit of a call', 'PADDOCK_TIME_MS', integer(1, any)),
  option(
    '--source <bytes>',
    'the longest init_script and script, as 256Ki',
    'PADDOCK_SOURCE_BYTES',
    bytes(1, sourceBytesCeiling),
  ),
  option(
    '--output <bytes>',
    'how much of stdout and of stderr is kept, as 64Ki',
    'PADDOCK_OUTPUT_BYTES',
    bytes(0, requestLimits.memoryBytesCeiling),
  ),
  option(
    '--sandboxes <n>',
    'sandboxes kept; the least recently used one is forgotten first',
    'PADDOCK_SANDBOXES_MAX',
    integer(1, any),
  ),
  option(
    '--sandboxes-bytes <bytes>',
    'memory for all sandboxes kept, as 512Mi',
    'PADDOCK_SANDBOXES_BYTES',
    bytes(1, any),
  ),
  new Option('--state <dir>', 'folder in which sandboxes outlive the process').env('PADDOCK_STATE'),
  option(
    '--state-bytes <bytes>',
    'disk for them, as 4Gi; beyond it the least recently used ones go',
    'PADDOCK_STATE_BYTES',
    bytes(archiveLimits.bytesMin, any),
  ),
  option(
    '--sandbox-idle <ms>',
    'a sandbox that nobody called for so long is forgotten',
    'PADDOCK_SANDBOX_IDLE_MS',
    integer(1, any),
  ),
];

/** Names of commander's for them. */
export interface EngineFlags {
  readonly workers?: number;
  readonly fuel?: number;
  readonly memory?: number;
  readonly time?: number;
  readonly source?: number;
  readonly output?: number;
  readonly sandboxes?: number;
  readonly sandboxesBytes?: number;
  readonly sandboxIdle?: number;
  readonly state?: string;
  readonly stateBytes?: number;
}

const levels = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'];

/** What every server has. */
export const processOptions = (portDefault: number): readonly Option[] => [
  new Option('--port <port>', 'port; 0 for any').env('PORT').default(portDefault).argParser(port),
  new Option('--host <address>', 'address to bind').default('127.0.0.1'),
  new Option('--key-file <path>', 'callers and their API keys: "CALLER KEY" on each line'),
  new Option('--anonymous', 'serve callers without a key even where other machines can connect'),
  new Option('--probe-port <port>', 'a second port with /healthz, /readyz and /metrics')
    .env('PADDOCK_PROBE_PORT')
    .argParser(port),
  new Option('--log-level <level>', 'least level logged').choices(levels).default('info'),
];

export interface ProcessFlags {
  readonly port: number;
  readonly host: string;
  readonly keyFile?: string;
  readonly anonymous?: boolean;
  readonly probePort?: number;
  readonly logLevel: string;
}
