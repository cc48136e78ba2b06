// Builds the page and packs every file of it with gzip.
//
//   node build.mjs [FOLDER]   writes FOLDER, by default dist/
//   node build.mjs --check    fails unless dist/ is what the sources give
//
// The same sources give the same bytes on every machine: file names carry content hashes, and the packing is done by a
// compressor in JavaScript, since the one built into Node differs between processors.

import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { gzipSync } from 'fflate';
import { build } from 'vite';

const here = import.meta.dirname;
const dist = path.join(here, 'dist');

/** Lists the files below a folder as sorted paths with slashes; a folder that is not there has none. */
async function filesBelow(folder) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .sort();
}

/** Builds the page; the answer maps each packed file's path to its bytes. */
async function packed() {
  const plain = await mkdtemp(path.join(tmpdir(), 'playground-'));
  try {
    await build({ root: here, logLevel: 'warn', build: { outDir: plain, emptyOutDir: true } });
    const files = new Map();
    for (const name of await filesBelow(plain)) {
      const bytes = await readFile(path.join(plain, name));
      files.set(`${name}.gz`, Buffer.from(gzipSync(bytes, { level: 9, mtime: 0 })));
    }
    return files;
  } finally {
    await rm(plain, { recursive: true, force: true });
  }
}

async function write(files, folder) {
  await rm(folder, { recursive: true, force: true });
  for (const [name, bytes] of files) {
    const target = path.join(folder, name);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, bytes);
  }
  const total = [...files.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  console.log(`${files.size} files, ${total} bytes in ${path.relative(process.cwd(), folder) || '.'}`);
}

/** Says how a folder differs from what was built; empty when it does not. */
async function differences(files, folder) {
  const found = [];
  const committed = await filesBelow(folder);
  for (const name of committed) {
    if (!files.has(name)) found.push(`${name}: is committed, but not built`);
  }
  for (const [name, bytes] of files) {
    if (!committed.includes(name)) found.push(`${name}: is built, but not committed`);
    else if (!bytes.equals(await readFile(path.join(folder, name)))) found.push(`${name}: differs`);
  }
  return found;
}

const argument = process.argv[2];
const files = await packed();
if (argument === '--check') {
  const found = await differences(files, dist);
  if (found.length > 0) {
    console.error(`dist/ is not what the sources give; run "npm run build" and commit it:\n  ${found.join('\n  ')}`);
    process.exit(1);
  }
  console.log(`dist/ is what the sources give: ${files.size} files`);
} else {
  await write(files, argument ? path.resolve(argument) : dist);
}
