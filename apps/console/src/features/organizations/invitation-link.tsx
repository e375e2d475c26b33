import type { CreatedInvitationView } from '@latchkey/contract';
import { Button, Stack, Text } from '@mantine/core';
import { call } from '../../app/api.ts';
import { useTexts } from '../../app/language.tsx';
import { Secret } from '../../components/secret.tsx';
import { texts } from './texts.ts';

/** The link of an invitation, shown once; who invites an address of one's own goes on with it here. */
export const InvitationLink = ({
  invitation,
  onStored,
}: {
  readonly invitation: CreatedInvitationView;
  readonly onStored: () => void;
}) => {
  const t = useTexts(texts);
  return (
    <Stack>
      <Text>{t.inviteText(invitation.userName)}</Text>
      <Secret value={invitation.link} name={`${invitation.id}.txt`} onStored={onStored}>
        <div>
          <Button
            variant="default"
            onClick={async () => {
              await call('POST', '/console/sign-out');
              location.assign(invitation.link);
            }}
          >
            {t.openHere}
          </Button>
          <Text size="sm" c="dimmed" mt={4}>
            {t.openHereText}
          </Text>
        </div>
      </Secret>
    </Stack>
  );
};
