using System.Text;

namespace Mainstay.Agent.Environments;

/// <summary>
/// $(NAME) as Kubernetes writes it: <c>http://$(HOST):$(PORT)/</c>. A name that is not known stays as it was written;
/// <c>$$(NAME)</c> is the text <c>$(NAME)</c>.
/// </summary>
internal static class VariableExpansion
{
    public static string Expand(string text, IReadOnlyDictionary<string, string> variables)
    {
        if (!text.Contains('$', StringComparison.Ordinal))
        {
            return text;
        }

        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] != '$' || i + 1 == text.Length)
            {
                result.Append(text[i]);
                continue;
            }

            var close = text[i + 1] == '(' ? text.IndexOf(')', i + 2) : -1;
            if (text[i + 1] == '$')
            {
                result.Append('$');
                i++;
            }
            else if (close < 0)
            {
                result.Append('$');
            }
            else
            {
                var name = text[(i + 2)..close];
                result.Append(variables.TryGetValue(name, out var value) ? value : text[i..(close + 1)]);
                i = close;
            }
        }

        return result.ToString();
    }
}
