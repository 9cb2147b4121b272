// Private to providers/digitalocean: .spec of a DigitalOceanCluster, and how its fields are called
// in the API.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <capstan/core/external/external.hpp>
#include <capstan/core/json/poco_tree.hpp>

namespace capstan::digitalocean {

// A field of the spec and of the API. `inner`: its own fields, when it is an object.
struct Field {
  std::string_view spec, api;
  const std::vector<Field>* inner = nullptr;
};
// Fields of the cluster that can be changed later with PUT, and those that are fixed at creation
// (REFERENCE 4, 7).
const std::vector<Field>& ChangeableFields();
const std::vector<Field>& FixedFields();

struct Desired {
  std::string name;  // spec.name, else metadata.name; with `adopts` only spec.name, and empty without it
  json::ObjectPtr spec;
  bool names = false;   // spec.name is there: the cluster is to be called so, also later
  bool adopts = false;  // spec.adopt is there: region, version and nodePools may be missing
};
// Reads and checks the core's desired document. Errors: kInvalidArgument naming the field: what
// servers without CEL let through, and what no API would take.
Result<Desired> ParseDesired(const std::string& document);
// The name to look for, of whatever else the document holds: spec.adopt.name, else spec.name, else
// metadata.name.
Result<std::string> DesiredName(const std::string& document);

// `object` under the API's names, the given fields only.
json::ObjectPtr Translate(const json::ObjectPtr& object, const std::vector<Field>& fields);

// Body of POST /v2/kubernetes/clusters, with both tags on the cluster and on each pool. `version`
// is what to send.
json::ObjectPtr MakeCreateRequest(const Desired& desired, const external::Identity& identity,
                                  const std::string& version);
// Body of POST .../node_pools for a pool of the spec, called `name` in the cloud, without the
// identity's tags.
json::ObjectPtr MakePoolRequest(const json::ObjectPtr& spec_pool, const std::string& name);
// Adds both tags of the identity to body.tags.
void AddIdentity(json::ObjectPtr body, const external::Identity& identity);

// The pools of the spec. Never null objects.
std::vector<json::ObjectPtr> SpecPools(const json::ObjectPtr& spec);
// How many nodes a pool of the spec begins with in the place of one that has `present`.
std::int64_t FirstCount(const json::ObjectPtr& pool, std::int64_t present);
// What stands under the key; empty where there is nothing, or something else.
std::string TextOf(const json::ObjectPtr& object, std::string_view key);
std::vector<std::string> StringList(const json::ObjectPtr& object, std::string_view key);
json::ArrayPtr ToArray(const std::vector<std::string>& strings);

}  // namespace capstan::digitalocean
