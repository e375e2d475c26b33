import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const petrol: MantineColorsTuple = [
  '#edf8f5',
  '#d5efe8',
  '#a9dfd3',
  '#7bcebd',
  '#52bda9',
  '#2fa994',
  '#158f7c',
  '#0b7566',
  '#0a5f54',
  '#084a42',
];

/** Neutral with a breath of the same green, so that nothing stands beside it as foreign. */
const gray: MantineColorsTuple = [
  '#f7f9f8',
  '#eff2f1',
  '#e2e7e5',
  '#d0d7d5',
  '#b1bbb8',
  '#84908d',
  '#5f6b68',
  '#465250',
  '#2f3937',
  '#1b2422',
];
const dark: MantineColorsTuple = [
  '#dce3e1',
  '#b6c0bd',
  '#95a19e',
  '#6d7a77',
  '#43504d',
  '#2f3a38',
  '#232d2b',
  '#171f1e',
  '#111817',
  '#0b1110',
];
const brass: MantineColorsTuple = [
  '#fdf7e7',
  '#f9ecc9',
  '#f1d88f',
  '#e8c253',
  '#deae28',
  '#c49310',
  '#9b730a',
  '#775707',
  '#5c4306',
  '#433105',
];

const red: MantineColorsTuple = [
  '#fdf0ee',
  '#f9dcd8',
  '#f2b7b0',
  '#eb9086',
  '#e46c60',
  '#d95246',
  '#cb3f34',
  '#b92f26',
  '#98251d',
  '#741b15',
];

const sans = '"Geist Variable", system-ui, -apple-system, "Segoe UI", sans-serif';

export const theme = createTheme({
  colors: { petrol, gray, dark, brass, red },
  primaryColor: 'petrol',
  // White on it reads well (WCAG AA) in both schemes.
  primaryShade: 7,
  fontFamily: sans,
  fontFamilyMonospace: '"Geist Mono Variable", ui-monospace, "SF Mono", Menlo, monospace',
  headings: { fontFamily: sans, fontWeight: '600' },
  fontSizes: { xs: '0.75rem', sm: '0.8125rem', md: '0.875rem', lg: '1rem', xl: '1.125rem' },
  lineHeights: { xs: '1.4', sm: '1.45', md: '1.5', lg: '1.5', xl: '1.5' },
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '14px' },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Anchor: { defaultProps: { underline: 'always' } },
    Badge: { defaultProps: { tt: 'none', fw: 550 } },
    Modal: { styles: { title: { fontSize: '1rem', fontWeight: 600 } } },
  },
  shadows: {
    xs: '0 1px 2px rgb(16 32 28 / 6%)',
    sm: '0 1px 3px rgb(16 32 28 / 9%)',
    md: '0 6px 20px -6px rgb(16 32 28 / 18%)',
    xl: '0 24px 60px -16px rgb(16 32 28 / 32%)',
  },
});

export const cssVariables: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#ffffff',
    '--mantine-color-text': '#1b2422',
    '--mantine-color-dimmed': '#5f6b68',
    '--mantine-color-placeholder': '#6c7875',
    '--mantine-color-error': '#b3261e',
    '--mantine-color-anchor': '#0a6a5d',
    '--surface': '#ffffff',
    '--canvas': '#f6f8f7',
    '--line': '#e2e7e5',
    '--line-strong': '#c9d1cf',
    '--line-field': '#87938f',
    '--rail': '#0f211d',
    '--good': '#1d7a3e',
    '--warn': '#8a5a00',
    '--bad': '#b3261e',
    '--calm': '#5f6b68',
  },
  dark: {
    '--mantine-color-body': '#151d1b',
    '--mantine-color-text': '#dce3e1',
    '--mantine-color-dimmed': '#98a4a1',
    '--mantine-color-placeholder': '#8a9693',
    '--mantine-color-error': '#ff8f85',
    '--mantine-color-anchor': '#63cdb8',
    '--surface': '#19221f',
    '--canvas': '#111816',
    '--line': '#29332f',
    '--line-strong': '#3a4642',
    '--line-field': '#6b7976',
    '--rail': '#0b110f',
    '--good': '#62cb85',
    '--warn': '#e8c253',
    '--bad': '#ff8f85',
    '--calm': '#98a4a1',
  },
});
