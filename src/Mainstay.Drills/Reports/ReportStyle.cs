namespace Mainstay.Drills.Reports;

/// <summary>The styles of report and chart. Text has 4.5:1 contrast on both papers, marks 3:1.</summary>
internal static class ReportStyle
{
    /// <summary>Colours, which the chart also has where it stands alone.</summary>
    public const string Colours = """
        :root{--paper:#fdfcf9;--card:#fff;--ink:#1b2330;--soft:#566072;--line:#d9d6cd;--ok:#23845f;--okay:#cfe8dc;
        --bad:#bd3322;--badly:#f6d5cf;--fault:#8a4b00;--faulty:#f3dfc2;--act:#2d5aa8;--wait:#c9c4b6}
        @media (prefers-color-scheme:dark){:root{--paper:#12161c;--card:#1a2029;--ink:#e8e6e1;--soft:#a3acba;
        --line:#343c48;--ok:#4fbf92;--okay:#1d4737;--bad:#f0806f;--badly:#55231c;--fault:#e8ad5c;--faulty:#4d3817;
        --act:#8db4f5;--wait:#4a4f58}}
        """;

    public const string Css = Colours + """

        *{box-sizing:border-box}
        body{margin:0 auto;max-width:68rem;padding:1.5rem 1rem 4rem;background:var(--paper);color:var(--ink);
        font:1rem/1.5 system-ui,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
        .kind{margin:0;color:var(--soft);text-transform:uppercase;letter-spacing:.08em;font-size:.8rem}
        h1{margin:.1rem 0 .6rem;font-size:clamp(1.6rem,5vw,2.5rem);line-height:1.15;overflow-wrap:anywhere}
        h1 .mode{display:block;font-size:.5em;font-weight:500;color:var(--soft)}
        h2{margin:2.4rem 0 .4rem;font-size:1.2rem}
        .verdict{font-size:1.2rem;font-weight:600;border-left:.35rem solid;padding:.5rem .9rem;border-radius:.2rem}
        .verdict.well{background:var(--okay);border-color:var(--ok)}
        .verdict.bad{background:var(--badly);border-color:var(--bad)}
        .figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.7rem;margin:1.4rem 0}
        .figures div{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.6rem .8rem;
        display:flex;flex-direction:column-reverse}
        .figures dt{color:var(--soft);font-size:.85rem}
        .figures dd{margin:0;font-size:1.7rem;font-weight:650;font-variant-numeric:tabular-nums}
        figure{margin:1rem 0}
        figcaption,.note{color:var(--soft);font-size:.9rem;margin:.2rem 0 .6rem}
        .scroll{overflow-x:auto;border:1px solid var(--line);border-radius:.5rem;background:var(--card)}
        .scroll:focus-visible{outline:3px solid var(--act);outline-offset:2px}
        table{border-collapse:collapse;width:100%;font-size:.9rem}
        th,td{text-align:left;vertical-align:top;padding:.45rem .7rem;border-bottom:1px solid var(--line);
        font-variant-numeric:tabular-nums}
        th{color:var(--soft);font-weight:600;white-space:nowrap}
        tbody tr:last-child td{border-bottom:0}
        td.well,td.bad{white-space:nowrap;font-weight:600}
        td.well{color:var(--ok)}td.bad{color:var(--bad)}
        pre{background:var(--card);border:1px solid var(--line);border-radius:.5rem;padding:.7rem;overflow-x:auto}
        svg.chart{display:block;width:100%;min-width:44rem;height:auto}
        @media print{body{max-width:none;padding:0;font-size:9.5pt}.scroll{overflow:visible;border:0}
        svg.chart{min-width:0}section,figure{break-inside:avoid-page}
        *{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
        """;
}
