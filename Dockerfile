# Orchestrator with terraform, git and the sandbox, as an unprivileged user.
FROM mcr.microsoft.com/dotnet/sdk:10.0 AS build
WORKDIR /source
COPY . .
RUN bash eng/publish.sh /app

FROM debian:bookworm-slim AS terraform
ARG TERRAFORM_VERSION=1.11.4
ARG TARGETARCH=amd64
RUN apt-get update && apt-get install -y --no-install-recommends ca-certificates curl unzip
WORKDIR /download
RUN curl -fsSLO "https://releases.hashicorp.com/terraform/${TERRAFORM_VERSION}/terraform_${TERRAFORM_VERSION}_linux_${TARGETARCH}.zip" \
 && curl -fsSL "https://releases.hashicorp.com/terraform/${TERRAFORM_VERSION}/terraform_${TERRAFORM_VERSION}_SHA256SUMS" \
    | grep "terraform_${TERRAFORM_VERSION}_linux_${TARGETARCH}.zip" | sha256sum -c - \
 && unzip "terraform_${TERRAFORM_VERSION}_linux_${TARGETARCH}.zip" terraform

FROM mcr.microsoft.com/dotnet/aspnet:10.0
RUN apt-get update \
 && apt-get install -y --no-install-recommends bubblewrap ca-certificates curl git nftables util-linux \
 && rm -rf /var/lib/apt/lists/* \
 && useradd --system --create-home --home-dir /var/lib/orchestrator orchestrator
COPY --from=terraform /download/terraform /usr/local/bin/terraform
COPY --from=build /app /app
USER orchestrator
WORKDIR /var/lib/orchestrator
ENV Orchestrator__DataDirectory=/var/lib/orchestrator/data CHECKPOINT_DISABLE=1
VOLUME /var/lib/orchestrator/data
EXPOSE 8080 8443
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s CMD curl -fsS http://127.0.0.1:8080/healthz || curl -fsS http://127.0.0.1:8081/healthz
ENTRYPOINT ["dotnet", "/app/Orchestrator.Web.dll"]
CMD ["serve", "--urls", "http://0.0.0.0:8080;https://0.0.0.0:8443"]
