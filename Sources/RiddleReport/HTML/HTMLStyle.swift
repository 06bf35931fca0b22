/// The page's one style sheet and one script, both inline.
enum HTMLStyle {
  /// Light by default, dark when the reader's system says so, black on white on paper. One accent colour.
  static let sheet = """
    :root{color-scheme:light dark;--bg:#fcfbf8;--ink:#1f2328;--soft:#5a616b;--line:#dcd9d1;--faint:#f3f1eb;
    --accent:#0b6a72;--band:#0b6a7226;--serif:"Iowan Old Style","Palatino Linotype",Palatino,"Book Antiqua",Georgia,serif;
    --sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
    --mono:ui-monospace,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace}
    @media(prefers-color-scheme:dark){:root{--bg:#15181b;--ink:#e6e4de;--soft:#a3a9b1;--line:#343a40;--faint:#1d2125;
    --accent:#62c6c9;--band:#62c6c92e}}
    *{box-sizing:border-box}
    html{-webkit-text-size-adjust:100%;text-size-adjust:100%}
    body{margin:0;background:var(--bg);color:var(--ink);font:16px/1.6 var(--sans);font-variant-numeric:tabular-nums lining-nums}
    main,header,footer{max-width:68rem;margin:0 auto;padding:0 1.75rem}
    header{padding-top:3.5rem}footer{padding-bottom:4rem;color:var(--soft);font-size:.875rem}
    h1,h2,h3{font-family:var(--serif);font-weight:600;line-height:1.25;text-wrap:balance}
    h1{font-size:1.15rem;color:var(--soft);margin:0 0 1.25rem;overflow-wrap:anywhere}
    h2{font-size:1.5rem;margin:4rem 0 .5rem}
    h3{font-size:1.1rem;margin:2.25rem 0 .5rem}
    p{margin:.5rem 0 1rem;max-width:44rem;text-wrap:pretty}
    .lead{color:var(--soft);margin-top:0}
    a{color:var(--accent);text-underline-offset:.18em;text-decoration-thickness:1px}
    a:focus-visible,button:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:2px solid var(--accent);outline-offset:3px}
    .skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:1rem;background:var(--bg);padding:.5rem 1rem}
    .verdict{font:500 1.75rem/1.4 var(--serif);max-width:52rem;margin:0 0 .75rem;overflow-wrap:anywhere;text-wrap:pretty}
    .wall{font-size:1.0625rem;max-width:52rem;margin:0 0 1rem;overflow-wrap:anywhere}
    .word{color:var(--accent);font-weight:700;letter-spacing:.04em}
    .ci{color:var(--soft);white-space:nowrap}
    nav ul{display:flex;flex-wrap:wrap;gap:.35rem 1.25rem;list-style:none;padding:0;margin:1.75rem 0 0;font-size:.875rem}
    .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.25rem,1fr));gap:1.75rem 1.5rem;margin:1.25rem 0 1.5rem}
    .figures div{border-top:2px solid var(--ink);padding-top:.6rem}
    .figures dt{font-size:.875rem;color:var(--soft)}
    .figures dd{margin:0}
    .figures .big{font:500 1.9rem/1.25 var(--serif)}
    .figures .ci,.figures .why{display:block;font-size:.875rem;color:var(--soft);white-space:normal}
    .scroll{overflow-x:auto;margin:1rem 0 1.25rem}
    table{border-collapse:collapse;font-size:.9375rem;line-height:1.4}
    .wide{width:100%}
    caption{caption-side:top;text-align:left;font-weight:600;padding:0 0 .5rem}
    th,td{padding:.45rem .65rem;border-bottom:1px solid var(--line);text-align:right;vertical-align:top}
    th:first-child,td:first-child,th.text,td.text{text-align:left}
    th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
    thead th{border-bottom:1.5px solid var(--ink);font-weight:600;vertical-align:bottom;font-size:.875rem}
    tbody th{font-weight:500;overflow-wrap:anywhere;min-width:7.5rem}
    td .ci{display:block;font-size:.8125rem}td.text .ci{display:inline}
    td .kind,th .kind{display:block;font-size:.8125rem;font-weight:400;color:var(--soft)}
    tr.router>th{color:var(--accent);font-weight:650}
    tr.rule>*{border-top:2px solid var(--ink)}
    td.none{color:var(--soft);text-align:left}
    td.hit{font-weight:650}
    .matrix td,.matrix th{padding:.5rem .9rem}.matrix th:first-child{padding:.5rem 1.25rem .5rem 0}
    .t1{background:color-mix(in srgb,var(--accent) 5%,transparent)}.t2{background:color-mix(in srgb,var(--accent) 11%,transparent)}
    .t3{background:color-mix(in srgb,var(--accent) 18%,transparent)}.t4{background:color-mix(in srgb,var(--accent) 26%,transparent)}
    thead button{all:unset;cursor:pointer;font:inherit}thead button::after{content:" \\2195";color:var(--soft)}
    [aria-sort=ascending] button::after{content:" \\2191";color:var(--accent)}
    [aria-sort=descending] button::after{content:" \\2193";color:var(--accent)}
    .foot{font-size:.8125rem;color:var(--soft);padding-left:1.25rem;margin:.25rem 0 1rem;max-width:52rem}
    figure{margin:1.25rem 0}figcaption{font-size:.875rem;color:var(--soft);max-width:44rem}
    svg{display:block;width:100%;height:auto;font:12px var(--sans);font-variant-numeric:tabular-nums}
    .chart{max-width:64.5rem;min-width:34rem}.square{max-width:25rem;min-width:18rem}
    svg text{fill:var(--ink)}svg .soft{fill:var(--soft)}svg .strong{font-weight:650;fill:var(--accent)}
    svg .halo{paint-order:stroke;stroke:var(--bg);stroke-width:4px;stroke-linejoin:round}
    .grid{stroke:var(--line);stroke-width:1}.axis{stroke:var(--soft);stroke-width:1}
    .line{fill:none;stroke:var(--accent);stroke-width:2.25;stroke-linejoin:round;stroke-linecap:round}
    .other{fill:none;stroke:var(--ink);stroke-width:1.5}.o1{stroke-dasharray:8 3}.o2{stroke-dasharray:8 3 2 3}.o3{stroke-dasharray:3 3}
    .base{fill:none;stroke:var(--soft);stroke-width:1.5;stroke-dasharray:6 4}.b1{stroke-dasharray:2 4 6 4}.b2{stroke-dasharray:10 4 2 4}
    .frontier{fill:none;stroke:var(--ink);stroke-width:1;stroke-opacity:.55}
    .random{fill:none;stroke:var(--soft);stroke-width:1.5;stroke-dasharray:1 5;stroke-linecap:round}
    .band{fill:var(--band)}
    .dot{fill:var(--accent);stroke:var(--bg);stroke-width:2}.dot.more{fill:var(--ink)}.whisker.more{stroke:var(--ink)}.ring{fill:var(--bg);stroke:var(--ink);stroke-width:1.75}
    .oracle{fill:var(--ink);stroke:var(--bg);stroke-width:1.5}.cross{fill:none;stroke:var(--soft);stroke-width:1.75}
    .whisker{stroke:var(--accent);stroke-width:1.5}.lead-line{stroke:var(--soft);stroke-width:.75}
    .bar{fill:var(--accent);opacity:.55}
    .h0{fill:var(--line)}.h1{fill:var(--accent)}.h2{fill:var(--accent);opacity:.4}.h3{fill:var(--soft)}
    .mini{width:9rem;min-width:9rem}.mini .whisker{stroke-width:2}.mini .dot{stroke:none}.mini .axis{stroke:var(--soft)}
    .legend{display:flex;flex-wrap:wrap;gap:.3rem 1.4rem;list-style:none;padding:0;margin:.5rem 0 0;font-size:.875rem}
    .legend li{display:flex;align-items:center;gap:.5rem}.legend svg{width:28px;height:14px;flex:none}
    sup{line-height:0}sup a{text-decoration:none;padding-left:.15em}.pair figure{flex:0 1 25rem}.pair figcaption{max-width:25rem;margin-top:.5rem}
    .pair{display:flex;flex-wrap:wrap;gap:0 3.5rem;align-items:flex-start}
    details{margin:.6rem 0;font-size:.9375rem}summary{cursor:pointer;color:var(--accent);width:fit-content}
    details[open]>summary{margin-bottom:.5rem}
    .warnings{border-left:4px solid var(--accent);background:var(--faint);padding:1rem 1.5rem;margin:1rem 0}
    .warnings ul{margin:0;padding-left:1.1rem}.warnings li{margin:.35rem 0;max-width:46rem}
    .facts{display:grid;grid-template-columns:max-content 1fr;gap:.3rem 1.75rem;margin:1rem 0;max-width:56rem}
    .facts dt{color:var(--soft)}.facts dd{margin:0;overflow-wrap:anywhere}
    code,pre{font:.875em/1.6 var(--mono)}code{overflow-wrap:anywhere}
    pre{background:var(--faint);padding:1rem 1.25rem;overflow-x:auto;margin:1rem 0}
    @media(max-width:40rem){main,header,footer{padding-left:1rem;padding-right:1rem}.verdict{font-size:1.375rem}
    .facts{grid-template-columns:1fr;gap:0}.facts dd{margin-bottom:.6rem}}
    @media print{:root{--bg:#fff;--ink:#000;--soft:#444;--line:#bbb;--faint:#f4f4f4;--accent:#00545b;--band:#00545b26}
    html{font-size:10.5px}body{font-size:1rem}main,header,footer{max-width:none;padding:0}header{padding-top:0}nav,.skip{display:none}
    h2{margin-top:1.75rem;break-after:avoid}h3,caption{break-after:avoid}tr,figure,.figures,.warnings{break-inside:avoid}
    .scroll{overflow:visible}.scroll svg.chart{min-width:0}th,td{padding:.3rem .45rem}thead button::after{content:""}
    details:not([open]){display:none}}

    """

  /// Makes tables marked `data-sortable` sortable by buttons in their headings. The page is complete without it.
  ///
  /// Missing values come last in either direction; equal values keep their order.
  static let script = """
    for(const table of document.querySelectorAll("table[data-sortable]")){const body=table.tBodies[0];\
    const heads=[...table.tHead.rows[0].cells];heads.forEach((head,column)=>{\
    const button=document.createElement("button");button.type="button";button.append(...head.childNodes);head.append(button);\
    button.addEventListener("click",()=>{const down=head.getAttribute("aria-sort")!=="descending"&&column>0\
    ||column===0&&head.getAttribute("aria-sort")==="ascending";\
    heads.forEach(other=>other.removeAttribute("aria-sort"));head.setAttribute("aria-sort",down?"descending":"ascending");\
    const key=row=>{const cell=row.cells[column];return column===0?cell.textContent:cell.dataset.v===undefined?null:+cell.dataset.v};\
    const rows=[...body.rows].map(row=>[key(row),row]);rows.sort((a,b)=>a[0]===b[0]?0:a[0]===null?1:b[0]===null?-1:\
    (a[0]<b[0]?-1:1)*(down?-1:1));body.append(...rows.map(row=>row[1]))})})}
    """

  /// SHA-256 of ``script`` in Base64: the page's security policy runs this script and no other.
  static let scriptHash = "byd3ypqt1y3C/LL/8UI8eZ2FMuf4XFKo0FJ0k7doDS0="
}
