import { Drawer } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../app/language.tsx';
import { texts } from './texts.ts';

/** What was opened from a list, beside it. That it is open stands in the URL. */
export const SideDrawer = ({
  title,
  wide = false,
  onClose,
  children,
}: {
  readonly title: ReactNode;
  /** For what holds a table. */
  readonly wide?: boolean;
  readonly onClose: () => void;
  readonly children: ReactNode;
}) => {
  const t = useTexts(texts);
  return (
    <Drawer
      opened
      onClose={onClose}
      title={title}
      position="right"
      size={wide ? '56rem' : '36rem'}
      padding="lg"
      overlayProps={{ backgroundOpacity: 0.25 }}
      closeButtonProps={{ 'aria-label': t.close }}
      styles={{ title: { fontWeight: 600, fontSize: '1rem', overflowWrap: 'anywhere' } }}
    >
      {children}
    </Drawer>
  );
};
