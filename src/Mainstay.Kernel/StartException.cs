namespace Mainstay.Kernel;

/// <summary>
/// A part cannot start, and a person can mend it. The command line prints <see cref="Exception.Message"/> as one line,
/// without a stack trace, and exits with <see cref="ExitCode"/>.
/// </summary>
public sealed class StartException : Exception
{
    /// <param name="cause">what is wrong, naming the object: a file and offset, an address, a flag</param>
    /// <param name="remedy">what to do about it</param>
    /// <param name="exitCode">one of <see cref="ExitCodes"/></param>
    public StartException(string cause, string remedy, int exitCode = ExitCodes.CannotStart)
        : base($"{cause}; {remedy}")
    {
        ExitCode = exitCode;
    }

    public int ExitCode { get; }
}
