// Private: objects as the API returns them. `endpoint` is the URL of the cluster's Kubernetes API.
// Pure; thread-safe.
#pragma once

#include <string>

#include <capstan/core/json/json_writer.hpp>
#include <capstan/local/digitalocean/world/model.hpp>
#include <capstan/local/digitalocean/world/world.hpp>

namespace capstan::simulated_digitalocean {

using json::JsonWriter;

// `read`: the form that GET and list return, which includes the names of registries.
void RenderCluster(JsonWriter& out, const Cluster& cluster, const std::string& endpoint, bool read);
void RenderPool(JsonWriter& out, const Cluster& cluster, const NodePool& pool);
void RenderVersion(JsonWriter& out, const VersionOptions& version);
void RenderVpc(JsonWriter& out, const Vpc& vpc);

}  // namespace capstan::simulated_digitalocean
