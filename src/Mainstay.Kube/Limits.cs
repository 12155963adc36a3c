namespace Mainstay.Kube;

/// <summary>Every bound of this project, with its unit and the reason for its size.</summary>
public static class Limits
{
    /// <summary>Objects asked for in one page of a list: what kubectl and client-go ask for.</summary>
    public const int ListPageObjects = 500;

    /// <summary>Bytes of one page of a list: 500 objects of etcd's 1.5 MiB never come at once; above this it is no
    /// list.</summary>
    public const int ListPageBytesMax = 256 * 1024 * 1024;

    /// <summary>Bytes of one event of a watch: an object has at most 1.5 MiB in etcd, JSON may double it, and
    /// room.</summary>
    public const int WatchEventBytesMax = 8 * 1024 * 1024;

    /// <summary>Deletions since the last list that a reflector remembers, so that a late event does not undo
    /// them.</summary>
    public const int DeletionsRemembered = 4096;

    /// <summary>Watches in a row, from one revision, that bring nothing before the list has to tell.</summary>
    public const int BarrenWatchesMax = 3;

    /// <summary>Bytes of an answer to a single request.</summary>
    public const int AnswerBytesMax = 64 * 1024 * 1024;

    /// <summary>Nested collections of a YAML document: deeper is an attack on the stack, not a manifest.</summary>
    public const int YamlDepthMax = 100;

    /// <summary>Nodes of a YAML text with its aliases written out: stops a document that doubles itself.</summary>
    public const int YamlNodesMax = 1_000_000;

    /// <summary>Characters of a selector, label key prefix excluded: longer than any URL a server takes.</summary>
    public const int SelectorCharactersMax = 64 * 1024;
}
