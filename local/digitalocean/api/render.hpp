// Private: objects as the API shows them. `endpoint` is the cluster's own URL.
#pragma once

#include <string>

#include <capstan/core/json/json_writer.hpp>
#include <capstan/local/digitalocean/world/model.hpp>
#include <capstan/local/digitalocean/world/world.hpp>

namespace capstan::simulated_digitalocean {

using json::JsonWriter;

// `read`: the form of GET and list, which also has the names of registries.
void RenderCluster(JsonWriter& out, const Cluster& cluster, const std::string& endpoint, bool read);
void RenderPool(JsonWriter& out, const Cluster& cluster, const NodePool& pool);
void RenderVersion(JsonWriter& out, const VersionOptions& version);
void RenderVpc(JsonWriter& out, const Vpc& vpc);

}  // namespace capstan::simulated_digitalocean
