// How a page looks, by daylight and in the dark. Separate because it is not Swift.

extension HTMLReport {
    /// Colours are told apart by people who see no red or green, too (Okabe and Ito).
    static let style = """
        :root{--back:#fff;--ink:#1c2024;--soft:#5b6570;--rule:#e3e7eb;--tile:#f5f7f9;
        --c0:#0072b2;--c1:#d55e00;--c2:#009e73;--c3:#b8679a;--c4:#b88a00;--c5:#3a9bd9;--c6:#7a5c3e;--c7:#8a929a}
        @media(prefers-color-scheme:dark){:root{--back:#15181b;--ink:#e6e9ec;--soft:#9aa4ae;--rule:#2b3137;
        --tile:#1d2226;
        --c0:#56b4e9;--c1:#f0883e;--c2:#2cc295;--c3:#dd9cc3;--c4:#e6c34a;--c5:#9ad0f5;--c6:#c9a27a;--c7:#8a929a}}
        *{box-sizing:border-box}
        body{margin:0 auto;max-width:1180px;padding:28px 24px 60px;background:var(--back);color:var(--ink);
        font:15px/1.5 system-ui,-apple-system,"Segoe UI",sans-serif}
        h1{font-size:24px;margin:0 0 14px}
        h2{font-size:17px;margin:34px 0 10px}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:3px 16px;margin:0}
        dt{color:var(--soft)}dd{margin:0;overflow-wrap:anywhere}
        code{font:13px/1.5 ui-monospace,"DejaVu Sans Mono",monospace}
        .tiles{display:flex;flex-wrap:wrap;gap:10px;margin:22px 0 6px}
        .tiles div{background:var(--tile);border:1px solid var(--rule);border-radius:8px;padding:10px 16px}
        .tiles b{display:block;font-size:21px;font-weight:600;font-variant-numeric:tabular-nums}
        .tiles span{color:var(--soft);font-size:13px}
        .plots{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(480px,100%),1fr));
        gap:26px 28px;margin-top:24px}
        figure{margin:0;min-width:0}figcaption{font-weight:600;margin-bottom:4px}
        svg.plot{width:100%;height:auto;display:block}
        .plot text{font-size:12.5px;fill:var(--soft)}
        .plot text.x{text-anchor:middle}.plot text.y{text-anchor:end}
        .plot text.title{fill:var(--ink)}
        .grid{stroke:var(--rule);stroke-width:1}
        .line{fill:none;stroke-width:1.8;stroke-linejoin:round;stroke-linecap:round}
        .legend line{stroke-width:2.4}
        .dashed line,.line.dashed{stroke-dasharray:5 4}
        .legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:2px 0 0;
        padding:0 0 0 40px;font-size:13px}
        .legend svg{vertical-align:middle;margin-right:6px}
        \((0..<8).map { ".line.c\($0),.legend .c\($0) line{stroke:var(--c\($0))}" }.joined())
        .scroll{overflow-x:auto}
        table{border-collapse:collapse;font-variant-numeric:tabular-nums}
        th,td{padding:4px 14px 4px 0;border-bottom:1px solid var(--rule);vertical-align:top}
        tbody th{font-weight:400;color:var(--soft);text-align:left}
        thead th{text-align:right;font-weight:600}thead th:first-child{text-align:left}
        td{text-align:right}
        .note{color:var(--soft);font-size:13px}
        """
}
