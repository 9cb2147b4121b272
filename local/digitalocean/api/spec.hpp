// Private: converts request bodies to clusters and pools, with every validation that the service is
// known to perform. Reads the World, which the lock of SimulatedCloud guards.
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string>

#include <capstan/local/digitalocean/api/api.hpp>

namespace capstan::simulated_digitalocean {

struct VersionNumber {
  std::int64_t major = 0, minor = 0, patch = 0, revision = 0;
  friend auto operator<=>(const VersionNumber&, const VersionNumber&) = default;
};
// Parses a full slug, "1.35.3-do.0".
std::optional<VersionNumber> ParseSlug(const std::string& slug);
// The full slug of the version in a create request: a slug, a minor version, or "latest".
Checked<std::string> ResolveVersion(const World& world, const std::string& wanted);
// The versions that a cluster can be upgraded to, newest first.
std::vector<const VersionOptions*> AvailableUpgrades(const World& world, const std::string& version);
// The versions that GET .../upgrades lists: the available ones, and more with
// Behaviour::upgrades_list_next_minor.
std::vector<const VersionOptions*> ListedUpgrades(const World& world, const std::string& version);

// `prefix` is "worker_node_pool_specs[0]." in a create request and "worker_node_pool_spec."
// elsewhere.
Checked<NodePool> ReadPool(const Call& call, const Fields& fields, const std::string& prefix);
// Applies a PUT body to a copy of the pool.
Checked<NodePool> ReadPoolUpdate(const Call& call, const Fields& fields, NodePool pool);
Check CheckDropletLimit(const Call& call, const std::vector<const NodePool*>& wanted, std::int64_t present);
Checked<Cluster> ReadCluster(const Call& call, const Fields& fields);
// Settings that create and update share: everything that PUT can change except the name.
Check ReadSettings(const Call& call, const Fields& fields, Cluster& cluster, bool creating);
Check CheckName(const World& world, const std::string& name, std::string_view whose);
Check CheckUniqueName(const Call& call, const std::string& name, const std::string& except_id);
Check CheckTags(const std::vector<std::string>& tags);

}  // namespace capstan::simulated_digitalocean
