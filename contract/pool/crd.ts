// The CustomResourceDefinition of SandboxPool, made from its codecs. Pure.

import { sandboxPoolLimits } from '../limits.ts';
import { crdName, group, kind, plural, version } from './names.ts';
import { SandboxPoolSpec } from './spec.ts';
import { SandboxPoolStatus } from './status.ts';
import { structuralOf } from './structural.ts';

const column = (name: string, type: string, jsonPath: string, description: string) => ({
  name,
  type,
  jsonPath,
  description,
});

const schema = {
  type: 'object',
  description: 'A pool of gVisor pods, each of which holds thousands of JavaScript sandboxes.',
  required: ['spec'],
  properties: {
    apiVersion: { type: 'string' },
    kind: { type: 'string' },
    metadata: { type: 'object' },
    spec: { description: 'The pool that is wished for.', ...structuralOf(SandboxPoolSpec) },
    status: { description: 'What was observed.', ...structuralOf(SandboxPoolStatus) },
  },
  'x-kubernetes-validations': [
    {
      rule:
        `size(self.metadata.name) <= ${sandboxPoolLimits.nameCharsMax} && ` +
        "self.metadata.name.matches('^[a-z]([-a-z0-9]*[a-z0-9])?$')",
      message:
        `metadata.name is a DNS-1035 label of at most ${sandboxPoolLimits.nameCharsMax} ` +
        'characters, such as plugins',
    },
  ],
};

const columns = [
  column('Ready', 'string', '.status.conditions[?(@.type=="Ready")].status', 'It can be called.'),
  column('Desired', 'integer', '.spec.replicas', 'Runtime pods wished for.'),
  column('Up-to-date', 'integer', '.status.updated', 'Runtime pods of the present spec.'),
  column('URL', 'string', '.status.url', 'Where to POST /execute.'),
  column('Age', 'date', '.metadata.creationTimestamp', 'Since when it is there.'),
];

/** As `kubectl apply` takes it. */
export const crd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: crdName, labels: { 'app.kubernetes.io/name': 'paddock' } },
  spec: {
    group,
    scope: 'Namespaced',
    names: {
      kind,
      plural,
      listKind: `${kind}List`,
      singular: kind.toLowerCase(),
      shortNames: ['sbp'],
      categories: ['paddock'],
    },
    versions: [
      {
        name: version,
        served: true,
        storage: true,
        schema: { openAPIV3Schema: schema },
        subresources: {
          status: {},
          scale: {
            specReplicasPath: '.spec.replicas',
            statusReplicasPath: '.status.replicas',
            labelSelectorPath: '.status.selector',
          },
        },
        additionalPrinterColumns: columns,
      },
    ],
  },
};
