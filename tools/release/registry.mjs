/** A registry in memory, on this machine: what is published to it can be installed from it, and nothing else. */
import { once } from 'node:events';
import { createServer } from 'node:http';

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString());
}

/** Adds what a client publishes; a version that is there stays as it is. */
function publish(packages, url, { name, versions, 'dist-tags': tags, _attachments: attachments }) {
  const known = packages.get(name) ?? { name, versions: {}, 'dist-tags': {}, tarballs: new Map() };
  for (const [version, manifest] of Object.entries(versions)) {
    if (known.versions[version]) return 409;
    const [attachment] = Object.values(attachments);
    const file = `/${name}/-/${version}.tgz`;
    known.tarballs.set(file, Buffer.from(attachment.data, 'base64'));
    known.versions[version] = { ...manifest, dist: { ...manifest.dist, tarball: url + file } };
  }
  Object.assign(known['dist-tags'], tags);
  packages.set(name, known);
  return 201;
}

/**
 * Starts a registry on a free port of the loopback interface.
 *
 * @returns {Promise<{ url: string, versions(): string[], close(): Promise<void> }>} `versions` lists what was published
 */
export async function startRegistry() {
  const packages = new Map();
  let url = '';
  const answer = (response, status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  const handle = async (request, response) => {
    const path = decodeURIComponent(new URL(request.url ?? '/', url).pathname);
    if (request.method === 'PUT') {
      const status = publish(packages, url, await bodyOf(request));
      return answer(response, status, status === 201 ? { ok: true } : { error: 'that version is there' });
    }
    const [name = ''] = path.slice(1).split('/-/');
    const known = packages.get(name);
    const tarball = known?.tarballs.get(path);
    if (tarball) return response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(tarball);
    if (path.includes('/-/') || known === undefined) return answer(response, 404, { error: 'not found' });
    const { tarballs: _tarballs, ...document } = known;
    return answer(response, 200, document);
  };
  const server = createServer((request, response) => void handle(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
  url = `http://127.0.0.1:${port}`;
  return {
    url,
    versions: () =>
      [...packages.values()].flatMap(({ name, versions }) =>
        Object.keys(versions).map((one) => `${name}@${one}`),
      ),
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
