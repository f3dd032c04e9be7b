// The style sheet of the page. It names no place outside the page and needs none; its hash stands in the page's policy.

import { paintRules, variables } from './palette.ts';

const layout = `
*{box-sizing:border-box}
html{scroll-behavior:smooth;scroll-padding-top:1rem;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--page);color:var(--text);font:15px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
code,pre,.seed{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.92em}
code{background:var(--sunken);border-radius:4px;padding:.1em .35em;overflow-wrap:anywhere}
a{color:var(--accent)}
.page{max-width:1264px;margin:0 auto;padding:20px}
.banner{background:var(--surface);border:1px solid var(--border);border-radius:14px;padding:20px 26px 18px;position:relative;overflow:hidden}
.banner::before{content:"";position:absolute;inset:0 0 auto 0;height:6px;background:var(--tone)}
.banner.good{--tone:var(--good)}.banner.bad{--tone:var(--bad)}.banner.info{--tone:var(--info)}
.eyebrow{margin:4px 0 14px;color:var(--muted);font-size:13px}
.verdict{display:flex;gap:18px;align-items:flex-start}
.verdict .icon{flex:none;margin-top:2px}
.word{margin:0;color:var(--tone);font-weight:700;font-size:14px;letter-spacing:.02em}
h1{margin:2px 0 0;font-size:22px;line-height:1.35;font-weight:650;overflow-wrap:anywhere;text-wrap:pretty}
.warnings{margin:16px 0 0;padding:10px 16px 10px 34px;background:var(--infoTint);border:1px solid var(--info);border-radius:8px}
.quiet-title{margin:18px 0 6px;font-size:13px;font-weight:600;color:var(--muted)}
.facts{display:flex;flex-wrap:wrap;gap:8px 34px;margin:0}
.facts dt{color:var(--muted);font-size:12.5px}
.facts dd{margin:0;font-size:19px;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.facts small{font-size:13px;font-weight:400;color:var(--muted)}
.below{display:grid;grid-template-columns:168px minmax(0,1fr);gap:20px;margin-top:20px}
nav{position:sticky;top:16px;align-self:start;font-size:14px}
nav ol{list-style:none;margin:0;padding:0}
nav a{display:block;padding:5px 10px;border-radius:7px;color:var(--muted);text-decoration:none}
nav a:hover{background:var(--sunken);color:var(--text)}
section{background:var(--surface);border:1px solid var(--border);border-radius:14px;padding:18px 24px 22px;margin:0 0 20px}
h2{margin:0 0 12px;font-size:19px}
h2 a{color:inherit;text-decoration:none}
h2 a:hover{text-decoration:underline}
h3{margin:22px 0 8px;font-size:16px}
h4{margin:18px 0 4px;font-size:14px}
section>h3:first-of-type{margin-top:4px}
p{margin:8px 0}
.lead{font-size:17px;overflow-wrap:anywhere}
.quiet{color:var(--muted);font-size:13.5px;max-width:100ch;text-wrap:pretty}
.violation+.violation{border-top:1px solid var(--border);margin-top:26px;padding-top:6px}
.violation>h3{color:var(--bad);font-size:18px;margin-top:4px}
.columns{display:grid;grid-template-columns:1fr 1fr;gap:0 36px}
.columns ol{margin:4px 0 0;padding-left:22px}
.columns li{margin:4px 0;overflow-wrap:anywhere}
.columns h4{margin-top:10px}
ul.plain{list-style:none;margin:2px 0;padding:0}
.scroll{overflow-x:auto;overscroll-behavior-x:contain;margin:8px 0;border-radius:8px}
.scroll:focus-visible,a:focus-visible,summary:focus-visible{outline:2px solid var(--accent);outline-offset:2px}
.picture{display:block;height:auto;max-width:none}
.picture.fit{width:100%;min-width:820px}
.swatch{vertical-align:-1px;flex:none}
.legend{display:flex;flex-wrap:wrap;gap:4px 22px;list-style:none;margin:8px 0;padding:0;font-size:13px;color:var(--muted)}
.legend svg{vertical-align:-3px}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;font-weight:600;padding:8px 0 6px;font-size:14px}
th,td{text-align:left;vertical-align:top;padding:6px 14px 6px 0;border-bottom:1px solid var(--border)}
th{font-weight:600;color:var(--muted);font-size:12.5px;white-space:nowrap}
td{overflow-wrap:anywhere;min-width:6.5em}
td.n{min-width:0}
.unseen{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
.badge{display:inline-flex;align-items:center;gap:6px;padding:1px 9px 1px 4px;border-radius:99px;font-size:13px;font-weight:600;white-space:nowrap}
.badge.good{background:var(--goodTint);color:var(--good)}
.badge.bad{background:var(--badTint);color:var(--bad)}
.badge.info{background:var(--infoTint);color:var(--info)}
.badge.plain{background:var(--sunken);color:var(--muted)}
.bad-text{color:var(--bad)}
.tree{list-style:none;margin:0;padding:0}
.tree .tree{margin:6px 0 4px 11px;padding-left:16px;border-left:2px solid var(--border)}
.tree li{margin:7px 0;overflow-wrap:anywhere}
.names{columns:5 120px;list-style:none;margin:6px 0;padding:0}
details{margin:8px 0}
summary{cursor:pointer;color:var(--accent);font-size:14px}
pre{margin:8px 0;padding:12px 14px;background:var(--sunken);border-radius:8px;white-space:pre-wrap;overflow-wrap:anywhere;max-height:30rem;overflow-y:auto}
.command{border-left:4px solid var(--accent);user-select:all}
.note{padding:10px 14px;border:1px solid var(--info);background:var(--infoTint);border-radius:8px}
.problems li{margin:6px 0;overflow-wrap:anywhere;white-space:pre-line}
.evidence{font-size:13px;min-width:220px}
footer{color:var(--muted);font-size:13px;text-align:center;padding:4px 0 12px}
@media (max-width:1000px){
.below{display:block}
nav{position:static;margin-bottom:16px}
nav ol{display:flex;flex-wrap:wrap;gap:6px}
nav a{background:var(--surface);border:1px solid var(--border)}
}
@media (max-width:640px){
.page{padding:10px}
.banner{padding:16px 16px 14px}
section{padding:14px 16px 18px}
.verdict{gap:12px}
.verdict .icon{width:36px;height:36px}
h1{font-size:18px}
.columns{grid-template-columns:1fr}
.facts{display:grid;grid-template-columns:1fr 1fr;gap:10px 14px}
.facts small{display:block}
table{width:auto;min-width:100%}
.stacked,.stacked tbody,.stacked tr,.stacked td{display:block}
.stacked thead{display:none}
.stacked tr{border-bottom:1px solid var(--border);padding:8px 0}
.stacked td{border:0;padding:1px 0 1px 8em;position:relative;text-align:left;white-space:normal;min-height:1.5em}
.stacked td::before{content:attr(data-label);position:absolute;left:0;color:var(--muted);font-size:12.5px}
.stacked td:empty{display:none}
.evidence{min-width:0}
}
@media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
@media (forced-colors:active){svg{forced-color-adjust:none;background:var(--surface)}}
`;

const print = `
@media print{
body{font-size:11px;background:var(--surface)}
.page{padding:0;max-width:none}
nav{display:none}
.below{display:block}
section,.banner{border:0;border-top:1px solid var(--border);border-radius:0;padding:8px 0}
.scroll{overflow:visible}
.picture,.picture.fit{width:auto;max-width:100%;min-width:0}
pre{max-height:none}
h2,h3,h4,caption{break-after:avoid}
tr,.picture,.facts{break-inside:avoid}
details::details-content{content-visibility:visible;block-size:auto}
*{print-color-adjust:exact;-webkit-print-color-adjust:exact}
}
`;

export const style = `:root{color-scheme:light;${variables('light')}}
@media screen and (prefers-color-scheme:dark){:root{color-scheme:dark;${variables('dark')}}}
${layout.trim()}
${paintRules()}
${print.trim()}
`;
