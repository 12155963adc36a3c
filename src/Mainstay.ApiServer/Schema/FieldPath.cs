using System.Globalization;

namespace Mainstay.ApiServer.Schema;

/// <summary>
/// Where a value stands in its object: <c>spec.containers[0].name</c>, <c>data[a b]</c>. Grown on the way down, spelled
/// out only for an error. Immutable.
/// </summary>
internal sealed class FieldPath
{
    private readonly FieldPath? _parent;
    private readonly string _step;
    private readonly bool _isBracketed;

    public FieldPath(string root)
        : this(null, root, false)
    {
    }

    private FieldPath(FieldPath? parent, string step, bool isBracketed)
    {
        _parent = parent;
        _step = step;
        _isBracketed = isBracketed;
    }

    /// <summary>The object itself; its children stand without a leading dot.</summary>
    public static FieldPath Root { get; } = new("");

    public FieldPath Child(string name) => new(this, name, false);

    public FieldPath Index(int index) => new(this, index.ToString(CultureInfo.InvariantCulture), true);

    public FieldPath Key(string key) => new(this, key, true);

    public override string ToString()
    {
        if (_parent is null)
        {
            return _step;
        }

        var parent = _parent.ToString();
        if (_isBracketed)
        {
            return $"{parent}[{_step}]";
        }

        return parent.Length == 0 ? _step : $"{parent}.{_step}";
    }
}
