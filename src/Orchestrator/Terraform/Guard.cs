namespace Orchestrator.Terraform;

/// <summary>A few lines of shell between the worker and terraform, which outlive the worker by the time terraform needs to
/// save its state.</summary>
/// <remarks>
/// The worker holds the other end of the guard's standard input. A line on it interrupts terraform; its end means that the
/// worker is gone, and then terraform is interrupted, too, and killed when it has not stopped in time.
/// <para>It also holds the reading ends of terraform's outputs (4 and 5; see <see cref="Sandbox"/>): without a reader terraform
/// would die of its next line (SIGPIPE) instead of saving. When the worker is gone, it drains them.</para>
/// <para>Terraform alone gets the run's environment (<see cref="SealedEnvironment"/>).</para>
/// <para>A background process of a shell starts with the interrupt ignored, and terraform begins to listen a moment later; an
/// interrupt before that would be lost. So it is sent when the mask of caught signals in <c>/proc</c> shows that terraform
/// listens (SIGINT is the second bit), or after five seconds. The guard ignores it from the beginning: a shell catches it, and
/// what it has forked and is not yet terraform would seem to listen, and lose it.</para>
/// <para>A signal could not do this: signals to a sandbox do not reach the process in it, and the kernel's
/// "parent has died" signal follows the thread that started the child, which in .NET may end at any time.</para>
/// </remarks>
internal static class Guard
{
    public const string StopWord = "stop\n";

    private const string Script = """
        trap '' INT
        grace=$1; cd "$2" || exit 126; shift 2
        exec 3<&0
        begin() {
          for orchestrator_name in $ORCHESTRATOR_NAMES; do
            eval "export $orchestrator_name=\"\$RUN_$orchestrator_name\""
            unset "RUN_$orchestrator_name"
          done
          unset ORCHESTRATOR_NAMES orchestrator_name
          exec "$@"
        }
        begin "$@" </dev/null 3<&- 4<&- 5<&- &
        child=$!
        interrupt() {
          tries=$((grace * 20))
          [ "$tries" -gt 100 ] && tries=100
          while [ "$tries" -gt 0 ] && kill -0 "$child"; do
            mask=
            while read -r name mask; do [ "$name" = SigCgt: ] && break; done <"/proc/$child/status"
            case "$mask" in *[2367abefABEF]) break;; esac
            sleep 0.05
            tries=$((tries - 1))
          done
          kill -INT "$child"
        }
        (
          exec >/dev/null 2>&1
          while read -r word <&3; do interrupt; done
          cat <&4 & cat <&5 &
          interrupt
          waited=0
          while [ "$waited" -lt "$grace" ] && kill -0 "$child"; do sleep 1; waited=$((waited + 1)); done
          kill -KILL "$child"
        ) &
        watcher=$!
        exec 3<&- 4<&- 5<&-
        wait "$child"
        code=$?
        kill "$watcher" 2>/dev/null
        exit "$code"
        """;

    /// <summary>Whether a terraform of the run is still there: its guard goes when it has gone.</summary>
    public static bool IsOnDuty(string run)
    {
        var script = System.Text.Encoding.UTF8.GetBytes(Script);
        return ProcessTree.Find(run).Any(process => ProcessTree.Shows(process, "cmdline", script));
    }

    /// <param name="directory">Where the command starts.</param>
    public static IReadOnlyList<string> Around(IReadOnlyList<string> command, string directory, int secondsToSave) =>
        ["/bin/sh", "-c", Script, "guard", secondsToSave.ToString(System.Globalization.CultureInfo.InvariantCulture), directory, .. command];
}
