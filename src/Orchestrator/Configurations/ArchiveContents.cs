namespace Orchestrator.Configurations;

/// <summary>What an archive has shown so far, and whether its links may be followed.</summary>
internal sealed class ArchiveContents
{
    // Enough for any honest chain of links, and the end of a circle.
    private const int MaxLinkSteps = 40;

    private readonly HashSet<string> _directories = new(StringComparer.Ordinal);
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _links = new(StringComparer.Ordinal);

    // On a file system or in a tool that takes them for one, the later of two such names would be the earlier's content.
    private readonly Dictionary<string, string> _spellings = new(StringComparer.OrdinalIgnoreCase);

    public int Count => _directories.Count + _files.Count + _links.Count;

    public bool HasConfiguration => _files.Any(IsConfiguration);

    public static bool IsConfiguration(string file) =>
        file.EndsWith(".tf", StringComparison.Ordinal) || file.EndsWith(".tf.json", StringComparison.Ordinal);

    public void AddDirectory(string path)
    {
        if (_files.Contains(path) || _links.ContainsKey(path))
        {
            throw Twice(path);
        }
        CheckParents(path);
        CheckSpelling(path);
        _directories.Add(path);
    }

    public void AddFile(string path)
    {
        if (_directories.Contains(path) || _links.ContainsKey(path) || !_files.Add(path))
        {
            throw Twice(path);
        }
        CheckParents(path);
        CheckSpelling(path);
    }

    public void AddLink(string path, string target)
    {
        if (target.Length == 0)
        {
            throw new ConfigurationRefusedException($"The link '{path}' in the archive leads nowhere.");
        }
        if (_directories.Contains(path) || _files.Contains(path) || !_links.TryAdd(path, target))
        {
            throw Twice(path);
        }
        CheckParents(path);
        CheckSpelling(path);
    }

    /// <summary>Follows every link through the other links, as the file system would.</summary>
    public void CheckLinks()
    {
        foreach (var (path, target) in _links)
        {
            if (!StaysInside(path, target))
            {
                throw new ConfigurationRefusedException($"The link '{path}' in the archive points outside the configuration's directory.");
            }
        }
    }

    public void CreateLinks(string directory)
    {
        foreach (var (path, target) in _links)
        {
            var link = Path.Combine(directory, path);
            Directory.CreateDirectory(Path.GetDirectoryName(link)!);
            File.CreateSymbolicLink(link, target);
        }
    }

    private bool StaysInside(string path, string target)
    {
        var place = new List<string>(path.Split('/')[..^1]);
        var ahead = new Stack<string>(target.Split('/').Reverse());
        if (target.StartsWith('/') || target.Contains('\0', StringComparison.Ordinal))
        {
            return false;
        }
        var steps = 0;
        while (ahead.TryPop(out var part))
        {
            switch (part)
            {
                case "" or ".":
                    continue;
                case ".." when place.Count == 0:
                    return false;
                case "..":
                    place.RemoveAt(place.Count - 1);
                    continue;
            }
            place.Add(part);
            if (!_links.TryGetValue(string.Join('/', place), out var onward))
            {
                continue;
            }
            if (++steps > MaxLinkSteps || onward.StartsWith('/'))
            {
                return false;
            }
            place.RemoveAt(place.Count - 1);
            foreach (var next in onward.Split('/').Reverse())
            {
                ahead.Push(next);
            }
        }
        return true;
    }

    private void CheckParents(string path)
    {
        for (var slash = path.LastIndexOf('/'); slash > 0; slash = path.LastIndexOf('/', slash - 1))
        {
            var parent = path[..slash];
            if (_files.Contains(parent) || _links.ContainsKey(parent))
            {
                throw new ConfigurationRefusedException($"'{path}' in the archive lies under '{parent}', which is no directory.");
            }
            // It is one from now on, also without an entry of its own.
            if (_directories.Add(parent))
            {
                CheckSpelling(parent);
            }
        }
    }

    private void CheckSpelling(string path)
    {
        if (!_spellings.TryAdd(path, path) && _spellings[path] != path)
        {
            throw new ConfigurationRefusedException($"'{path}' and '{_spellings[path]}' in the archive differ only in upper and lower case.");
        }
    }

    private static ConfigurationRefusedException Twice(string path) => new($"'{path}' is in the archive twice.");
}
