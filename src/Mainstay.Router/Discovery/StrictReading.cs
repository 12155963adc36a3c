using Mainstay.Kube;

namespace Mainstay.Router.Discovery;

/// <summary>
/// Reading as it was in 2017, for drills (<c>--without tolerance</c>): null is no list, and with
/// <see cref="ReflectorOptions.IsStrict"/> one object that cannot be read fails all.
/// </summary>
internal static class StrictReading
{
    public static ObjectReader<T> Of<T>(ObjectReader<T> read) => kubeObject =>
    {
        if (NullLists.FirstIn(kubeObject) is { Length: > 0 } field)
        {
            throw new MalformedObjectException($"{field}: a list is expected, null is there");
        }

        return read(kubeObject);
    };
}
