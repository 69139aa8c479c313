/** Every test runs: none is skipped, singled out, planned or commented out. */
import { join } from 'node:path';
import ts from 'typescript';
import { filesBelow, parse, walk } from '../sources.mjs';

const RUNNERS = /^(test|it|describe|suite|bench)$/;
const LEFT_OUT = /^(skip|only|todo|skipIf|runIf)$/;
const COMMENTED_OUT = /^[\s/*]*(test|it|describe|suite|bench)(\.\w+)*\s*\(/m;

/** The name that a chain such as `test.concurrent.skip` begins with. */
function rootName(node) {
  let root = node;
  while (ts.isPropertyAccessExpression(root) || ts.isCallExpression(root)) root = root.expression;
  return ts.isIdentifier(root) ? root.text : '';
}

function commentsOf(ast) {
  const comments = new Map();
  walk(ast, (node) => {
    const leading = ts.getLeadingCommentRanges(ast.text, node.pos) ?? [];
    for (const range of [...leading, ...(ts.getTrailingCommentRanges(ast.text, node.end) ?? [])]) {
      comments.set(range.pos, ast.text.slice(range.pos, range.end));
    }
  });
  return comments;
}

export function checkTests(workspace) {
  const problems = [];
  const paths = ['packages', 'tools', 'docs'].flatMap((name) => filesBelow(join(workspace, name)));
  for (const path of paths.filter((name) => /\.(test|test-d|bench)\.ts$/.test(name))) {
    const { ast, at, shown } = parse(workspace, path);
    walk(ast, (node) => {
      if (ts.isIdentifier(node) && /^x(it|test|describe)$/.test(node.text)) {
        problems.push(`${at(node)}: ${node.text} leaves tests out`);
      }
      if (!ts.isPropertyAccessExpression(node) || !LEFT_OUT.test(node.name.text)) return;
      const ofContext = ts.isCallExpression(node.parent) && /^(context|ctx)$/.test(rootName(node));
      if (RUNNERS.test(rootName(node)) || ofContext) {
        problems.push(`${at(node)}: .${node.name.text} leaves tests out`);
      }
    });
    for (const [position, text] of commentsOf(ast)) {
      if (!COMMENTED_OUT.test(text)) continue;
      const line = ast.getLineAndCharacterOfPosition(position).line + 1;
      problems.push(`${shown}:${line}: a test is commented out`);
    }
  }
  return problems;
}
