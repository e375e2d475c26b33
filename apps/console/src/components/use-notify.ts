import { notifications } from '@mantine/notifications';
import { useTexts } from '../app/language.tsx';
import { texts } from './texts.ts';

/** Says in passing that something was done. What needs an answer is no notification. */
export const useNotify = (): ((message: string) => void) => {
  const t = useTexts(texts);
  return (message) => {
    notifications.show({ message, closeButtonProps: { 'aria-label': t.close } });
  };
};
