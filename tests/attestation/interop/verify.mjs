// Reads {root, items: [{bundle, key, identity, issuer}]} from stdin, writes [null | reason of refusal] to stdout.
// A key (PEM) verifies a bundle that names one; otherwise identity and issuer are demanded of its certificate.
import { createPublicKey } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { bundleFromJSON } from '@sigstore/bundle';
import { TrustedRoot } from '@sigstore/protobuf-specs';
import { Verifier, toSignedEntity, toTrustMaterial } from '@sigstore/verify';

const { root, items } = JSON.parse(await text(process.stdin));
const anchored = (value) => '^' + value.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&') + '$';

const results = items.map(({ bundle, key, identity, issuer }) => {
  try {
    const keys = () => ({ publicKey: createPublicKey(key), validFor: () => true });
    const material = toTrustMaterial(TrustedRoot.fromJSON(root), keys);
    const entity = toSignedEntity(bundleFromJSON(bundle));
    if (key) {
      new Verifier(material, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 }).verify(entity);
    } else {
      const policy = { subjectAlternativeName: anchored(identity), extensions: { issuer } };
      new Verifier(material, { tlogThreshold: 1, ctlogThreshold: 1, timestampThreshold: 1 }).verify(entity, policy);
    }
    return null;
  } catch (error) {
    return `${error.code ?? error.name}: ${error.message}`;
  }
});
process.stdout.write(JSON.stringify(results));
