import { useQueryClient } from '@tanstack/react-query';
import { directoryKey } from './paths.ts';

/** Has everything that shows the directory asked anew. */
export const useDirectoryChanged = (organization: string): (() => Promise<void>) => {
  const queryClient = useQueryClient();
  return () => queryClient.invalidateQueries({ queryKey: directoryKey(organization) });
};
