import { fill } from './placeholders.ts';

const PROGRAMS = /^(sudo +)?(kubectl|helm|npm|npx|az|node|sh|curl|promtool|iptables)\b/;

/** Whether a piece of code within a sentence is a command, and not the mere name of a program. */
export const isCommand = (code: string): boolean => PROGRAMS.test(code) && /\S \S/.test(code);

/** The commands of a block, one a line: comments go, and what a backslash, a bracket or a here-document goes on with is one. */
export function commandsOf(text: string): string[] {
  const commands: string[] = [];
  let pending = '';
  let until: string | undefined;
  for (const line of text.split('\n')) {
    if (until !== undefined) {
      if (line === until) until = undefined;
      continue;
    }
    const bare = line.replace(/(^|\s)#.*$/, '').trimEnd();
    until = /<<-?'?"?(\w+)/.exec(bare)?.[1];
    pending += pending === '' ? bare.trim() : ` ${bare.trim()}`;
    if (pending.endsWith('\\')) pending = pending.slice(0, -1).trimEnd();
    else {
      if (pending !== '') commands.push(pending);
      pending = '';
    }
  }
  return commands;
}

/** The words of a command as a shell reads them, as far as pages need it: quotes hold words together. */
export function wordsOf(command: string): string[] {
  const words = fill(command).match(/(?:[^\s"'|;]+|"[^"]*"|'[^']*')+/g) ?? [];
  return words.map((word) => word.replaceAll(/["']/g, ''));
}
