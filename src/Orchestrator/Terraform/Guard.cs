using System.Globalization;

namespace Orchestrator.Terraform;

/// <summary>A few lines of shell between the worker and terraform, which outlive the worker by the time terraform needs to
/// save its state.</summary>
/// <remarks>
/// The worker holds the other end of the guard's standard input. A line on it interrupts terraform; its end means that the
/// worker is gone, and then terraform is interrupted, too, and killed when it has not stopped in time. It is interrupted once: at the second
/// interrupt terraform gives up what it was about to save.
/// <para>It is also what stops terraform when the worker is frozen, and others may take its run over: with a lease, the worker writes a line
/// whenever it has renewed it. Without that line, terraform is interrupted three seconds before the lease ends, and at its end everything of
/// the run is killed. One sleeping shell waits for both, and looks at the machine's uptime (in hundredths of a second) after the first, so that a
/// guard which was frozen, too, kills as soon as it is not.</para>
/// <para>It is forgotten by a kill that cannot be lost: a shell that was forked a moment ago still has its parent's handlers, and forgets what
/// they have caught.</para>
/// <para>It also holds the reading ends of terraform's outputs (4 and 5; see <see cref="Sandbox"/>): without a reader terraform
/// would die of its next line (SIGPIPE) instead of saving. When the worker is gone, it drains them.</para>
/// <para>One command may go before another (<see cref="Prelude"/>). Between the two nothing of the run is to be guarded, and the guard waits for a
/// word; what the worker has said until then it says again.</para>
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

    /// <summary>The first of two commands is done with: now the second.</summary>
    public const string GoWord = "go\n";

    /// <summary>The claim was renewed: terraform may go on for so many seconds.</summary>
    public static string LiveWord(int seconds) => string.Create(CultureInfo.InvariantCulture, $"live {seconds}\n");

    private const string Script = """
        trap '' INT
        grace=$1 lease=$2; cd "$3" || exit 126
        # Where less is allowed already, it stays so.
        bound() { ulimit "-$1" "$2" 2>/dev/null || { less=$(ulimit "-$1") && [ "$less" -le "$2" ]; }; }
        for each in $4; do
          # Some shells have another letter for processes.
          [ "${each%=*}" = p ] && ulimit -u "${each#*=}" 2>/dev/null && continue
          bound "${each%=*}" "${each#*=}" || exit 126
        done
        first=$5 last=$6; shift 6
        exec 3<&0
        begin() {
          for orchestrator_name in $ORCHESTRATOR_NAMES; do
            eval "export $orchestrator_name=\"\$RUN_$orchestrator_name\""
            unset "RUN_$orchestrator_name"
          done
          unset ORCHESTRATOR_NAMES orchestrator_name
          exec "$@"
        }
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
        end() {
          trap '' TERM
          read -r me rest </proc/self/stat
          for file in $(grep -ls "ORCHESTRATOR_RUN_ID=$ORCHESTRATOR_RUN_ID" /proc/[0-9]*/environ); do
            process=${file#/proc/}; process=${process%/environ}
            [ "$process" = "$me" ] || [ "$process" = $$ ] || kill -KILL "$process"
          done
          kill -KILL "$child" $$
        }
        told=
        trap '[ -n "$told" ] || { told=1; interrupt >/dev/null 2>&1 3<&- 4<&- 5<&- & }' USR1
        watch() {
          exec >/dev/null 2>&1
          deadline= stopped= clock=
          forget() {
            [ -n "$clock" ] || return
            kill -STOP "$clock"; nap=
            read -r nap <"/proc/$clock/task/$clock/children"
            kill -KILL "$clock" $nap; wait "$clock"
          }
          let_go() { cat <&4 & cat <&5 & kill -USR1 $$; }
          uptime() { read -r now idle </proc/uptime; now=${now%.*}${now#*.}; }
          until_left() { uptime; nap=$(((deadline - now) / 100 - $1)); [ "$nap" -le 0 ] || sleep "$nap"; }
          run_out() {
            [ -n "$stopped" ] || { until_left 3; let_go; }
            until_left 0; end
          }
          wind() { forget; [ -z "$deadline" ] || { run_out 3<&- & clock=$!; }; }
          live() { uptime; deadline=$((now + $1 * 100)); wind; }
          # A clock may have been wound and not noted yet.
          trap 'forget; clock=$!; forget; exit' TERM
          [ "$lease" -eq 0 ] || live "$lease"
          while read -r word seconds <&3; do
            case $word in
              live) live "$seconds";;
              stop) stopped=1; wind; kill -USR1 $$;;
            esac
          done
          stopped=1; wind
          let_go
          waited=0
          while [ "$waited" -lt "$grace" ] && kill -0 "$child"; do sleep 1 & wait $!; waited=$((waited + 1)); done
          end
        }
        run() {
          begin "$@" </dev/null 3<&- 4<&- 5<&- &
          child=$!
          watch &
          watcher=$!
          [ -n "$first" ] || exec 3<&- 4<&- 5<&-
          while :; do
            wait "$child"; code=$?
            kill -0 "$child" 2>/dev/null || break
          done
          kill "$watcher" 2>/dev/null
          wait "$watcher" 2>/dev/null
        }
        if [ -n "$first" ]; then
          run "$1" $first
          [ "$code" -eq 0 ] || exit "$code"
          # Nothing of the first is left beside the second. Elsewhere these would be all processes of the machine.
          read -r one </proc/1/comm
          [ "$one" != bwrap ] || kill -KILL -1 2>/dev/null
          printf '%s\n' "$last"; printf '%s\n' "$last" >&2
          # Also what is left of a word that the watcher had begun to read.
          while read -r word seconds <&3; do
            case $word in
              live) lease=$seconds;;
              go) first=; break;;
              stop) break;;
            esac
          done
          [ -z "$first" ] || exit 1
          told=
        fi
        run "$@"
        exit "$code"
        """;

    /// <summary>Whether a terraform of the run is still there: its guard goes when it has gone.</summary>
    public static bool IsOnDuty(string run)
    {
        var script = System.Text.Encoding.UTF8.GetBytes(Script);
        return ProcessTree.Find(run).Any(process => ProcessTree.Shows(process, "cmdline", script));
    }

    /// <param name="directory">Where the command starts.</param>
    /// <param name="secondsToSave">How long terraform may take to save its state when the worker is gone.</param>
    /// <param name="leaseSeconds">How long it may go on without hearing from the worker; 0 when nobody else can take its run over.</param>
    /// <param name="bounds">Of what terraform may use (<see cref="UsageLimits"/>).</param>
    /// <param name="prelude">What the same program does first.</param>
    public static IReadOnlyList<string> Around(
        IReadOnlyList<string> command, string directory, int secondsToSave, int leaseSeconds = 0, string bounds = "", Prelude? prelude = null) =>
        [
            "/bin/sh", "-c", Script, "guard", Number(secondsToSave), Number(leaseSeconds), directory, bounds, prelude?.Words ?? "", prelude?.LastLine ?? "",
            .. command,
        ];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
