namespace Mainstay.Kernel;

/// <summary>What the exit code of any verb of the command line means.</summary>
public static class ExitCodes
{
    /// <summary>Done, and all is well.</summary>
    public const int Ok = 0;

    /// <summary>The verb worked, and what it looked at is not well.</summary>
    public const int NotWell = 1;

    /// <summary>The words of the command line are wrong.</summary>
    public const int Usage = 2;

    /// <summary>The part cannot start: a taken port, a broken file, a missing program.</summary>
    public const int CannotStart = 3;

    /// <summary>
    /// Ended by Ctrl-C or SIGTERM before it was done: as a shell tells it. Parts, which run until they are asked to
    /// end, end with <see cref="Ok"/>.
    /// </summary>
    public const int Interrupted = 130;

    /// <summary>A bug: an unexpected exception ended the part.</summary>
    public const int Bug = 70;
}
