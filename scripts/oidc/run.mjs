// A certified OpenID provider on 127.0.0.1, whose only person signs in as the tests tell it to.
// PROVIDER_PORT, and BACK_TO (the platform's address to answer to). POST /control with JSON changes who
// signs in, what is proved, how long tokens live, and rotates the keys. GET /heard hands over the logout
// tokens that it sent. Says READY; ends on SIGTERM or
// when whoever started it closes our standard input.
import { createServer } from 'node:http'
import { generateKeyPairSync, randomUUID } from 'node:crypto'
import Provider from 'oidc-provider'

const port = Number(process.env.PROVIDER_PORT)
const issuer = `http://127.0.0.1:${port}`
let told = { account: 'sub-1', amr: ['pwd', 'mfa'], acr: undefined, claims: {}, id_token_s: 600, deny: false }

function newKey () {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  return { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'RS256' }
}

function provider (key) {
  const made = new Provider(issuer, {
    clients: [{
      client_id: 'smmp',
      client_secret: 'a secret of the tests',
      redirect_uris: [process.env.BACK_TO],
      post_logout_redirect_uris: [new URL('/sign-in/', process.env.BACK_TO).href],
      backchannel_logout_uri: `${issuer}/heard`,
      backchannel_logout_session_required: true,
      grant_types: ['authorization_code'],
      response_types: ['code']
    }],
    jwks: { keys: [key] },
    cookies: { keys: ['only for the tests'] },
    conformIdTokenClaims: false,
    claims: {
      openid: ['sub', 'amr', 'acr', 'auth_time'],
      email: ['email', 'email_verified'],
      profile: ['name', 'groups']
    },
    acrValues: ['urn:smmp:two-factors'],
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true },
      backchannelLogout: { enabled: true }
    },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: {
      AccessToken: 600, AuthorizationCode: 60, Grant: 600, Interaction: 600, Session: 600,
      IdToken: () => told.id_token_s
    },
    // Without its guard against addresses of one's own machine: that is where its only listener is.
    fetch: (url, { dispatcher, ...asked }) => fetch(url, asked),
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id, ...told.claims }) })
  })
  made.on('server_error', (ctx, error) => console.error('server_error:', error))
  made.on('backchannel.error', (ctx, error) => console.error('backchannel:', error))
  return made
}

async function interact (req, res) {
  const { params, session } = await now.interactionDetails(req, res)
  if (told.deny) {
    return now.interactionFinished(req, res, { error: 'access_denied', error_description: 'as told' })
  }
  const grant = new now.Grant({ accountId: told.account, clientId: params.client_id })
  grant.addOIDCScope(params.scope)
  return now.interactionFinished(req, res, {
    login: { accountId: told.account, amr: told.amr, acr: told.acr, remember: Boolean(session) },
    consent: { grantId: await grant.save() }
  }, { mergeWithLastSubmission: false })
}

async function control (req, res) {
  let body = ''
  for await (const part of req) body += part
  const asked = JSON.parse(body || '{}')
  if (asked.rotate) now = provider(newKey())
  told = { ...told, ...asked }
  res.end('{}')
}

// Stands in for the platform's own address, which the tests have no server for: POST keeps, GET hands over.
async function hear (req, res) {
  let body = ''
  for await (const part of req) body += part
  if (req.method === 'POST') heard.push(new URLSearchParams(body).get('logout_token'))
  res.end(req.method === 'POST' ? '' : JSON.stringify(heard.splice(0)))
}

const heard = []
let now = provider(newKey())
const server = createServer((req, res) => {
  const work = req.url === '/control' ? control(req, res)
    : req.url === '/heard' ? hear(req, res)
      : req.url.startsWith('/interaction/') ? interact(req, res)
        : now.callback()(req, res)
  Promise.resolve(work).catch((error) => { console.error('failed:', error); res.statusCode = 500; res.end() })
})
server.listen(port, '127.0.0.1', () => console.log(`READY ${issuer}`))
const end = () => { server.close(); process.exit(0) }
process.on('SIGTERM', end)
process.on('SIGINT', end)
process.stdin.on('end', end).resume()
