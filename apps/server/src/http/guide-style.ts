/** The style of the pages below /docs, in the console's colors: no font, image or script from anywhere. */
export const guideStyle = `
:root { color-scheme: light dark; --text: #1b2422; --faint: #5f6b68; --line: #e2e7e5; --page: #fff; --side: #f7f9f8; --box: #f7f9f8; --link: #0b7566; --here: #d5efe8; }
@media (prefers-color-scheme: dark) { :root { --text: #dce3e1; --faint: #95a19e; --line: #2f3a38; --page: #111817; --side: #171f1e; --box: #171f1e; --link: #7bcebd; --here: #0a5f54; } }
* { box-sizing: border-box; }
html { scroll-padding-top: 1.5rem; }
body { margin: 0; font: 16px/1.6 system-ui, -apple-system, "Segoe UI", sans-serif; color: var(--text); background: var(--page); display: grid; grid-template-columns: 17rem minmax(0, 1fr); }
a { color: var(--link); text-underline-offset: .15em; } :focus-visible { outline: 2px solid var(--link); outline-offset: 2px; border-radius: 3px; }
nav { position: sticky; top: 0; height: 100vh; overflow: auto; padding: 1.5rem 1rem 2rem 1.5rem; background: var(--side); border-right: 1px solid var(--line); font-size: .9rem; line-height: 1.4; }
nav a { text-decoration: none; } nav a:hover { text-decoration: underline; }
.brand { font-size: 1.15rem; font-weight: 650; margin: 0 0 1rem; } .brand a { color: inherit; }
nav summary { cursor: pointer; font-weight: 600; padding: .35rem 0; }
nav ul { list-style: none; margin: 0 0 .5rem; padding: 0; } nav li a { display: block; color: inherit; padding: .3rem .6rem; border-radius: 4px; }
nav li a[aria-current] { background: var(--here); font-weight: 600; } nav li li a { color: var(--faint); padding-left: 1.4rem; }
.elsewhere { margin: 1.5rem 0 0; padding-top: 1rem; border-top: 1px solid var(--line); line-height: 1.9; }
main { padding: 2.5rem clamp(1.25rem, 5vw, 4rem) 6rem; max-width: 62rem; overflow-wrap: break-word; }
h1, h2, h3, h4 { line-height: 1.25; text-wrap: balance; } h1 { font-size: 2rem; margin: 0 0 1rem; } h2 { font-size: 1.4rem; margin: 2.75rem 0 .75rem; } h3 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
h2 a, h3 a, h4 a, h5 a, h6 a { color: inherit; text-decoration: none; } h2 a:hover, h3 a:hover, h4 a:hover { text-decoration: underline; }
li { margin: .3rem 0; } li > p { margin: .5rem 0; } ul, ol { padding-left: 1.4rem; }
code { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; font-size: .875em; background: var(--box); border: 1px solid var(--line); border-radius: 4px; padding: .1em .3em; overflow-wrap: anywhere; }
pre { background: var(--box); border: 1px solid var(--line); border-radius: 8px; padding: .9rem 1.1rem; overflow: auto; line-height: 1.5; }
pre code { background: none; border: 0; padding: 0; font-size: .86rem; overflow-wrap: normal; }
blockquote { margin: 1rem 0; padding: .1rem 1rem; border-left: 3px solid var(--link); color: var(--faint); }
.wide { overflow-x: auto; margin: 1rem 0; } table { border-collapse: collapse; min-width: 100%; font-size: .94rem; } th, td { text-align: left; vertical-align: top; padding: .5rem 1rem .5rem 0; border-top: 1px solid var(--line); min-width: 7rem; } td code { overflow-wrap: break-word; }
thead th { border-top: 0; color: var(--faint); font-weight: 600; font-size: .85rem; }
img { max-width: 100%; height: auto; border-radius: 8px; } hr { border: 0; border-top: 1px solid var(--line); margin: 2rem 0; }
@media (max-width: 56rem) { body { display: block; } nav { position: static; height: auto; border-right: 0; border-bottom: 1px solid var(--line); padding: .75rem 1.25rem .5rem; } nav li ul, .elsewhere { display: none; } .brand { margin: 0 0 .4rem; } main { padding-top: 1.5rem; } h1 { font-size: 1.6rem; } }
@media print { nav { display: none; } body { display: block; } }
`;
