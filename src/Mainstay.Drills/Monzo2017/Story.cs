namespace Mainstay.Drills.Monzo2017;

/// <summary>What the story of October 2017 is about, in the terms of the sample bank.</summary>
internal static class Story
{
    public const string Name = "monzo-2017-10";

    public const string Title = "A deploy, a rollback, a restart of every router, and an empty Service";

    public const string Namespace = "bank";

    /// <summary>The service that is deployed at 14:10: payments of the current account depend on it.</summary>
    public const string Deployed = "accounts";

    /// <summary>The service that was scaled to zero the day before, and whose Service still exists.</summary>
    public const string Empty = "overdrafts";

    /// <summary>Steps and faults that the verdict asks for by name.</summary>
    public const string MuteWatch = "mute-watch";

    public const string Deploy = "deploy";

    public const string Rollback = "rollback";

    public const string FirstRestart = "first-restart";

    public const string NoConfiguration = "no-configuration";

    public const string Restart = "restart";

    public const string ApiRestart = "api-restart";

    public const string Poison = "poison";

    public const string Deletion = "deletion";

    /// <summary>
    /// Prepaid cards go by <c>cards</c> to the ledger and need no <c>accounts</c>; everything else asks for it.
    /// </summary>
    public static bool UsesDeployed(string journey) => journey != "prepaid-card";

    public static bool IsCardPayment(string journey) => journey == "card-payment";
}
