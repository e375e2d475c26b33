import { Stack } from '@mantine/core';
import { useTexts } from '../../../app/language.tsx';
import { Page } from '../../../components/page.tsx';
import { OwnBrowsers } from './own-browsers.tsx';
import { OwnPasskeys } from './own-passkeys.tsx';
import { OwnPassword } from './own-password.tsx';
import { OwnRecoveryCodes } from './own-recovery-codes.tsx';
import { OwnTotp } from './own-totp.tsx';
import { texts } from './texts.ts';

/** One's own account: what one signs in with, and where one is signed in. */
export const AccountPage = () => {
  const t = useTexts(texts);
  return (
    <Page title={t.title} description={t.description} guide="administrators#signing-in" narrow>
      <Stack gap="lg">
        <OwnPassword />
        <OwnPasskeys />
        <OwnTotp />
        <OwnRecoveryCodes />
        <OwnBrowsers />
      </Stack>
    </Page>
  );
};
