import { Text } from '@mantine/core';

/** Of several lines, if need be. */
export const Comments = ({ children }: { readonly children: string }) => (
  <Text component="span" style={{ whiteSpace: 'pre-wrap' }}>
    {children}
  </Text>
);
