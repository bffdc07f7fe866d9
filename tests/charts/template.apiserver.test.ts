// What `helm template` makes of values, by the real helm, and what values it refuses.

import test from 'ava';
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { ensureParts } from '../cluster/build/build.ts';
import { controlPlaneParts } from '../cluster/build/parts.ts';

const run = promisify(execFile);
const chart = new URL('../../charts/paddock', import.meta.url).pathname;
/** A helm of our own build knows of no Kubernetes by itself. */
const kubeVersion = ['--kube-version', 'v1.34.0'];
const digest = `sha256:${'ab'.repeat(32)}`;

interface Container {
  readonly image: string;
  readonly env: readonly { readonly name: string; readonly value?: string }[];
}

interface Rendered {
  readonly kind: string;
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly handler?: string;
  readonly spec?: {
    readonly template?: { readonly spec: { readonly containers: readonly Container[] } };
    readonly ingress?: readonly { readonly from: readonly object[] }[];
  };
  readonly rules?: readonly {
    readonly resources?: readonly string[];
    readonly verbs: readonly string[];
  }[];
}

const say = (text: string): void => {
  process.stderr.write(`# ${text}\n`);
};

const helm = async (...args: readonly string[]): Promise<string> => {
  const path = ensureParts(controlPlaneParts, say).join(':');
  return (await run('helm', args, { env: { PATH: path }, maxBuffer: 64 * 1024 * 1024 })).stdout;
};

const render = async (...values: readonly string[]): Promise<readonly Rendered[]> => {
  const set = values.flatMap((value) => ['--set', value]);
  const text = await helm(
    'template',
    'paddock',
    chart,
    ...kubeVersion,
    '--namespace',
    'system',
    ...set,
  );
  return parseAllDocuments(text)
    .map((document) => document.toJS() as Rendered | null)
    .filter((object) => object !== null);
};

const find = (objects: readonly Rendered[], kind: string, name: string): Rendered | undefined =>
  objects.find((each) => each.kind === kind && each.metadata.name === name);

const operator = (objects: readonly Rendered[]): Container => {
  const spec = find(objects, 'Deployment', 'paddock-operator')?.spec?.template?.spec;
  const [container] = spec?.containers ?? [];
  if (!container) throw new Error('no operator');
  return container;
};

const environment = (objects: readonly Rendered[]): Readonly<Record<string, string>> =>
  Object.fromEntries(operator(objects).env.map(({ name, value = '' }) => [name, value]));

test('allow-lists reach the operator as they are written', async (t) => {
  const seen = environment(
    await render(
      'allowed.runtimeClasses={gvisor,kata}',
      'allowed.imagePrefixes={registry.example/ours/}',
      'allowed.priorityClasses={high}',
      'allowed.tolerations[0].key=gpu',
      'allowed.tolerations[0].operator=Exists',
      'allowed.annotationPrefixes=null',
    ),
  );
  t.is(seen['PADDOCK_ALLOWED_RUNTIME_CLASSES'], 'gvisor,kata');
  t.is(seen['PADDOCK_ALLOWED_IMAGE_PREFIXES'], 'registry.example/ours/');
  t.is(seen['PADDOCK_ALLOWED_PRIORITY_CLASSES'], 'high');
  t.is(seen['PADDOCK_ALLOWED_TOLERATIONS'], '[{"key":"gpu","operator":"Exists"}]');
  t.is(seen['PADDOCK_ALLOWED_ANNOTATION_PREFIXES'], '');
});

test('closed by default', async (t) => {
  const objects = await render();
  const seen = environment(objects);
  t.is(seen['PADDOCK_ALLOWED_RUNTIME_CLASSES'], 'gvisor');
  t.is(seen['PADDOCK_ALLOWED_IMAGE_PREFIXES'], '');
  t.is(seen['PADDOCK_ALLOWED_PRIORITY_CLASSES'], '');
  t.is(seen['PADDOCK_ALLOWED_TOLERATIONS'], '[]');
  t.is(seen['PADDOCK_REQUIRE_GVISOR'], 'true');
  t.is(find(objects, 'NetworkPolicy', 'paddock-operator')?.spec?.ingress, undefined);
  t.is(find(objects, 'RuntimeClass', 'gvisor'), undefined);
});

test('with watchNamespaces the operator has its rights there and nowhere else', async (t) => {
  const everywhere = await render();
  t.truthy(find(everywhere, 'ClusterRoleBinding', 'paddock-operator'));
  const objects = await render('watchNamespaces={shop,blog}');
  t.is(environment(objects)['PADDOCK_WATCH_NAMESPACES'], 'shop,blog');
  t.is(find(objects, 'ClusterRoleBinding', 'paddock-operator'), undefined);
  const bound = objects.filter(
    ({ kind, metadata }) => kind === 'RoleBinding' && metadata.name === 'paddock-operator',
  );
  t.deepEqual(
    bound.map(({ metadata }) => metadata.namespace),
    ['shop', 'blog'],
  );
});

test('helm test makes its pool where the operator looks', async (t) => {
  for (const [values, namespace] of [
    [[], 'system'],
    [['watchNamespaces={shop,blog}'], 'shop'],
    [['watchNamespaces={shop,system}'], 'system'],
  ] as const) {
    const objects = await render(...values);
    for (const kind of ['SandboxPool', 'ServiceAccount', 'RoleBinding', 'ConfigMap', 'Pod']) {
      t.is(find(objects, kind, 'paddock-test')?.metadata.namespace, namespace, kind);
    }
  }
});

test('no role lists Secrets or escalates, whatever the values', async (t) => {
  for (const objects of [await render(), await render('watchNamespaces={shop}')]) {
    const rules = objects.flatMap(({ rules: each = [] }) => each);
    t.true(rules.length > 0);
    for (const { resources = [], verbs } of rules) {
      t.false(verbs.includes('*') || verbs.includes('escalate') || resources.includes('*'));
      const reads = verbs.includes('list') || verbs.includes('watch');
      t.false(reads && resources.includes('secrets'));
    }
  }
});

test('a digest wins over a tag, a tag over the version of the chart', async (t) => {
  const objects = await render(
    'images.registry=registry.example',
    `images.operator.digest=${digest}`,
    'images.operator.tag=ignored',
    `images.runtime.digest=${digest}`,
    'images.router.tag=v7',
  );
  t.is(operator(objects).image, `registry.example/paddock/operator@${digest}`);
  const seen = environment(objects);
  t.is(seen['PADDOCK_RUNTIME_IMAGE'], `registry.example/paddock/runtime@${digest}`);
  t.is(seen['PADDOCK_ROUTER_IMAGE'], 'registry.example/paddock/router:v7');
  t.regex(operator(await render()).image, /^paddock\/operator:\d+\.\d+\.\d+$/);
});

test('CRDs and the RuntimeClass are made only when asked for, and CRDs are kept', async (t) => {
  const crd = 'sandboxpools.paddock.dev';
  const kept = find(await render(), 'CustomResourceDefinition', crd);
  t.is(kept?.metadata.annotations?.['helm.sh/resource-policy'], 'keep');
  t.is(find(await render('crds.install=false'), 'CustomResourceDefinition', crd), undefined);
  const made = await render('runtimeClass.create=true', 'runtimeClass.handler=gvisor-kvm');
  t.is(find(made, 'RuntimeClass', 'gvisor')?.handler, 'gvisor-kvm');
});

test('metrics are readable by whom the values name', async (t) => {
  const from = 'metrics.from[0].namespaceSelector.matchLabels.team=watch';
  const peer = { namespaceSelector: { matchLabels: { team: 'watch' } } };
  const objects = await render(from);
  t.deepEqual(find(objects, 'NetworkPolicy', 'paddock-operator')?.spec?.ingress?.[0]?.from, [peer]);
  t.deepEqual(JSON.parse(environment(objects)['PADDOCK_METRICS_FROM'] ?? ''), [peer]);
});

const wrong: readonly (readonly [value: string, words: RegExp])[] = [
  ['allowed.runtimeClases={gvisor}', /allowed.*runtimeClases/s],
  ['allowed.runtimeClasses=gvisor', /allowed.runtimeClasses.*array/s],
  ['allowed.runtimeClasses=null', /runtimeClasses/],
  ['images.operator.digest=latest', /images.operator.digest.*pattern/s],
  ['images.pullPolicy=Sometimes', /images.pullPolicy.*(one of|Always)/s],
  ['operator.replicas=0', /operator.replicas.*(greater|minimum)/s],
  ['operator.logLevel=loud', /operator.logLevel/],
  ['requireGvisor=maybe', /requireGvisor.*boolean/s],
  ['watchNamespaces=shop', /watchNamespaces.*array/s],
  ['crds.install=1', /crds.install.*boolean/s],
  ['runtimeClass.handler=', /runtimeClass.handler/],
  ['nothing=1', /nothing/],
];

for (const [value, words] of wrong) {
  test(`refused by name: ${value}`, async (t) => {
    const error = await t.throwsAsync(render(value));
    // A path as helm writes it: with slashes or dots, depending on its version.
    t.regex(error.message.replaceAll('/', '.'), words);
  });
}

test('no runtime class at all is refused', async (t) => {
  const none = helm(
    'template',
    'paddock',
    chart,
    ...kubeVersion,
    '--set-json',
    'allowed.runtimeClasses=[]',
  );
  await t.throwsAsync(none, { message: /runtimeClasses/ });
});
