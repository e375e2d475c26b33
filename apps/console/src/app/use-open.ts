import { useNavigate, useParams, useSearch } from '@tanstack/react-router';

/** `open` of a page's address. */
export const openSearch = ({ open }: Record<string, unknown>): { readonly open?: string } =>
  typeof open === 'string' ? { open } : {};

/** What is open on a page, by its id or `new`, as the URL has it; and how to open something else, or (undefined) close. */
export const useOpen = (): readonly [open: string | undefined, show: (id: string | undefined) => void] => {
  const { open } = useSearch({ strict: false });
  const navigate = useNavigate();
  return [open, (id) => void navigate({ to: '.', search: id === undefined ? {} : { open: id } })];
};

/** Whose page this is: an organization's, or (undefined) the operators'. */
export const useOrganization = (): string | undefined => useParams({ strict: false }).organization;
