/**
 * Doc comments of the public API: every exported function and class and every public method has a one-line summary;
 * what may wait says @ordering, @cancellation, @complexity and @source; what throws says @throws. A method is documented
 * by the interface that its class implements or the class that it extends, if that is where the comment is.
 */
import ts from 'typescript';
import { packageSources, walk } from '../sources.mjs';

const WAITING =
  /^(Awaitable|Promise|PromiseLike|Coroutine|AsyncGenerator|AsyncIterable|AsyncIterableIterator)$/;
const WAITING_TAGS = ['ordering', 'cancellation', 'complexity', 'source'];

const hasModifier = (node, kind) => node.modifiers?.some((modifier) => modifier.kind === kind) ?? false;

/** The text and tags of the doc comments of some declarations, which are overloads of one thing. */
function docOf(declarations) {
  const docs = declarations.flatMap((node) => {
    const holder = ts.isVariableDeclaration(node) ? node.parent.parent : node;
    return ts.getJSDocCommentsAndTags(holder).filter(ts.isJSDoc);
  });
  const text = docs
    .map((doc) => ts.getTextOfJSDocComment(doc.comment) ?? '')
    .find((comment) => comment !== '');
  const tags = docs.flatMap((doc) => (doc.tags ?? []).map((tag) => tag.tagName.text));
  return { text: text ?? '', tags };
}

/** Whether a return type is something that is waited for. */
function waits(type) {
  if (type === undefined) return false;
  if (ts.isUnionTypeNode(type)) return type.types.some(waits);
  return ts.isTypeReferenceNode(type) && WAITING.test(type.typeName.getText());
}

/** Whether a body throws, not counting the functions inside it. */
function throws(body) {
  let found = false;
  const visit = (node) => {
    if (ts.isThrowStatement(node)) found = true;
    else if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
  };
  if (body !== undefined) ts.forEachChild(body, visit);
  return found;
}

function* missing(declarations, inherited) {
  const own = docOf(declarations);
  const text = own.text || inherited.text;
  const tags = [...own.tags, ...inherited.tags];
  if (text === '') yield 'has no doc comment';
  else if (/\n(?!\n)/.test(text.split('\n\n')[0])) yield 'has a summary of more than one line';
  if (declarations.some((node) => waits(node.type))) {
    for (const tag of WAITING_TAGS) if (!tags.includes(tag)) yield `may wait and has no @${tag}`;
  }
  if (declarations.some((node) => throws(node.body)) && !tags.includes('throws'))
    yield 'throws and has no @throws';
}

/** Declarations by name; overloads, and a getter with its setter, share an entry. */
function byName(declarations) {
  const groups = new Map();
  for (const node of declarations) {
    const name = node.name?.text;
    if (name !== undefined) groups.set(name, [...(groups.get(name) ?? []), node]);
  }
  return groups;
}

const isPublicMember = (node) =>
  (ts.isMethodDeclaration(node) || ts.isAccessor(node)) &&
  ts.isIdentifier(node.name) &&
  node.name.text !== 'then' && // the platform's contract
  !hasModifier(node, ts.SyntaxKind.PrivateKeyword) &&
  !hasModifier(node, ts.SyntaxKind.ProtectedKeyword);

/** Every class and interface of the workspace by name, for comments that are inherited. */
function collectBases(files) {
  const bases = new Map();
  for (const { ast } of files) {
    walk(ast, (node) => {
      if (ts.isClassDeclaration(node) || ts.isInterfaceDeclaration(node)) {
        if (node.name) bases.set(node.name.text, [...(bases.get(node.name.text) ?? []), node]);
      }
    });
  }
  return bases;
}

/** The doc comment of a member in what its class extends or implements. */
function inheritedDoc(bases, type, name, seen = new Set()) {
  for (const clause of type.heritageClauses ?? []) {
    for (const { expression } of clause.types) {
      for (const base of bases.get(expression.getText()) ?? []) {
        if (seen.has(base)) continue;
        seen.add(base);
        const doc = docOf(base.members.filter((member) => member.name?.text === name));
        if (doc.text !== '') return doc;
        const further = inheritedDoc(bases, base, name, seen);
        if (further.text !== '') return further;
      }
    }
  }
  return { text: '', tags: [] };
}

/** Names that public modules re-export from internal ones. */
function reexported(files) {
  const names = new Set();
  for (const { ast } of files.filter((file) => file.public)) {
    for (const statement of ast.statements) {
      if (!ts.isExportDeclaration(statement) || !statement.moduleSpecifier?.text.includes('/internal/'))
        continue;
      for (const { propertyName, name } of statement.exportClause?.elements ?? [])
        names.add((propertyName ?? name).text);
    }
  }
  return names;
}

function exportedDeclarations(file, names) {
  const found = [];
  for (const statement of file.ast.statements) {
    if (!hasModifier(statement, ts.SyntaxKind.ExportKeyword)) continue;
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) found.push(statement);
    else if (ts.isVariableStatement(statement)) found.push(...statement.declarationList.declarations);
  }
  return file.public ? found : found.filter((node) => names.has(node.name?.text));
}

/** An exported constant counts if it is a function; its signature is the arrow function's. */
function asFunction(node) {
  if (ts.isFunctionDeclaration(node)) return node;
  const value = ts.isVariableDeclaration(node) ? node.initializer : undefined;
  return value && (ts.isArrowFunction(value) || ts.isFunctionExpression(value)) ? value : undefined;
}

export function checkDocComments(workspace) {
  const files = packageSources(workspace);
  const bases = collectBases(files);
  const names = reexported(files);
  const none = { text: '', tags: [] };
  const problems = [];
  for (const file of files) {
    for (const [name, declarations] of byName(exportedDeclarations(file, names))) {
      const report = (node, title, found) => {
        for (const problem of found) problems.push(`${file.at(node)}: ${title} ${problem}`);
      };
      for (const node of declarations.filter(ts.isClassDeclaration)) {
        report(node, name, missing([node], none));
        for (const [member, overloads] of byName(node.members.filter(isPublicMember))) {
          report(overloads[0], `${name}.${member}`, missing(overloads, inheritedDoc(bases, node, member)));
        }
      }
      const functions = declarations.filter((node) => asFunction(node) !== undefined);
      if (functions.length > 0) {
        const signatures = functions.map(asFunction);
        const doc = docOf(functions);
        report(functions[0], name, missing(signatures, doc));
      }
    }
  }
  return problems;
}
