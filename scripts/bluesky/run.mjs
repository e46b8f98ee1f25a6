// Bluesky's own servers (directory, personal data server, view of the network) in this process.
// The ports come as JSON in NETWORK_PORTS. Says READY with the address of the data server, and
// ends on SIGTERM or when whoever started it closes our standard input.
import { TestNetwork } from '@atproto/dev-env'

const ports = JSON.parse(process.env.NETWORK_PORTS)
const network = await TestNetwork.create({
  plc: { port: ports.plc },
  pds: { port: ports.pds, hostname: 'localhost', enableDidDocWithSession: true },
  bsky: { port: ports.bsky, publicUrl: `http://localhost:${ports.bsky}`, dbPostgresSchema: 'bsky' },
  ozone: { port: ports.ozone, chatUrl: 'http://localhost:1', chatDid: 'did:example:chat' },
  introspect: { port: ports.introspect },
})

let ending = false
const end = async () => {
  if (ending) return
  ending = true
  setTimeout(() => process.exit(1), 8000).unref()
  await network.close()
  process.exit(0)
}
process.on('SIGTERM', end)
process.on('SIGINT', end)
process.stdin.on('end', end).resume()
process.on('uncaughtException', (error) => console.error('uncaught:', error))
process.on('unhandledRejection', (error) => console.error('unhandled:', error))

console.log(`READY ${network.pds.url}`)
