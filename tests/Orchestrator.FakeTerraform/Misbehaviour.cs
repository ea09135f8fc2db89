using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;

namespace Orchestrator.FakeTerraform;

/// <summary>What the real terraform does not do on request. <c>FAKE_TERRAFORM</c> names it, with an argument after a colon.</summary>
internal static class Misbehaviour
{
    /// <returns>The exit code; null to go on as a well-behaved terraform would.</returns>
    public static int? Perform(string request)
    {
        var (verb, argument) = request.Split(':', 2) is [var first, var second] ? (first, second) : (request, "");
        switch (verb)
        {
            case "" or "unshowable" or "swap":
                return null;
            case "hang":
                Hang();
                return 1;
            case "flood":
                Flood(long.Parse(argument, CultureInfo.InvariantCulture));
                return null;
            case "die":
                Console.WriteLine("about to die");
                using (var self = Process.GetCurrentProcess())
                {
                    self.Kill();
                }
                return 1;
            case "fail":
                Console.Error.WriteLine("Error: it was asked to fail");
                return 1;
            case "daemon":
                LeaveDaemon();
                return null;
            case "dribble":
                Dribble(argument);
                return null;
            case "link":
                Link(argument);
                return null;
            case "refuse":
                return Refuse(argument);
            case "state":
                File.WriteAllText("errored.tfstate", argument);
                Console.Error.WriteLine("Error: Failed to persist state to backend");
                return 1;
            default:
                Console.Error.WriteLine($"FakeTerraform does not know how to '{verb}'.");
                return 64;
        }
    }

    /// <summary>The first time alone: says that the API did not let it begin. It has done something all the same when it is given a state to leave.</summary>
    private static int? Refuse(string state)
    {
        const string done = "refused";
        if (File.Exists(done))
        {
            return null;
        }
        File.WriteAllText(done, "");
        if (state.Length > 0)
        {
            File.WriteAllText("errored.tfstate", state);
        }
        Console.Error.WriteLine("Error: Failed to read organization \"acme\" at host orchestrator.internal");
        return 1;
    }

    /// <summary>With the colours that the real one has unless it is told otherwise.</summary>
    public static int FailToShow(string[] arguments)
    {
        Console.Error.WriteLine(arguments.Contains("-no-color") ? "Error: Failed to read plan" : "\u001b[31mError: \u001b[0mFailed to read plan");
        return 1;
    }

    /// <summary>Shows a plan and leaves another one in its place, as a provider could that it starts.</summary>
    public static int? Swap(string plan)
    {
        File.WriteAllText(plan, "another plan");
        return null;
    }

    /// <summary>Ignores every polite request to end.</summary>
    private static void Hang()
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, signal => signal.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, signal => signal.Cancel = true);
        Console.WriteLine("hanging");
        Thread.Sleep(Timeout.Infinite);
    }

    private static void Flood(long bytes)
    {
        using var output = Console.OpenStandardOutput();
        var line = new byte[1024];
        Array.Fill(line, (byte)'x');
        line[^1] = (byte)'\n';
        for (long written = 0; written < bytes; written += line.Length)
        {
            output.Write(line);
        }
    }

    /// <summary>Leaves a process behind that has left its session and keeps the output open.</summary>
    private static void LeaveDaemon()
    {
        var start = new ProcessStartInfo("setsid", ["--fork", "/bin/sh", "-c", "exec sleep 600"]);
        using var daemon = Process.Start(start)!;
        daemon.WaitForExit();
    }

    /// <summary>Puts a link in the place of a file or a directory: its path, and where it leads.</summary>
    private static void Link(string argument)
    {
        var (path, target) = argument.Split('>') is [var first, var second] ? (first, second) : throw new ArgumentException(argument);
        if (Directory.Exists(path))
        {
            Directory.Delete(path, recursive: true);
        }
        File.Delete(path);
        File.CreateSymbolicLink(path, target);
    }

    /// <summary>Prints the value of an environment variable a byte at a time, so that every border between two chunks falls into it.</summary>
    private static void Dribble(string variable)
    {
        using var output = Console.OpenStandardOutput();
        foreach (var value in System.Text.Encoding.UTF8.GetBytes($"before {Environment.GetEnvironmentVariable(variable)} after\n"))
        {
            output.WriteByte(value);
            output.Flush();
        }
    }
}
