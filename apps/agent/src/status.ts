import { type DeviceState, optionalParameterNames } from '@latchkey/device';
import { EXIT } from './errors.ts';
import type { AgentState } from './state.ts';
import { AGENT_VERSION } from './version.ts';

const exitCodes: Readonly<Record<DeviceState, number>> = {
  registered: EXIT.ok,
  unregistered: EXIT.ok,
  pending: EXIT.pending,
  denied: EXIT.refused,
  quarantined: EXIT.refused,
  removal_pending: EXIT.notEnrolled,
  removed: EXIT.notEnrolled,
};

/** How the device stood when the server was last asked; asks nobody. For people, scripts and compliance rules. */
export const describeStatus = (
  state: AgentState,
): { readonly line: string; readonly json: object; readonly exitCode: number } => {
  if (state.kind !== 'enrolled') {
    const line = state.kind === 'removed' ? `removed: device ${state.deviceId} at ${state.origin}, ${state.at}` : 'not enrolled';
    return {
      line,
      json: { status: state.kind === 'none' ? 'not_enrolled' : 'removed', agentVersion: AGENT_VERSION },
      exitCode: EXIT.notEnrolled,
    };
  }
  const { session, collect } = state;
  const withheld = collect === undefined ? [] : optionalParameterNames.filter((name) => !collect.includes(name));
  const signIn = state.signedOut
    ? 'signed out here'
    : session === undefined
      ? 'not signed in yet'
      : `session ${session.id} until ${session.expiresAt}`;
  return {
    line: `${state.status}: ${state.userName} on device ${state.deviceId} at ${state.origin}, evidence ${state.evidence}, ${signIn}${
      withheld.length === 0 ? '' : `; not collected: ${withheld.join(', ')}`
    }`,
    json: {
      status: state.status,
      userName: state.userName,
      deviceId: state.deviceId,
      origin: state.origin,
      organization: state.organization,
      evidence: state.evidence,
      keyThumbprint: state.jkt,
      signedOut: state.signedOut,
      session: session ?? null,
      lastSignInAt: state.lastSignInAt ?? null,
      lastKeepaliveAt: state.lastKeepaliveAt ?? null,
      notCollected: withheld,
      agentVersion: AGENT_VERSION,
    },
    exitCode: exitCodes[state.status],
  };
};
