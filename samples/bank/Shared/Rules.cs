namespace Bank.Shared;

/// <summary>What any service may ask of a request's fields. Null: all well.</summary>
internal static class Rules
{
    public static Problem? Amount(long amount) =>
        amount <= 0 ? Problem.Invalid("amount", $"amount must be above zero (whole pence), it is {amount}")
        : amount > Limits.AmountMinorMax
            ? Problem.Invalid("amount", $"amount must be at most {Limits.AmountMinorMax} pence, it is {amount}")
        : null;

    /// <summary>
    /// A payment id or an account id: letters, digits, dot, dash, underscore; starts with a letter or digit.
    /// </summary>
    public static Problem? Id(string field, string? id)
    {
        if (string.IsNullOrEmpty(id) || id.Length > Limits.IdLengthMax)
        {
            return Problem.Invalid(
                field, $"{field} must have 1 to {Limits.IdLengthMax} characters, it has {id?.Length ?? 0}");
        }

        var wellFormed = char.IsAsciiLetterOrDigit(id[0]);
        foreach (var character in id)
        {
            wellFormed &= char.IsAsciiLetterOrDigit(character) || character is '.' or '-' or '_';
        }

        return wellFormed ? null : Problem.Invalid(field, $"{field} may have letters, digits, '.', '-' and '_' only");
    }

    public static Problem? Reference(string? reference)
    {
        if (reference is null)
        {
            return null;
        }

        if (reference.Length > Limits.ReferenceLengthMax)
        {
            return Problem.Invalid(
                "reference",
                $"reference must have at most {Limits.ReferenceLengthMax} characters, it has {reference.Length}");
        }

        foreach (var character in reference)
        {
            if (char.IsControl(character) || char.IsSurrogate(character))
            {
                return Problem.Invalid("reference", "reference may not have control characters or emoji");
            }
        }

        return null;
    }

    public static Problem? Different(string from, string to) =>
        from == to ? Problem.Invalid("to", $"to must be another account than from, both are '{from}'") : null;
}
