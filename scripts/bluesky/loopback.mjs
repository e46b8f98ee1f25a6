// Preloaded into the network's process: every server in it listens on 127.0.0.1 alone.
// Bluesky's test servers name a port and no address, which would open them to the whole network.
import net from 'node:net'

const listen = net.Server.prototype.listen
const HOME = '127.0.0.1'

net.Server.prototype.listen = function (first, ...rest) {
  const isPort = typeof first === 'number' || (typeof first === 'string' && /^[0-9]+$/.test(first))
  if (isPort) {
    const named = typeof rest[0] === 'string'
    return listen.call(this, first, ...(named ? rest : [HOME, ...rest]))
  }
  if (first !== null && typeof first === 'object' && first.port !== undefined && !first.host) {
    return listen.call(this, { ...first, host: HOME }, ...rest)
  }
  if (first === undefined || typeof first === 'function') {
    const callbacks = first === undefined ? rest : [first, ...rest]
    return listen.call(this, { port: 0, host: HOME }, ...callbacks)
  }
  return listen.call(this, first, ...rest)
}
