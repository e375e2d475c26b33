import { DeviceError, keepCollected, parseClaim } from '@latchkey/device';
import { DirectoryError, foldUserName } from '@latchkey/directory';
import { bindings, type Digest, nameIDFormats, type SigningKey, writeAuthnRequest, writePaosRequest } from '@latchkey/saml';
import { type CompiledSettings, route } from '@latchkey/settings';
import { idpSsoUrl, spAcsUrl, spEntityId } from './addresses.ts';
import type { RequestIds } from './request-id.ts';
import type { SignInStorage } from './store.ts';

export interface BeginSignInNeeds {
  readonly origin: string;
  readonly storage: Pick<SignInStorage, 'server'>;
  readonly activeSettings: (organizationId: string) => Promise<CompiledSettings | undefined>;
  readonly organizationKeys: (organizationId: string) => Promise<{ readonly spEc: SigningKey }>;
  readonly requestIds: RequestIds;
  readonly digest: Digest;
  readonly now: () => number;
}

/** Where the agent goes next. */
export type SignInStart =
  | {
      readonly kind: 'device';
      readonly paosRequest: string;
      readonly organizationId: string;
      readonly deviceId: string;
    }
  | { readonly kind: 'external'; readonly openUrl: string };

const readDomain = (userName: string): string => {
  try {
    return foldUserName(userName).domain;
  } catch (error) {
    if (error instanceof DirectoryError) throw new DeviceError('user_name_invalid', error.message);
    throw error;
  }
};

/**
 * Our own SP's first step: from the (unproven) claim to the IdP of its domain by the active settings, and a signed AuthnRequest that
 * repeats the claim. Nothing is believed here and nothing is written.
 */
export const beginSignIn = async (needs: BeginSignInNeeds, claimHeader: string): Promise<SignInStart> => {
  const claim = parseClaim(claimHeader);
  const domain = readDomain(claim.userName);
  const owner = await needs.storage.server.findDomain(domain);
  if (owner === undefined) throw new DeviceError('domain_not_proved', `domain ${domain}`);
  const { organizationId } = owner;
  const [organization, settings, { spEc }] = await Promise.all([
    needs.storage.server.findOrganization(organizationId),
    needs.activeSettings(organizationId),
    needs.organizationKeys(organizationId),
  ]);
  if (organization?.state !== 'active') throw new DeviceError('organization_suspended', `domain ${domain}`);
  const target = route(settings, domain);
  if (target.kind === 'external') return { kind: 'external', openUrl: target.idp.signInUrl };
  if (target.kind === 'none') {
    throw new DeviceError(target.reason === 'domain_unknown' ? 'domain_not_proved' : target.reason, `domain ${domain}`);
  }
  const issuer = spEntityId(needs.origin, organizationId, target.idp.id);
  const responseConsumerURL = spAcsUrl(needs.origin, organizationId, target.idp.id);
  const authnRequest = writeAuthnRequest(
    {
      id: needs.requestIds.create(organizationId, target.idp.id),
      issueInstant: new Date(needs.now()),
      issuer,
      destination: idpSsoUrl(needs.origin, organizationId),
      assertionConsumerServiceURL: responseConsumerURL,
      protocolBinding: bindings.paos,
      subject: { value: claim.userName, format: nameIDFormats.unspecified },
      nameIDPolicy: { format: nameIDFormats.unspecified, allowCreate: true },
      claim: { ...claim, parameters: keepCollected(claim.parameters, settings?.authenticationProfile.collectedParameters) },
    },
    { key: spEc, digest: needs.digest },
  );
  return {
    kind: 'device',
    paosRequest: writePaosRequest({ authnRequest, responseConsumerURL, issuer, isPassive: true }),
    organizationId,
    deviceId: claim.deviceId,
  };
};
