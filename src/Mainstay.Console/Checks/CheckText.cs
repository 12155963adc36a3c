using System.Text;
using System.Text.Json;

namespace Mainstay.ConsoleSite.Checks;

/// <summary>How a report is written.</summary>
public enum CheckForm
{
    /// <summary>Blocks by category, a line for each check, and the hint where one is not a success.</summary>
    Table,

    /// <summary>Only what is no success.</summary>
    Faults,

    /// <summary>As the table, with everything that was found.</summary>
    Wide,

    Json,
}

/// <summary>A report as text or JSON; state is a sign and a word, never colour alone.</summary>
public static class CheckText
{
    /// <summary>Lines of a fault shown in the table; the wide form shows all.</summary>
    private const int FoundShown = 5;

    public static string Write(CheckReport report, CheckForm form) => form switch
    {
        CheckForm.Json => Json(report),
        CheckForm.Faults => Lines(report, check => check.Result != CheckResult.Success, FoundShown),
        CheckForm.Wide => Lines(report, _ => true, int.MaxValue),
        _ => Lines(report, _ => true, FoundShown),
    };

    private static string Lines(CheckReport report, Func<Check, bool> isShown, int foundShown)
    {
        var text = new StringBuilder();
        foreach (var category in report.Categories.Where(category => category.Checks.Any(isShown)))
        {
            text.Append(category.Name).Append('\n').Append('-', category.Name.Length).Append('\n');
            foreach (var check in category.Checks.Where(isShown))
            {
                WriteLine(text, check, foundShown);
            }

            text.Append('\n');
        }

        var checks = report.Categories.SelectMany(category => category.Checks).ToList();
        var bad = checks.Where(check => check.Result != CheckResult.Success)
            .GroupBy(check => check.Result)
            .OrderByDescending(group => group.Key == CheckResult.Error)
            .Select(group => $"{group.Count()} {Word(group.Key)}");
        text.Append(report.Success ? "ok: " : "NOT ok: ")
            .Append(checks.Count(check => check.Result == CheckResult.Success)).Append(" of ")
            .Append(checks.Count).Append(" checks succeed");
        return text.AppendJoin("", bad.Select(group => $", {group}")).Append('\n').ToString();
    }

    private static void WriteLine(StringBuilder text, Check check, int foundShown)
    {
        var isOk = check.Result == CheckResult.Success;
        text.Append(Sign(check.Result)).Append(' ').Append(Word(check.Result).PadRight(8)).Append(check.Description);
        if (isOk && check.Found.Length == 1)
        {
            text.Append(" (").Append(check.Found[0]).Append(')');
        }

        text.Append('\n');
        foreach (var found in isOk && foundShown != int.MaxValue ? [] : check.Found.Take(foundShown))
        {
            text.Append("    ").Append(found).Append('\n');
        }

        if (!isOk && check.Found.Length > foundShown)
        {
            text.Append("    and ").Append(check.Found.Length - foundShown).Append(" more (-o wide shows them)\n");
        }

        if (!isOk && check.Hint.Length > 0)
        {
            text.Append("    hint: ").Append(check.Hint).Append('\n');
        }
    }

    private static string Json(CheckReport report)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteBoolean("success", report.Success);
            json.WriteStartArray("categories");
            foreach (var category in report.Categories)
            {
                json.WriteStartObject();
                json.WriteString("categoryName", category.Name);
                json.WriteStartArray("checks");
                foreach (var check in category.Checks)
                {
                    WriteCheck(json, check);
                }

                json.WriteEndArray();
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.ToArray()) + "\n";
    }

    private static void WriteCheck(Utf8JsonWriter json, Check check)
    {
        json.WriteStartObject();
        json.WriteString("description", check.Description);
        json.WriteString("result", Name(check.Result));
        if (check.Hint.Length > 0)
        {
            json.WriteString("hint", check.Hint);
        }

        if (check.Result != CheckResult.Success)
        {
            json.WriteString("error", check.Found.Length > 0 ? check.Found[0] : "");
        }

        json.WriteStartArray("found");
        foreach (var found in check.Found)
        {
            json.WriteStringValue(found);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static string Name(CheckResult result) => result.ToString().ToLowerInvariant();

    private static char Sign(CheckResult result) => result switch
    {
        CheckResult.Success => '✓',
        CheckResult.Warning => '!',
        CheckResult.Error => '✕',
        _ => '?',
    };

    private static string Word(CheckResult result) => result switch
    {
        CheckResult.Success => "ok",
        CheckResult.Warning => "warning",
        CheckResult.Error => "fail",
        _ => "unknown",
    };
}
