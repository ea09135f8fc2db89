using Orchestrator.Web.Hosting;

return await CommandLine.RunAsync(args);
