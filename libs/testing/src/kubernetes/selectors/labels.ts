import { badRequest } from '../status-errors.ts';
import { KEY_TEXT } from '../writes/names.ts';

type Labels = Readonly<Record<string, string>>;
export type LabelMatcher = (labels: Labels) => boolean;

const KEY = String.raw`[A-Za-z0-9](?:[-A-Za-z0-9_./]*[A-Za-z0-9])?`;
const SET = new RegExp(String.raw`^(${KEY})\s+(in|notin)\s*\(([^()]*)\)$`);
const EQUALITY = new RegExp(String.raw`^(${KEY})\s*(==|=|!=)\s*([-A-Za-z0-9_.]*)$`);
const NUMBER = new RegExp(String.raw`^(${KEY})\s*([<>])\s*(-?\d+)$`);
const EXISTS = new RegExp(String.raw`^(!?)\s*(${KEY})$`);

const has = (labels: Labels, key: string): boolean => Object.hasOwn(labels, key);

/** Splits at the commas that separate requirements, not at those inside a set. */
function requirements(selector: string): string[] {
  return selector.split(/,(?![^(]*\))/).map((part) => part.trim());
}

function setMatcher(key: string, operator: string, list: string): LabelMatcher {
  const values = new Set(list.split(',').map((value) => value.trim()));
  return operator === 'in'
    ? (labels) => has(labels, key) && values.has(labels[key] ?? '')
    : (labels) => !has(labels, key) || !values.has(labels[key] ?? '');
}

function numberMatcher(key: string, operator: string, bound: string): LabelMatcher {
  return (labels) => {
    if (!has(labels, key) || !/^-?\d+$/.test(labels[key] ?? '')) return false;
    return operator === '<' ? Number(labels[key]) < Number(bound) : Number(labels[key]) > Number(bound);
  };
}

/** Names the first thing wrong with a requirement, in the words of the real server's parser. */
function whyUnreadable(text: string): string {
  const [key = '', operator = '', ...rest] = text.split(/\s+|(==|!=|=|<|>)/).filter((part) => part);
  if (!new RegExp(`^!?${KEY}$`).test(key)) {
    return `unable to parse requirement: <nil>: Invalid value: ${JSON.stringify(key)}: ${KEY_TEXT}`;
  }
  if (operator === 'in' || operator === 'notin') {
    return `unable to parse requirement: found '${rest[0] ?? ''}' expected: '('`;
  }
  if (operator === '<' || operator === '>') {
    const why = "for 'Gt', 'Lt' operators, the value must be an integer";
    return `unable to parse requirement: values[0]: Invalid value: ${JSON.stringify(rest[0] ?? '')}: ${why}`;
  }
  return `found '${rest[1] ?? operator}', expected: ',' or 'end of string'`;
}

function requirement(text: string): LabelMatcher {
  const set = SET.exec(text);
  if (set) return setMatcher(set[1] ?? '', set[2] ?? '', set[3] ?? '');
  const equality = EQUALITY.exec(text);
  if (equality) {
    const [, key = '', operator, value = ''] = equality;
    if (operator === '!=') return (labels) => !has(labels, key) || labels[key] !== value;
    return (labels) => has(labels, key) && labels[key] === value;
  }
  const number = NUMBER.exec(text);
  if (number) return numberMatcher(number[1] ?? '', number[2] ?? '', number[3] ?? '');
  const exists = EXISTS.exec(text);
  if (!exists) throw badRequest(whyUnreadable(text));
  const [, not, key = ''] = exists;
  return (labels) => has(labels, key) === (not === '');
}

/**
 * A label selector as it stands in a query: equality, sets, existence and comparison, joined by commas.
 * @throws ApiError 400 when it can't be read
 */
export function labelMatcher(selector: string): LabelMatcher {
  if (selector.trim() === '') return () => true;
  const all = requirements(selector).map(requirement);
  return (labels) => all.every((matches) => matches(labels));
}
