import { notifications } from '@mantine/notifications';
import { createElement } from 'react';
import { useTexts } from '../app/language.tsx';
import { Problem } from './problem.tsx';
import { texts } from './texts.ts';
import { UndoMessage } from './undo-message.tsx';

/** So long something can be taken back, in milliseconds. */
const UNDO = 12_000;

/** Says in passing that something was done, and takes it back where that is given. What needs an answer is no notification. */
export const useNotify = (): ((message: string, undo?: () => Promise<unknown>) => void) => {
  const t = useTexts(texts);
  const closeButtonProps = { 'aria-label': t.close };
  return (message, undo) => {
    if (undo === undefined) {
      notifications.show({ message, closeButtonProps });
      return;
    }
    const takeBack = async () => {
      notifications.hide(id);
      try {
        await undo();
      } catch (error) {
        const why = createElement(Problem, { error });
        notifications.show({ color: 'red', title: t.notUndone, message: why, autoClose: false, closeButtonProps });
      }
    };
    const offer = createElement(UndoMessage, { message, onUndo: () => void takeBack() });
    const id = notifications.show({ message: offer, autoClose: UNDO, closeButtonProps });
  };
};
