using System.Collections.Immutable;

namespace Mainstay.Kube;

/// <summary>
/// The grammar of <c>labelSelector=</c> as the API server reads it: terms parted by commas; a term is <c>key</c>,
/// <c>!key</c>, <c>key=value</c>, <c>key==value</c>, <c>key!=value</c>, <c>key in (a,b)</c>, <c>key notin (a,b)</c>,
/// <c>key&gt;1</c> or <c>key&lt;1</c>. Used once.
/// </summary>
internal sealed class LabelSelectorParser(string text)
{
    private const string Symbols = "=!(),<>";
    private int _at;

    public ImmutableArray<LabelRequirement> Parse()
    {
        if (text.Length > Limits.SelectorCharactersMax)
        {
            throw new SelectorFormatException($"longer than {Limits.SelectorCharactersMax} characters");
        }
        var requirements = ImmutableArray.CreateBuilder<LabelRequirement>();
        while (true)
        {
            requirements.Add(Term());
            var next = Next();
            if (next.Length == 0)
            {
                return requirements.ToImmutable();
            }
            if (next is not ",")
            {
                throw Unexpected(next, "',' or the end");
            }
        }
    }

    private LabelRequirement Term()
    {
        var first = Next();
        if (first is "!")
        {
            return new LabelRequirement(Key(Next()), LabelOperator.DoesNotExist, []);
        }
        var key = Key(first);
        var before = _at;
        var word = Next();
        switch (word)
        {
            case "" or ",":
                _at = before;
                return new LabelRequirement(key, LabelOperator.Exists, []);
            case "=" or "==":
                return new LabelRequirement(key, LabelOperator.In, [Value()]);
            case "!=":
                return new LabelRequirement(key, LabelOperator.NotIn, [Value()]);
            case "in":
                return new LabelRequirement(key, LabelOperator.In, Values());
            case "notin":
                return new LabelRequirement(key, LabelOperator.NotIn, Values());
            case ">" or "<":
                var bound = Value();
                var side = word is ">" ? LabelOperator.GreaterThan : LabelOperator.LessThan;
                return long.TryParse(bound, out _) ? new LabelRequirement(key, side, [bound])
                    : throw new SelectorFormatException($"{key}{word} needs a whole number, not \"{bound}\"");
            default:
                throw Unexpected(word, "one of = == != in notin > <");
        }
    }

    private static string Key(string token) =>
        LabelSyntax.KeyFault(token) is { } fault
            ? throw new SelectorFormatException($"key \"{token}\": {fault}") : token;

    /// <summary>A value may be empty: <c>a=</c> asks for the empty label.</summary>
    private string Value()
    {
        var before = _at;
        var token = Next();
        if (token is "" or "," or ")")
        {
            _at = before;
            return "";
        }
        return LabelSyntax.ValueFault(token) is { } fault
            ? throw new SelectorFormatException($"value \"{token}\": {fault}") : token;
    }

    private ImmutableArray<string> Values()
    {
        var open = Next();
        if (open is not "(")
        {
            throw Unexpected(open, "'('");
        }
        var values = new SortedSet<string>(StringComparer.Ordinal);
        while (true)
        {
            values.Add(Value());
            var next = Next();
            if (next is ")")
            {
                return [.. values];
            }
            if (next is not ",")
            {
                throw Unexpected(next, "',' or ')'");
            }
        }
    }

    private string Next()
    {
        while (_at < text.Length && char.IsWhiteSpace(text[_at]))
        {
            _at++;
        }
        if (_at == text.Length)
        {
            return "";
        }
        var start = _at++;
        if (text[start] is '=' or '!')
        {
            _at += _at < text.Length && text[_at] == '=' ? 1 : 0;
        }
        else if (!Symbols.Contains(text[start]))
        {
            while (_at < text.Length && !Symbols.Contains(text[_at]) && !char.IsWhiteSpace(text[_at]))
            {
                _at++;
            }
        }
        return text[start.._at];
    }

    private SelectorFormatException Unexpected(string token, string expected) =>
        new($"found '{token}' before character {_at + 1}, expected: {expected}");
}
