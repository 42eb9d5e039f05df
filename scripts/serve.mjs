/**
 * Serves dist/page on this machine only.
 *
 * serve.mjs [--port N]  without N: 4173, or the next free port; with N: that one or nothing; 0: any free one
 */

import { createReadStream, existsSync, statSync } from 'node:fs'
import { createServer } from 'node:http'
import { extname, join, normalize, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'

const folder = fileURLToPath(new URL('../dist/page', import.meta.url))
const HOST = '127.0.0.1'
const FIRST_PORT = 4173
const PORTS_TRIED = 100

const TYPES = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
  '.pmem': 'text/plain; charset=utf-8',
}

/** The file that a request path names, undefined when it names none or leaves the folder. */
function fileOf(url) {
  let path
  try {
    path = decodeURIComponent(new URL(url, 'http://localhost').pathname)
  } catch {
    return undefined
  }
  if (path.includes('\0')) return undefined
  const file = normalize(join(folder, path.endsWith('/') ? `${path}index.html` : path))
  if (!file.startsWith(folder + sep)) return undefined
  return existsSync(file) && statSync(file).isFile() ? file : undefined
}

function answer(request, response) {
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { Allow: 'GET, HEAD' }).end()
    return
  }
  const file = fileOf(request.url ?? '/')
  if (file === undefined) {
    response.writeHead(404, { 'Content-Type': 'text/plain; charset=utf-8' }).end('not found\n')
    return
  }
  response.writeHead(200, {
    'Content-Type': TYPES[extname(file)] ?? 'application/octet-stream',
    'Content-Length': statSync(file).size,
    'Cache-Control': 'no-cache',
    'X-Content-Type-Options': 'nosniff',
  })
  if (request.method === 'HEAD') response.end()
  else createReadStream(file).pipe(response)
}

/** Resolves to the port that was free. */
function listen(server, port, tries) {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => {
      if (error.code === 'EADDRINUSE' && tries > 1) resolve(listen(server, port + 1, tries - 1))
      else reject(error)
    })
    server.listen(port, HOST, () => resolve(server.address().port))
  })
}

const { values } = parseArgs({ options: { port: { type: 'string' } } })
const wanted = values.port === undefined ? FIRST_PORT : Number(values.port)
if (!Number.isInteger(wanted) || wanted < 0 || wanted > 65_535) {
  console.error(`serve: --port ${values.port} is not a port number (0 to 65535)`)
  process.exit(2)
}
if (!existsSync(join(folder, 'index.html'))) {
  console.error('serve: dist/page is missing; `npm run build` makes it')
  process.exit(1)
}
try {
  const port = await listen(createServer(answer), wanted, values.port === undefined ? PORTS_TRIED : 1)
  console.log(`pmemscope is at http://${HOST}:${port}/  (Ctrl+C ends it)`)
} catch (error) {
  console.error(`serve: no port: ${error.message}`)
  process.exit(1)
}
