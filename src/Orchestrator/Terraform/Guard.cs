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
/// <para>Several commands may share it (<see cref="TerraformCommand"/>). Before each, nothing of the run is to be guarded, and the guard waits for a
/// word; what the worker has said until then it says again. With that word comes another one, which ends the command's outputs when its processes are
/// gone: it stands in no argument and no environment, so that none of them says that the command has ended. One that was interrupted is the last.</para>
/// <para>Terraform alone gets the run's environment, each command its own (<see cref="SealedEnvironment"/>).</para>
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

    /// <summary>The next command may begin.</summary>
    /// <param name="lastWord">What is to end its outputs.</param>
    public static string GoWord(string lastWord) => $"go {lastWord}\n";

    /// <summary>The claim was renewed: terraform may go on for so many seconds; 0 when nobody else can take its run over.</summary>
    public static string LiveWord(int seconds) => string.Create(CultureInfo.InvariantCulture, $"live {seconds}\n");

    private const string Script = """
        trap '' INT
        grace=$1; cd "$2" || exit 126
        # Where less is allowed already, it stays so.
        bound() { ulimit "-$1" "$2" 2>/dev/null || { less=$(ulimit "-$1") && [ "$less" -le "$2" ]; }; }
        for each in $3; do
          # Some shells have another letter for processes.
          [ "${each%=*}" = p ] && ulimit -u "${each#*=}" 2>/dev/null && continue
          bound "${each%=*}" "${each#*=}" || exit 126
        done
        program=$4; shift 4
        exec 3<&0
        read -r one </proc/1/comm
        begin() {
          eval "eval \"\$ORCHESTRATOR_OPENING_$number\""
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
          [ "$left" -gt 0 ] || exec 3<&- 4<&- 5<&-
          while :; do
            wait "$child"; code=$?
            kill -0 "$child" 2>/dev/null || break
          done
          # Nothing of the command is left beside the next, and no watcher takes the end of the worker's pipe for the worker's own. Outside of the
          # sandbox these would be all processes of the machine. There the watcher is told until it has heard: just before it reads, it would not.
          if [ "$one" = bwrap ]; then clear_away; else while kill "$watcher" 2>/dev/null; do sleep 0.01; done; fi
        }
        # What is being taken apart is still there for a moment.
        clear_away() {
          tries=0
          while kill -KILL -1 2>/dev/null; do
            wait
            tries=$((tries + 1))
            [ "$tries" -lt 200 ] || sleep 0.01
          done
        }
        number=0 lease=0
        while :; do
          last=
          # Also what is left of a word that the watcher had begun to read.
          while read -r word rest <&3; do
            case $word in
              live) lease=$rest;;
              go) last=$rest; break;;
              stop) break;;
            esac
          done
          [ -n "$last" ] || exit 1
          # How many arguments the command has, these, and those of the commands after it.
          count=$1; shift
          left=$(($# - count)) number=$((number + 1)) arguments= told=
          while [ "$count" -gt 0 ]; do arguments="\"\${$count}\" $arguments"; count=$((count - 1)); done
          eval "run \"\$program\" $arguments"
          [ "$left" -gt 0 ] && [ -z "$told" ] || exit "$code"
          shift $(($# - left))
          printf '%s %s\n' "$last" "$code"; printf '%s %s\n' "$last" "$code" >&2
        done
        """;

    /// <summary>Whether a terraform of the run is still there: its guard goes when it has gone.</summary>
    public static bool IsOnDuty(string run)
    {
        var script = System.Text.Encoding.UTF8.GetBytes(Script);
        return ProcessTree.Find(run).Any(process => ProcessTree.Shows(process, "cmdline", script));
    }

    /// <param name="commands">The arguments of what the program is to do, one command after the other, as they are let go.</param>
    /// <param name="directory">Where they start.</param>
    /// <param name="secondsToSave">How long terraform may take to save its state when the worker is gone.</param>
    /// <param name="bounds">Of what terraform may use (<see cref="UsageLimits"/>).</param>
    public static IReadOnlyList<string> Around(
        string program, IEnumerable<IReadOnlyList<string>> commands, string directory, int secondsToSave, string bounds = "") =>
        [
            "/bin/sh", "-c", Script, "guard", Number(secondsToSave), directory, bounds, program,
            .. commands.SelectMany(arguments => (string[])[Number(arguments.Count), .. arguments]),
        ];

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
