using Orchestrator.FakeTerraform;

// "worker" plays the platform's side: a process that runs terraform and that a test can kill.
if (args is ["worker", ..])
{
    return await Worker.RunAsync(args[1..]);
}
var request = Environment.GetEnvironmentVariable("FAKE_TERRAFORM") ?? "";
return args switch
{
    ["version", ..] => Answers.Version(),
    ["init", ..] => Answers.Init(),
    ["show", ..] when request == "unshowable" => Misbehaviour.FailToShow(args),
    ["show", .., var plan] when request == "swap" => Misbehaviour.Swap(plan) ?? Answers.Show(),
    ["show", ..] => Answers.Show(),
    ["plan", ..] or ["apply", ..] => Misbehaviour.Perform(request) ?? Answers.PlanOrApply(args),
    _ => Answers.Unknown(args),
};
