/** The look of every page: one sheet, light and dark by the reader's own setting, first drawn for a phone. */
export const STYLE = `
:root{--paper:#f7f3ec;--card:#fffdf9;--ink:#2c2420;--quiet:#6f6259;--line:#e6dccf;--clay:#a8452a;--good:#4d7233;
--good-paper:#eef3e4;--warn:#9a5b06;--warn-paper:#fdf1da;--bad:#a52a1c;--bad-paper:#fbe9e4;--shadow:0 1px 2px #4b2e1a14,0 8px 24px -12px #4b2e1a2e}
@media(prefers-color-scheme:dark){:root{--paper:#1a1613;--card:#241e1a;--ink:#efe6db;--quiet:#a99a8c;--line:#3a302a;--clay:#e58a68;
--good:#a5cb82;--good-paper:#242c1b;--warn:#eab765;--warn-paper:#332817;--bad:#f0907c;--bad-paper:#3a211c;--shadow:none}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans",sans-serif;
-webkit-text-size-adjust:100%}
a{color:var(--clay);text-underline-offset:3px}
:focus-visible{outline:3px solid var(--clay);outline-offset:2px;border-radius:4px}
header,main,footer{max-width:66rem;margin:0 auto;padding:0 1rem}
header{display:flex;align-items:center;gap:.7rem;padding-top:1.1rem;padding-bottom:1rem}
header svg{width:2rem;height:2rem;flex:none}
header .brand{font:600 1.25rem/1 "Iowan Old Style","Palatino Linotype",Palatino,"Noto Serif",Georgia,serif;letter-spacing:.02em;text-decoration:none;color:inherit}
header .what{color:var(--quiet);font-size:.9rem;white-space:nowrap;overflow:hidden;text-overflow:ellipsis}
header nav a{text-decoration:none}header nav a:hover{text-decoration:underline}
header nav{margin-left:auto;display:flex;gap:1.1rem;font-size:.95rem}
h1,h2{font-family:"Iowan Old Style","Palatino Linotype",Palatino,"Noto Serif",Georgia,serif;font-weight:600;line-height:1.2;margin:0}
h1{font-size:1.75rem}h2{font-size:1.1rem;margin-bottom:.7rem}
p{margin:.4rem 0}
.state{border-radius:16px;padding:1.25rem 1.25rem 1.15rem;box-shadow:var(--shadow);border:1px solid var(--line);border-left:6px solid var(--tone);background:var(--tone-paper)}
.state h1{display:flex;align-items:center;gap:.6rem}
.state .dot{width:.8rem;height:.8rem;border-radius:50%;background:var(--tone);flex:none}
.ready{--tone:var(--good);--tone-paper:var(--good-paper)}
.starting,.stopping{--tone:var(--quiet);--tone-paper:var(--card)}
.degraded{--tone:var(--warn);--tone-paper:var(--warn-paper)}
.faulty{--tone:var(--bad);--tone-paper:var(--bad-paper)}
.state .quiet{color:var(--quiet);margin:.25rem 0 0}
.state ul{margin:.7rem 0 0;padding:0;list-style:none}
.state li{padding:.55rem 0;border-top:1px solid var(--line)}
.state li small{color:var(--quiet);display:block}
.links{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.9rem}
.links a{background:var(--card);border:1px solid var(--line);border-radius:99px;padding:.4rem .95rem;text-decoration:none;font-weight:550;overflow-wrap:anywhere}
.cards{column-gap:1rem;margin-top:1rem}
@media(min-width:46rem){.cards{columns:2}header,main,footer{padding-left:1.5rem;padding-right:1.5rem}}
@media(max-width:30rem){header nav{gap:.8rem}header .extra{display:none}}
.cards+.card{margin-top:1rem}
.card{break-inside:avoid;margin-bottom:1rem;background:var(--card);border:1px solid var(--line);border-radius:16px;padding:1.1rem 1.2rem;box-shadow:var(--shadow);min-width:0}
dl{margin:0;display:grid;grid-template-columns:minmax(6.5rem,max-content) minmax(0,1fr);gap:.35rem 1rem}
dt{color:var(--quiet)}dd{margin:0;overflow-wrap:anywhere}
.bar{margin:.2rem 0 .9rem}.bar:last-child{margin-bottom:0}
.bar p{display:flex;justify-content:space-between;gap:1rem;margin:0 0 .3rem}.bar p span:last-child{color:var(--quiet);text-align:right}
.bar svg{display:block;width:100%;height:.6rem;border-radius:99px;background:var(--line)}
.bar rect{fill:var(--good)}.bar .high rect{fill:var(--warn)}.bar .full rect{fill:var(--bad)}
.log li small{color:var(--quiet)}
.log{margin:0;padding:0;list-style:none;font:.82rem/1.45 ui-monospace,SFMono-Regular,Menlo,"Noto Sans Mono",monospace}
.log li{padding:.35rem 0;border-top:1px solid var(--line);overflow-wrap:anywhere}.log li:first-child{border-top:0}
.log time{color:var(--quiet);margin-right:.5rem}.log .fields{color:var(--quiet)}
.log .warn b{color:var(--warn)}.log .error b{color:var(--bad)}.log b{font-weight:600}
.steps{margin:0;padding:0;list-style:none}.steps li{padding:.55rem 0;border-top:1px solid var(--line)}.steps li:first-child{border-top:0;padding-top:0}.steps li:last-child{padding-bottom:0}
.steps b{display:block}
code,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,"Noto Sans Mono",monospace;font-size:.88em;overflow-wrap:anywhere}
code{background:color-mix(in srgb,var(--line) 60%,transparent);padding:.1em .35em;border-radius:5px}
details{margin-top:.8rem}summary{cursor:pointer;color:var(--clay)}
table{border-collapse:collapse;margin-top:.5rem;font-size:.85rem;width:100%}td,th{text-align:left;padding:.2rem .6rem .2rem 0;border-top:1px solid var(--line)}
th{color:var(--quiet);font-weight:500;border-top:0}
form.edit{display:grid;gap:.7rem}form.edit label{display:grid;gap:.2rem;color:var(--quiet);font-size:.9rem}
input,select,textarea,button{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--line);border-radius:8px;padding:.45rem .6rem;min-width:0}
textarea{font-family:ui-monospace,SFMono-Regular,Menlo,"Noto Sans Mono",monospace;font-size:.88em;min-height:5rem;resize:vertical}
button{cursor:pointer;background:var(--card);font-weight:550}button.main{background:var(--clay);border-color:var(--clay);color:var(--paper)}
td form,td button{display:inline}td button{font-size:.85em;padding:.15rem .5rem}td output{display:block}
output.done{color:var(--good)}output.refused{color:var(--bad)}output:empty{display:none}
@media(min-width:46rem){form.edit{grid-template-columns:2fr 1fr 1fr}form.edit .wide{grid-column:1/-1}}
footer{color:var(--quiet);font-size:.85rem;padding-top:.5rem;padding-bottom:2rem}
.center{max-width:34rem;margin:8vh auto 0}
`;
