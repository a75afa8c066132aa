// Reads a list of documents from stdin, writes {valid, mode, signers: [valid, ...]} per document to stdout.
// Every signature is verified by its own embedded key, and all of them have to hold.
import { text } from 'node:stream/consumers';
import { JSF_ASYMMETRIC_ALGORITHMS, verify } from '@cyclonedx/sign/jsf';

const results = [];
for (const document of JSON.parse(await text(process.stdin))) {
  const { valid, mode, signers } = await verify(document, {
    allowedAlgorithms: [...JSF_ASYMMETRIC_ALGORITHMS],
    allowedExcludes: [],
    allowedExtensions: [],
    policy: 'all',
    requireEmbeddedPublicKey: true,
  });
  results.push({ valid, mode, signers: signers.map((signer) => signer.valid) });
}
process.stdout.write(JSON.stringify(results));
