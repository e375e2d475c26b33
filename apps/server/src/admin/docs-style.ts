/** The style of the page at /api/docs: no font, image or script from anywhere. */
export const docsStyle = `
:root { color-scheme: light dark; --text: #1d2433; --faint: #5b6476; --line: #dfe3ea; --page: #fff; --side: #f6f7f9; --box: #f6f7f9; --link: #1b5bbf;
  --get: #1a6e3c; --post: #1b5bbf; --put: #8a5a00; --patch: #8a5a00; --delete: #b3261e; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7ee; --faint: #9aa4b8; --line: #2c3342; --page: #12151c; --side: #171b24; --box: #1a1f2a; --link: #8ab4f8;
  --get: #7ccf9a; --post: #8ab4f8; --put: #e0b252; --patch: #e0b252; --delete: #f2938c; } }
* { box-sizing: border-box; }
html { scroll-behavior: smooth; scroll-padding-top: 1rem; }
@media (prefers-reduced-motion: reduce) { html { scroll-behavior: auto; } }
body { margin: 0; font: 15px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--text); background: var(--page); display: grid; grid-template-columns: 19rem minmax(0, 1fr); }
a { color: var(--link); text-decoration: none; } a:hover, a:focus-visible { text-decoration: underline; }
code, .path { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .9em; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.5rem 1rem 2rem 1.5rem; background: var(--side); border-right: 1px solid var(--line); font-size: .9em; }
nav h1 { font-size: 1.15rem; margin: 0; } nav .version { color: var(--faint); margin: 0 0 1rem; }
nav details { margin: .25rem 0; } nav summary { cursor: pointer; font-weight: 600; padding: .2rem 0; }
nav ul { list-style: none; margin: 0 0 .5rem; padding: 0; } nav li a { display: flex; gap: .5rem; padding: .18rem .4rem; border-radius: 4px; color: inherit; line-height: 1.35; }
nav li a:hover, nav li a:focus-visible { background: var(--line); text-decoration: none; }
nav .method { flex: 0 0 3.4rem; }
main { padding: 2rem clamp(1rem, 4vw, 3.5rem) 6rem; max-width: 72rem; }
main > p { max-width: 48rem; }
h2 { font-size: 1.5rem; margin: 3rem 0 .5rem; padding-bottom: .4rem; border-bottom: 1px solid var(--line); }
h3 { font-size: 1.05rem; margin: 0; } h4 { font-size: .8rem; margin: 1.1rem 0 .3rem; color: var(--faint); text-transform: uppercase; letter-spacing: .05em; }
article { border: 1px solid var(--line); border-radius: 8px; margin: 1rem 0; padding: 1rem 1.25rem 1.1rem; } article:target { border-color: var(--link); box-shadow: 0 0 0 1px var(--link); }
article p { margin: .5rem 0; max-width: 48rem; }
.line { display: flex; flex-wrap: wrap; gap: .3rem .7rem; align-items: baseline; margin-top: .35rem; }
.method { font: 700 .78rem ui-monospace, Menlo, Consolas, monospace; } .get { color: var(--get); } .post { color: var(--post); } .put { color: var(--put); } .patch { color: var(--patch); } .delete { color: var(--delete); }
.path { overflow-wrap: anywhere; } .path b { font-weight: 600; color: var(--faint); }
.chip { font-size: .78rem; color: var(--faint); border: 1px solid var(--line); border-radius: 99px; padding: .05rem .6rem; white-space: nowrap; }
table { border-collapse: collapse; width: 100%; font-size: .92em; } td { border-top: 1px solid var(--line); padding: .4rem .8rem .4rem 0; vertical-align: top; overflow-wrap: anywhere; }
tr:first-child td { border-top: 0; } td:first-child { width: 24%; } td:nth-child(2) { width: 30%; color: var(--faint); } td .needed { color: var(--delete); font-size: .85em; }
td table { margin: .2rem 0 0; } .faint { color: var(--faint); } .status { font-weight: 600; }
@media (max-width: 60rem) { body { display: block; } nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); } td:first-child, td:nth-child(2) { width: auto; } }
`;
