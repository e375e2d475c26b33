import { Anchor } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Actor } from '../../components/actor.tsx';
import { placeOf, shorten } from './places.ts';

/** An actor or subject: a person by name where that is known, a link where there is a page about it. */
export const Who = ({
  organization,
  who,
  short = false,
}: {
  readonly organization: string | undefined;
  readonly who: string;
  /** In a list: the end of an id tells it from others. */
  readonly short?: boolean;
}) => {
  const place = organization === undefined ? undefined : placeOf(who);
  const named =
    organization !== undefined && who.startsWith('administrator:') ? (
      <Actor organization={organization} actor={who} />
    ) : (
      <span title={short ? who : undefined}>{short ? shorten(who) : who}</span>
    );
  if (place === undefined) return named;
  return (
    <Anchor renderRoot={(props) => <Link to={`/o/${organization}/${place.path}`} search={{ open: place.open }} {...props} />}>
      {named}
    </Anchor>
  );
};
