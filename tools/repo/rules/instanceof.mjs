/** Two installed copies of a package have two classes, so another package's objects are known by brand. */
import ts from 'typescript';
import { packageSources, walk } from '../sources.mjs';
import { packageOf } from './imports.mjs';

/** Local names that a file imports from other packages of the family. */
function importedNames(ast) {
  const names = new Set();
  for (const statement of ast.statements) {
    if (!ts.isImportDeclaration(statement) || packageOf(statement.moduleSpecifier.text) === undefined)
      continue;
    const { name, namedBindings } = statement.importClause ?? {};
    if (name) names.add(name.text);
    if (namedBindings && ts.isNamespaceImport(namedBindings)) names.add(namedBindings.name.text);
    else for (const element of namedBindings?.elements ?? []) names.add(element.name.text);
  }
  return names;
}

export function checkInstanceof(workspace) {
  const problems = [];
  for (const { ast, at } of packageSources(workspace)) {
    const names = importedNames(ast);
    walk(ast, (node) => {
      if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.InstanceOfKeyword) return;
      let right = node.right;
      while (ts.isPropertyAccessExpression(right)) right = right.expression;
      if (ts.isIdentifier(right) && names.has(right.text)) {
        problems.push(`${at(node)}: instanceof ${node.right.getText()} across packages; ask for its brand`);
      }
    });
  }
  return problems;
}
