/** Names of files and members, and what index.ts may hold. */
import { basename, join, relative, sep } from 'node:path';
import ts from 'typescript';
import { filesBelow, packageSources, walk } from '../sources.mjs';

const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*(\.[a-z0-9]+(-[a-z0-9]+)*)*$/;
const ANY_CASE = /^(README\.md|CHANGELOG\.md|LICENSE|\..*)$/;
const NO_CONCEPT = /^(utils?|common|helpers?|types)$/;

function checkFileNames(workspace) {
  const problems = [];
  for (const path of ['packages', 'tools', 'docs'].flatMap((name) => filesBelow(join(workspace, name)))) {
    const shown = relative(workspace, path).split(sep).join('/');
    for (const part of shown.split('/')) {
      if (!ANY_CASE.test(part) && !KEBAB.test(part)) problems.push(`${shown}: '${part}' is not kebab-case`);
    }
    const [stem] = basename(path).split('.');
    if (NO_CONCEPT.test(stem)) problems.push(`${shown}: '${stem}' names no concept`);
  }
  return problems;
}

function isNamedReexport(statement) {
  return (
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier !== undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause)
  );
}

export function checkNames(workspace) {
  const problems = checkFileNames(workspace);
  for (const file of packageSources(workspace)) {
    if (basename(file.path) === 'index.ts') {
      for (const statement of file.ast.statements) {
        if (!isNamedReexport(statement)) {
          problems.push(`${file.at(statement)}: index.ts holds explicit named re-exports only`);
        }
      }
    }
    walk(file.ast, (node) => {
      const member = ts.isClassElement(node) || ts.isParameterPropertyDeclaration(node, node.parent);
      if (member && node.name?.text?.startsWith('_')) {
        problems.push(`${file.at(node)}: ${node.name.text} begins with an underscore; use #private`);
      }
    });
  }
  return problems;
}
