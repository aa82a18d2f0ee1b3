import { AUDIENCE, type Credential, credentialName, subjectOf } from '../plan/credentials.ts';
import type { Issuer } from '../plan/issuer.ts';
import type { Plan } from '../plan/plan.ts';
import type { Target } from '../plan/target.ts';
import { comment } from './one-line.ts';
import { shellQuote } from './shell-quote.ts';

const HEAD = [
  'Federated credentials for Azure Workload Identity. To be run with the Azure CLI, logged in as somebody who may write',
  'to these identities and applications; it can be run again: what is there already is left alone.',
];

const words = (...parts: readonly string[]): string => parts.map(shellQuote).join(' ');

/** Which command of the CLI is for what kind of target, and how it is named to it. */
const COMMANDS: {
  readonly [K in Target['kind']]: (target: Extract<Target, { kind: K }>) => readonly [string, string];
} = {
  managed: ({ name, resourceGroup, subscription }) => [
    'az identity federated-credential',
    words('--identity-name', name, '--resource-group', resourceGroup, '--subscription', subscription),
  ],
  application: ({ appId }) => ['az ad app federated-credential', words('--id', appId)],
};

function commandOf(target: Target): readonly [string, string] {
  return target.kind === 'managed' ? COMMANDS.managed(target) : COMMANDS.application(target);
}

interface Content {
  readonly name: string;
  readonly issuer: string;
  readonly subject: string;
}

/** The arguments by which a credential of this content is made. */
function creation(target: Target, { name, issuer, subject }: Content): string {
  if (target.kind === 'application') {
    return words('--parameters', JSON.stringify({ name, issuer, subject, audiences: [AUDIENCE] }));
  }
  return words('--name', name, '--issuer', issuer, '--subject', subject, '--audiences', AUDIENCE);
}

/** Issuer and subject make a credential what it is: one of another name with both is as good, and forbids this one. */
function blockOf(credential: Credential, issuer: string): string {
  const subject = subjectOf(credential);
  const name = credentialName(credential, issuer);
  const [command, target] = commandOf(credential.target);
  const query = shellQuote(`[?issuer=='${issuer}' && subject=='${subject}'].name`);
  const where =
    credential.target.kind === 'application' && credential.tenant !== '' ? `, in tenant ${credential.tenant}` : '';
  return [
    comment(`${credential.namespace}/${credential.account} as ${credential.identity}${where}`).trimEnd(),
    `found=$(${command} list ${target} --query ${query} --output tsv)`,
    `if [ -z "$found" ]; then`,
    `  ${command} create ${target} ${creation(credential.target, { name, issuer, subject })} --output none`,
    `fi`,
    '',
  ].join('\n');
}

/** What is not in the script although a workload needs it. */
function leftOut({ accounts, workloads }: Plan): string[] {
  const hindered = accounts.flatMap(({ namespace, name, hindrance }) =>
    hindrance === undefined ? [] : [`Left out: service account ${namespace}/${name || '?'}: ${hindrance}`],
  );
  const without = workloads.filter(({ uses }) => uses.length === 0).map(({ unit }) => unit);
  const idle = without.map(
    ({ kind, namespace, name }) => `Left out: ${kind} ${namespace}/${name}: no binding gives it an identity`,
  );
  return [...hindered, ...idle];
}

/** A script of a POSIX shell. */
export function commandsOf(plan: Plan, { url: issuer, remark }: Extract<Issuer, { url: string }>): string {
  const attention = [...(remark === undefined ? [] : [remark]), ...plan.notes].map((note) => `Attention: ${note}`);
  const blocks = plan.credentials.map((credential) => blockOf(credential, issuer));
  const nothing = blocks.length === 0 ? ['There is nothing to create.'] : [];
  const comments = [...HEAD, ...leftOut(plan), ...attention, ...nothing];
  return ['#!/bin/sh\n', ...comments.map(comment), 'set -eu\n', ...blocks.map((block) => `\n${block}`)].join('');
}
