import type { OrganizationView } from '@latchkey/contract';
import { Kbd, Menu, UnstyledButton } from '@mantine/core';
import { IconBuilding, IconChevronDown, IconSearch, IconServerCog, IconUserCircle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useRouterState } from '@tanstack/react-router';
import { call, type Page } from '../api.ts';
import { useTexts } from '../language.tsx';
import mark from '../mark.svg';
import { useSession } from '../session.ts';
import { AccountMenu } from './account-menu.tsx';
import type { AreaPage } from './areas.ts';
import { openPalette } from './palette.ts';
import classes from './rail.module.css';
import { texts } from './texts.ts';
import { useAreas } from './use-areas.ts';

const isApple = /Mac|iPhone|iPad/.test(navigator.platform);

const OrganizationSwitcher = ({ organization }: { readonly organization: string | undefined }) => {
  const t = useTexts(texts);
  const session = useSession();
  const isOperator = session.administrator?.organizationId === null;
  const organizations = useQuery({
    queryKey: ['organizations'],
    queryFn: ({ signal }) => call<Page<OrganizationView>>('GET', '/organizations?limit=200', { signal }),
    enabled: isOperator,
  });
  const all = organizations.data?.items ?? [];
  if (!isOperator) return <div className={classes.organization}>{session.organization?.name}</div>;
  const current = all.find(({ id }) => id === organization);
  return (
    <Menu width={216} position="bottom-start" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <UnstyledButton className={classes.switch}>
          {current === undefined ? <IconServerCog size={16} /> : <IconBuilding size={16} />}
          <span>{current?.name ?? t.operator}</span>
          <IconChevronDown size={14} />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<IconServerCog size={16} />} renderRoot={(props) => <Link to="/operator" {...props} />}>
          {t.operator}
        </Menu.Item>
        <Menu.Divider />
        {all.map(({ id, name }) => (
          <Menu.Item
            key={id}
            leftSection={<IconBuilding size={16} />}
            renderRoot={(props) => <Link to="/operator/organizations/$id" params={{ id }} {...props} />}
          >
            {name}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
};

/** The left rail: whose organization, search, areas, account. */
export const Rail = ({ organization }: { readonly organization: string | undefined }) => {
  const t = useTexts(texts);
  const here = useRouterState({ select: ({ location }) => location.pathname.replace(/\/$/, '') });
  const { base, areas } = useAreas(organization);
  const holds = ({ path }: AreaPage): boolean => here === base + path || (path !== '' && here.startsWith(`${base}${path}/`));
  return (
    <nav className={classes.rail} aria-label={t.navigation}>
      <div className={classes.brand}>
        <img src={mark} alt="" width="24" height="24" />
        <span>Latchkey</span>
      </div>
      <OrganizationSwitcher organization={organization} />
      <UnstyledButton className={classes.search} onClick={openPalette}>
        <IconSearch size={15} />
        <span>{t.search}</span>
        <Kbd size="xs">{isApple ? '⌘K' : 'Ctrl K'}</Kbd>
      </UnstyledButton>
      <ul className={classes.areas}>
        {areas.map(({ name, icon: Icon, visible }) => {
          const [first, ...others] = visible;
          if (first === undefined) return null;
          const inside = visible.some(holds);
          return (
            <li key={name}>
              <Link
                to={base + first.path}
                className={classes.area}
                data-inside={inside || undefined}
                activeOptions={{ exact: true, includeSearch: false }}
              >
                <Icon size={18} stroke={1.7} />
                {t.areas[name]}
              </Link>
              {inside && others.length > 0 && (
                <ul className={classes.pages}>
                  {visible.map((page) => (
                    <li key={page.name}>
                      <Link to={base + page.path} className={classes.page} activeOptions={{ exact: true, includeSearch: false }}>
                        {t.areas[page.name]}
                      </Link>
                    </li>
                  ))}
                </ul>
              )}
            </li>
          );
        })}
      </ul>
      <AccountMenu icon={<IconUserCircle size={20} stroke={1.6} />} />
    </nav>
  );
};
