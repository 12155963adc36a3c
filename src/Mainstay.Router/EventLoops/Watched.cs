namespace Mainstay.Router.EventLoops;

/// <summary>Something with a descriptor that a loop watches. Everything of it runs on the loop's thread.</summary>
internal abstract class Watched
{
    /// <summary>Its place in the loop's table, -1 while it is not watched.</summary>
    public int Slot { get; set; } = -1;

    /// <summary>The state of the descriptor has changed.</summary>
    /// <param name="flags">the flags of <see cref="Linux.Epoll"/></param>
    public abstract void OnEvents(uint flags);

    /// <summary>It has asked by <see cref="EventLoop.Again"/> to go on after the others.</summary>
    public abstract void OnAgain();
}
