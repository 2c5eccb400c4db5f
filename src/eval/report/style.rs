//! How does a page look? On a screen, on a phone, on paper, and in the dark.

/// The style sheet of every page; it needs no other file.
pub(super) const STYLE: &str = "
:root{color-scheme:light dark;--ink:#1b1b1b;--paper:#fff;--soft:#5a5a5a;--line:#c9c9c9;--band:#f2f4f6;
--good:#00694d;--bad:#a33f00}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--paper:#15181b;--soft:#a9adb1;--line:#474c51;--band:#20252a;
--good:#35c79b;--bad:#ff9a5c}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
body{margin:0 auto;padding:1rem;max-width:72rem;background:var(--paper);color:var(--ink);
font:1rem/1.5 system-ui,-apple-system,'Segoe UI',Roboto,'Liberation Sans',sans-serif}
h1{font-size:1.6rem;line-height:1.25;margin:.5rem 0;overflow-wrap:anywhere}
h2{font-size:1.3rem;margin:2.5rem 0 .5rem;padding-top:.5rem;border-top:2px solid var(--line);overflow-wrap:anywhere}
h3{font-size:1.05rem;margin:1.5rem 0 .5rem;overflow-wrap:anywhere}
p,li{max-width:46rem;overflow-wrap:anywhere}
a{color:inherit}
.soft{color:var(--soft)}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;list-style:none}
.verdicts{padding:0;list-style:none;margin:.5rem 0}
.verdicts li{padding:.15rem 0 .15rem 1.6rem;position:relative}
.verdicts li::before{position:absolute;left:.2rem;content:'\\2013';font-weight:700}
.verdicts .leader{font-weight:600}
.verdicts .leader::before{content:'\\2605'}
.verdicts .above::before{content:'\\25B2';color:var(--good)}
.verdicts .below::before{content:'\\25BC';color:var(--bad)}
.verdicts .not_shown::before{content:'?'}
.verdicts .same::before{content:'='}
.scroll{overflow-x:auto;max-width:100%;margin:0 0 .5rem}
.scroll:focus-visible{outline:2px solid}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.92rem}
.caption{color:var(--soft);font-size:.92rem;margin:.5rem 0 .2rem}
th,td{padding:.3rem .7rem;text-align:right;border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap}
th{text-align:left;font-weight:600}
thead th{background:var(--band);text-align:right}
thead th:first-child,thead th.left{text-align:left}
td.text{text-align:left;white-space:normal;min-width:16rem;overflow-wrap:anywhere}
td.code{text-align:left;white-space:normal;min-width:11rem;overflow-wrap:anywhere;font-size:.85rem;
font-family:ui-monospace,'Liberation Mono',monospace}
.best{font-weight:700}
.shown{font-weight:700}
.plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,22rem),1fr));gap:1rem 1.5rem;margin:1rem 0}
figure{margin:0;min-width:0;max-width:34rem}
.wide figure{max-width:46rem}
figcaption{font-size:.92rem;overflow-wrap:anywhere}
svg{display:block;width:100%;max-width:100%;height:auto}
footer{margin-top:3rem;border-top:2px solid var(--line);color:var(--soft);font-size:.85rem}
@media(max-width:30rem){body{padding:.75rem}h1{font-size:1.35rem}th,td{padding:.3rem .5rem}}
@media print{:root{color-scheme:light;--ink:#000;--paper:#fff;--soft:#444;--line:#999;--band:#eee;--good:#00694d;
--bad:#a33f00}
@page{margin:15mm}
html{font-size:9.5pt}body{max-width:none;padding:0}nav{display:none}
.page{break-before:page}h2,h3,.caption,figcaption{break-after:avoid}
tr,figure,.verdicts li{break-inside:avoid}thead{display:table-header-group}
.scroll{overflow:visible}table{font-size:8pt}th,td{padding:.15rem .35rem}th{white-space:normal}
td.text{min-width:0}td.code{min-width:0;font-size:7pt}
.plots{grid-template-columns:1fr 1fr}}
";
