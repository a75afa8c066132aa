// Reads {document, tasks: [{mode, signers, ...options}]} from stdin, writes one signed document per task to stdout.
// mode: "bare", "signers" or "chain"; "append" adds the signers to a document that is signed in "signers" already.
import { text } from 'node:stream/consumers';
import { appendMultiSigner, sign } from '@cyclonedx/sign/jsf';

const MODES = { signers: 'multi', chain: 'chain' };

async function run(document, { mode, signers, ...options }) {
  if (mode === 'bare') {
    return sign(document, { signer: signers[0], ...options });
  }
  if (mode === 'append') {
    let grown = document;
    for (const signer of signers) {
      grown = await appendMultiSigner(grown, signer, { skipVerifyExisting: true });
    }
    return grown;
  }
  return sign(document, { signers, mode: MODES[mode], ...options });
}

const { document, tasks } = JSON.parse(await text(process.stdin));
const signed = [];
for (const task of tasks) {
  signed.push(await run(document, task));
}
process.stdout.write(JSON.stringify(signed));
