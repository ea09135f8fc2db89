using Orchestrator.Benchmarks.Harness;

return await CommandLine.RunAsync(args);
