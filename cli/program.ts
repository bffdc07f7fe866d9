// The command line: parses arguments and hands over to one verb. Each verb loads only what it
// needs.

import { Command, Option } from 'commander';
import { requestLimits } from '../contract/limits.ts';
import { instant, integer, memoryBytes } from './arguments.ts';
import { engineOptions, processOptions } from './options.ts';
import type { RouteOptions } from './route.ts';
import type { RunOptions } from './run.ts';
import type { ServeOptions } from './serve.ts';

const { fuelCeiling } = requestLimits;

const exitCodes = `
Exit codes of run: 0 OK, 1 RUNTIME_ERROR, 2 wrong usage, 3 OUT_OF_FUEL, 4 OUT_OF_MEMORY,
5 OUT_OF_TIME, 70 internal error.

Examples:
  paddock run --script "console.log('hello world')"
  paddock run --file report.ts --input @orders.json --usage
  echo '6 * 7' | paddock run
  paddock serve --port 3000`;

const program = new Command('paddock')
  .description("Runs other people's JavaScript under exact CPU and memory limits.")
  .showHelpAfterError('(paddock --help shows what there is)')
  .addHelpText('after', exitCodes)
  .exitOverride((error) => {
    process.exit(error.exitCode === 0 ? 0 : 2);
  });

program
  .command('run')
  .usage('[options]')
  .argument('[stray...]')
  .description('evaluate one script and print its output and its result')
  .addOption(new Option('-s, --script <code>', 'the script').conflicts('file'))
  .option('-f, --file <path>', 'read the script from a file; of a .ts file the types are stripped')
  .option('--init <code>', 'init_script, evaluated first; @FILE reads it from a file')
  .option('--input <json>', 'JSON for the global `input`; @FILE reads it from a file')
  .option('--fuel <units>', 'fuel for each stage', integer(1, fuelCeiling))
  .option('--memory <bytes>', 'memory limit, as 64Mi', memoryBytes)
  .option('--seed <integer>', 'seed of Math.random', integer(0, Number.MAX_SAFE_INTEGER))
  .option('--now <ms>', 'what Date.now() says', instant)
  .option('--usage', 'print fuel and memory used to stderr')
  .option('--json', 'print the whole outcome as JSON, as POST /execute answers it')
  .action(async ([stray]: readonly string[], options: RunOptions) => {
    if (stray !== undefined) {
      const expected = 'expected --script CODE, --file PATH or a script on stdin';
      throw new Error(`${JSON.stringify(stray)}: ${expected}`);
    }
    const { run } = await import('./run.ts');
    process.exitCode = await run(options);
  });

const serving = program
  .command('serve')
  .description('serve POST /execute')
  .option('--tls-dir <path>', 'tls.crt, tls.key and ca.crt: serve a router alone, over mutual TLS')
  .option('--router-identity <uri>', "URI in the router's certificate, with --tls-dir")
  .addOption(
    new Option('--require-gvisor', 'do not serve outside of gVisor').env('PADDOCK_REQUIRE_GVISOR'),
  )
  .action(async (options: ServeOptions) => {
    const { serve } = await import('./serve.ts');
    await serve(options, program.version() ?? '');
  });
for (const option of [...processOptions(3000), ...engineOptions]) serving.addOption(option);

const routing = program
  .command('route')
  .description('send each sandbox_id to the runtime that holds it')
  .option('--member <url...>', 'runtimes, without Kubernetes: http://127.0.0.1:3000')
  .option('--pool <name>', 'the SandboxPool whose runtimes these are')
  .option('--namespace <name>', 'its namespace')
  .option('--tls-dir <path>', 'tls.crt, tls.key and ca.crt towards the runtimes of a pool')
  .option('--kubeconfig <path>', "how to reach the cluster; the pod's own account when absent")
  .action(async (options: RouteOptions) => {
    const { route } = await import('./route.ts');
    await route(options);
  });
for (const option of processOptions(3001)) routing.addOption(option);

/** Runs what the arguments of the process ask for. Sets its exit code. */
export const main = async (version: string): Promise<void> => {
  // A reader that has seen enough, as `head`, is no fault; output that cannot be written is one.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') process.stderr.write(`paddock: stdout: ${error.message}\n`);
    process.exit(error.code === 'EPIPE' ? (process.exitCode ?? 0) : 70);
  });
  process.stderr.on('error', () => undefined);

  try {
    await program.version(version).parseAsync();
  } catch (error) {
    process.stderr.write(`paddock: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 2;
  }
};
