import { expect, test } from 'vitest';
import { codeBlocksOf, deadLinks, isProgram, matches } from './code-blocks.ts';

const blocks = (text: string) => codeBlocksOf('page.md', text);

test('a block knows its line, its language and its code', () => {
  expect(blocks('one\n\n```sh\nnpm install\n```\n')).toEqual([
    {
      page: 'page.md',
      line: 3,
      language: 'sh',
      code: 'npm install\n',
      output: undefined,
      isOutput: false,
      notRun: undefined,
    },
  ]);
});

test('what a program prints stands in its comments', () => {
  const [block] = blocks('```ts\nlog(1); // prints: 1\nlog(2);\n// prints: 2\n```\n');
  expect(block?.output).toBe('1\n2\n');
});

test('what a program prints stands in the text block that follows at once', () => {
  expect(blocks('```ts\nlog(1);\n```\n\n```text\n1\n```\n')[0]?.output).toBe('1\n');
  expect(blocks('```ts\nlog(1);\n```\n\nBy the way:\n\n```text\n1\n```\n')[0]?.output).toBeUndefined();
  expect(blocks('```ts\nlog(1);\n```\n\n```sh\n1\n```\n')[0]?.output).toBeUndefined();
});

test('a text block is the output of the program right before it, and of nothing else', () => {
  const isOutput = (text: string) => blocks(text).at(-1)?.isOutput;
  expect(isOutput('```ts\nlog(1);\n```\n\n```text\n1\n```\n')).toBe(true);
  expect(isOutput('```ts\nlog(1);\n```\n\nBy the way:\n\n```text\n1\n```\n')).toBe(false);
  expect(isOutput('```sh\nls\n```\n\n```text\n1\n```\n')).toBe(false);
});

test('a comment before a block says why it is not run', () => {
  const notRun = (text: string) => blocks(text).at(-1)?.notRun;
  expect(notRun('<!-- not run: Python -->\n\n```python\n```\n')).toBe('Python');
  expect(notRun('<!-- not run: Python -->\n\nBy the way:\n\n```python\n```\n')).toBeUndefined();
  expect(notRun('<!-- not run: Python -->\n\n```python\n```\n\n```python\n```\n')).toBeUndefined();
});

test('a longer fence holds shorter ones', () => {
  expect(blocks('````md\n```ts\n```\n````\n').map(({ language }) => language)).toEqual(['md']);
});

test('programs are in TypeScript or JavaScript', () => {
  const languages = ['ts', 'js', 'cjs', 'sh', 'text', 'python', ''];
  const found = languages.flatMap((language) => blocks(`\`\`\`${language}\n\`\`\`\n`));
  expect(found.filter(isProgram).map(({ language }) => language)).toEqual(['ts', 'js', 'cjs']);
});

test('… stands for anything, and nothing else does', () => {
  expect(matches('a (b) …c\n', 'a (b) 1\n2c\n')).toBe(true);
  expect(matches('a (b) c\n', 'a b c\n')).toBe(false);
  expect(matches('a\n', 'a\nb\n')).toBe(false);
  expect(matches('', 'a\n')).toBe(false);
});

test('links lead to files and headings that are there', () => {
  const text =
    '[1](https://nodejs.org) [2](LICENSE) [3](README.md#licence) [4](NONE.md) [5](README.md#none)\n```js\ncalls[i](i)\n```\n';
  expect(deadLinks('README.md', text)).toEqual(['NONE.md', 'README.md#none']);
});
