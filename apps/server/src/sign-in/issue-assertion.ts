import type { Device } from '@latchkey/device';
import type { User } from '@latchkey/directory';
import {
  type Attribute,
  attributeNameFormats,
  authnContextClasses,
  type CheckedAuthnRequest,
  confirmationMethods,
  type Digest,
  type NameID,
  nameIDFormats,
  SamlError,
  type SigningKey,
  statusCodes,
  writeResponse,
} from '@latchkey/saml';
import { idpEntityId } from './addresses.ts';
import { messageId } from './message-id.ts';

/** device-binding §5.14 and §6. */
const BEFORE_SECONDS = 30;
const VALID_SECONDS = 300;

interface AssertionInput {
  readonly organizationId: string;
  readonly asked: CheckedAuthnRequest;
  readonly sp: { readonly entityId: string; readonly wantResponseSigned: boolean };
  readonly device: Device;
  /** The account; there is none yet before the first assertion has been accepted. */
  readonly user: User | undefined;
  readonly key: SigningKey;
  /** How long the session lasts at most, by the settings. */
  readonly sessionSeconds: number;
}

interface AssertionNeeds {
  readonly origin: string;
  readonly digest: Digest;
  readonly mac: (purpose: string, text: string) => string;
  readonly randomId: () => string;
  readonly now: () => number;
}

/** saml-core §8.3: how the user is called, by the format the service provider asks for. */
const nameIDs: Readonly<Record<string, (needs: AssertionNeeds, input: AssertionInput) => string>> = {
  [nameIDFormats.unspecified]: (_needs, { device }) => device.userName,
  [nameIDFormats.emailAddress]: (_needs, { device }) => device.userName,
  [nameIDFormats.transient]: (needs) => `_${needs.randomId()}`,
  // Another one at each service provider, and for nobody who has no account yet.
  [nameIDFormats.persistent]: (needs, { organizationId, sp, user }) => {
    if (user === undefined) throw new SamlError('name_id', 'a persistent name needs an account');
    return needs.mac('persistent-name-id', `${organizationId} ${sp.entityId} ${user.id}`);
  },
};

const nameIDOf = (needs: AssertionNeeds, input: AssertionInput, issuer: string): NameID => {
  const format = input.asked.request.nameIDPolicy?.format ?? nameIDFormats.unspecified;
  const name = nameIDs[format];
  if (name === undefined) throw new SamlError('name_id', 'that NameIDPolicy Format is not offered');
  const value = name(needs, input);
  const opaque = format === nameIDFormats.persistent || format === nameIDFormats.transient;
  return opaque ? { value, format, nameQualifier: issuer, spNameQualifier: input.sp.entityId } : { value, format };
};

const attribute = (name: string, value: string): Attribute => ({
  name,
  nameFormat: attributeNameFormats.basic,
  values: [value],
});

/** The Response for a sign-in whose every check has passed. */
export const writeAssertionFor = (
  needs: AssertionNeeds,
  input: AssertionInput,
): { readonly response: string; readonly responseId: string; readonly assertionId: string; readonly sessionIndex: string } => {
  const { asked, sp, device, user, key } = input;
  const { request, assertionConsumerService } = asked;
  const now = needs.now();
  const issueInstant = new Date(now);
  const notOnOrAfter = new Date(now + VALID_SECONDS * 1000);
  const issuer = idpEntityId(needs.origin, input.organizationId);
  const [responseId, assertionId, sessionIndex] = [messageId(needs), messageId(needs), needs.randomId()];
  const response = writeResponse(
    {
      id: responseId,
      issueInstant,
      issuer,
      inResponseTo: request.id,
      destination: assertionConsumerService.location,
      status: { code: statusCodes.success },
      assertion: {
        id: assertionId,
        issueInstant,
        issuer,
        subject: nameIDOf(needs, input, issuer),
        subjectConfirmations: [
          {
            method: confirmationMethods.bearer,
            inResponseTo: request.id,
            recipient: assertionConsumerService.location,
            notOnOrAfter,
          },
        ],
        conditions: {
          notBefore: new Date(now - BEFORE_SECONDS * 1000),
          notOnOrAfter,
          audienceRestrictions: [[sp.entityId]],
          oneTimeUse: false,
          proxyRestriction: false,
        },
        authnStatement: {
          authnInstant: issueInstant,
          sessionIndex,
          sessionNotOnOrAfter: new Date(now + input.sessionSeconds * 1000),
          authnContextClassRef: authnContextClasses[device.evidence],
        },
        attributes: [
          attribute('userName', device.userName),
          attribute('displayName', user?.displayName ?? device.userName),
          attribute('deviceId', device.id),
          attribute('deviceEvidence', device.evidence),
          attribute('deviceKeyStorage', 'software'),
        ],
      },
    },
    { digest: needs.digest, assertionKey: key, ...(sp.wantResponseSigned ? { responseKey: key } : {}) },
  );
  return { response, responseId, assertionId, sessionIndex };
};
