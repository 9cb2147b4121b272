#include <capstan/providers/digitalocean/detail/spec.hpp>

#include <algorithm>
#include <set>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/cluster.hpp>

namespace capstan::digitalocean {
namespace {

// Each kubeconfig adds a token to the account's list and costs two requests of its quota.
constexpr std::int64_t kLeastExpirySeconds = 600;

Failure Invalid(const std::string& field, const std::string& why) {
  return Fail(Code::kInvalidArgument, StrCat("spec.", field, " ", why));
}

Status CheckTags(const std::optional<std::vector<std::string>>& tags, const std::string& path) {
  for (const auto& tag : tags.value_or(std::vector<std::string>{}))
    if (IsOurTag(tag) || IsAutomaticTag(tag))
      return Fail(
          Code::kInvalidArgument,
          StrCat(path, " has '", tag, "': tags with the prefixes capstan, k8s and terraform: are reserved"));
  return {};
}

Status CheckAdopt(const json::ObjectPtr& adopt) {
  bool id = !json::StringIn(adopt, "clusterID").value_or("").empty();
  bool name = !json::StringIn(adopt, "name").value_or("").empty();
  if (id == name) return Invalid("adopt", "needs either clusterID or name");
  return {};
}

Status CheckAssociated(const json::ObjectPtr& spec) {
  if (!spec->has("associatedResources") || spec->isNull("associatedResources")) return {};
  auto text = json::StringIn(spec, "associatedResources");
  if (text == "Keep" || text == "Delete") return {};
  auto kinds = json::ObjectIn(spec, "associatedResources");
  bool fits = kinds;
  for (std::size_t i = 0; fits && i < kinds->size(); ++i) {
    auto key = kinds->getNames()[i];
    auto ids = json::ArrayIn(kinds, key);
    bool all_texts = ids && json::StringsIn(kinds, key).size() == ids->size();
    fits = (json::BooleanIn(kinds, key) || all_texts) &&
           (key == "loadBalancers" || key == "volumes" || key == "volumeSnapshots");
  }
  if (fits) return {};
  return Invalid("associatedResources",
                 "is neither Keep nor Delete nor an object of loadBalancers, volumes and volumeSnapshots, "
                 "each true, false or a list of ids");
}

// Fields that the core reads, and that servers without CEL do not validate.
Status CheckPolicies(const json::ObjectPtr& spec) {
  auto policy = json::StringIn(spec, "managementPolicy").value_or("Full");
  if (policy != "Full" && policy != "Observe" && policy != "ReadOnly")
    return Invalid("managementPolicy", StrCat("is '", policy, "': it can be Full, Observe or ReadOnly"));
  CAPSTAN_RETURN_IF_ERROR(CheckAssociated(spec));
  const auto expiry = json::IntegerIn(spec, "kubeconfigExpirySeconds").value_or(0);
  if (expiry != 0 && expiry < kLeastExpirySeconds)
    return Invalid(
        "kubeconfigExpirySeconds",
        StrCat("is ", expiry, ": it can be 0 (DigitalOcean's seven days) or at least ", kLeastExpirySeconds));
  return {};
}

Result<std::optional<std::vector<std::string>>> ReadTextList(const json::ObjectPtr& spec, const char* field) {
  using Texts = std::optional<std::vector<std::string>>;
  if (!spec->has(field) || spec->isNull(field)) return Texts();
  const auto array = json::ArrayIn(spec, field);
  auto texts = json::StringsIn(spec, field);
  if (!array || texts.size() != array->size()) return Invalid(field, "is not a list of texts");
  return Texts(std::move(texts));
}

// "a, b c": separated by commas or blanks.
std::vector<std::string> NodesIn(const json::ObjectPtr& annotations, const char* name) {
  auto text = json::TextIn(annotations, name);
  std::replace(text.begin(), text.end(), ' ', ',');
  std::vector<std::string> nodes;
  for (auto& node : Split(text, ','))
    if (!node.empty()) nodes.push_back(std::move(node));
  return nodes;
}

Status ReadPools(const json::ObjectPtr& object, bool adopts, ClusterSpec& spec) {
  const auto array = json::ArrayIn(object, "nodePools");
  std::set<std::string> names;
  bool works = false;
  if (array) spec.pools.emplace();
  for (std::size_t i = 0; array && i < array->size(); ++i) {
    const auto item = json::AsObject(array->get(static_cast<unsigned>(i)));
    if (!item) return Invalid("nodePools", "has an item that is no object");
    CAPSTAN_TRY(PoolSpec pool, ParsePoolSpec(item, !adopts));
    CAPSTAN_RETURN_IF_ERROR(CheckTags(pool.tags, pool.Path("tags")));
    if (!names.insert(pool.name).second)
      return Invalid("nodePools", StrCat("has two pools named '", pool.name, "'"));
    works = works || pool.first_count() > 0;
    spec.pools->push_back(std::move(pool));
  }
  if (adopts) return {};
  if (names.empty()) return Invalid("nodePools", "needs at least one pool");
  if (!works) return Invalid("nodePools", "needs a pool with at least one node");
  return {};
}

Status ReadVersion(const json::ObjectPtr& object, bool adopts, ClusterSpec& spec) {
  spec.region = json::TextIn(object, "region");
  const auto version = json::TextIn(object, "version");
  if (!adopts && spec.region.empty()) return Invalid("region", "is missing");
  if (!adopts && version.empty()) return Invalid("version", "is missing");
  if (version.empty()) return {};
  spec.version = ParseWanted(version);
  if (!spec.version)
    return Invalid(
        "version",
        "is neither 'latest' nor a minor version such as '1.34' nor a whole slug such as '1.34.1-do.0'");
  return {};
}

Result<ClusterSpec> ReadSpec(const json::ObjectPtr& object, bool adopts) {
  ClusterSpec spec;
  CAPSTAN_RETURN_IF_ERROR(CheckPolicies(object));
  CAPSTAN_TRY(spec.settings, TakeFields(object, FixedFields(), "spec"));
  CAPSTAN_TRY(const auto changeable, TakeFields(object, ChangeableFields(), "spec"));
  for (const auto& [key, value] : *changeable) spec.settings->set(key, value);
  spec.auto_upgrade = json::BooleanIn(spec.settings, "autoUpgrade").value_or(false);
  spec.vpc_uuid = json::TextIn(spec.settings, "vpcUUID");
  spec.ha = json::BooleanIn(spec.settings, "ha");
  spec.registry_enabled = json::BooleanIn(object, "registryEnabled");
  CAPSTAN_TRY(spec.registries, ReadTextList(object, "registries"));
  if (spec.registry_enabled && spec.registries && *spec.registry_enabled == spec.registries->empty())
    return Invalid("registryEnabled", "says the opposite of registries: leave one of them out");
  CAPSTAN_RETURN_IF_ERROR(ReadVersion(object, adopts, spec));
  CAPSTAN_RETURN_IF_ERROR(ReadPools(object, adopts, spec));
  CAPSTAN_TRY(spec.tags, ReadTextList(object, "tags"));
  CAPSTAN_RETURN_IF_ERROR(CheckTags(spec.tags, "spec.tags"));
  return spec;
}

}  // namespace

const PoolSpec* ClusterSpec::PoolNamed(std::string_view name) const {
  if (!pools) return nullptr;
  const auto found =
      std::find_if(pools->begin(), pools->end(), [&](const PoolSpec& pool) { return pool.name == name; });
  return found == pools->end() ? nullptr : &*found;
}

Result<std::string> DesiredName(const std::string& document) {
  CAPSTAN_TRY(json::ObjectPtr object, json::ParseObject(document));
  auto spec = json::ObjectIn(object, "spec");
  auto name = json::StringIn(json::ObjectIn(spec, "adopt"), "name").value_or("");
  if (name.empty()) name = json::StringIn(spec, "name").value_or("");
  if (name.empty()) name = json::StringIn(object, "name").value_or("");
  if (name.empty()) return Invalid("name", "is missing, and metadata.name too");
  return name;
}

Result<Desired> ParseDesired(const std::string& document) {
  CAPSTAN_TRY(json::ObjectPtr object, json::ParseObject(document));
  const auto spec = json::ObjectIn(object, "spec");
  if (!spec) return Fail(Code::kInvalidArgument, "the object has no spec");
  Desired desired;
  const auto adopt = json::ObjectIn(spec, "adopt");
  desired.adopts = !adopt.isNull();
  desired.name = json::TextIn(spec, "name");
  desired.names = !desired.name.empty();
  if (!desired.names && !desired.adopts) desired.name = json::TextIn(object, "name");
  if (desired.name.empty() && !desired.adopts) return Invalid("name", "is missing, and metadata.name too");
  if (desired.adopts) CAPSTAN_RETURN_IF_ERROR(CheckAdopt(adopt));
  CAPSTAN_TRY(desired.spec, ReadSpec(spec, desired.adopts));
  const auto annotations = json::ObjectIn(object, "annotations");
  desired.nodes.remove = NodesIn(annotations, "capstan.dev/delete-nodes");
  desired.nodes.replace = NodesIn(annotations, "capstan.dev/replace-nodes");
  desired.nodes.reset_counts = NodesIn(annotations, "capstan.dev/reset-count");
  desired.nodes.skip_drain = json::TextIn(annotations, "capstan.dev/skip-drain") == "true";
  return desired;
}

KubeconfigSpec ParseKubeconfigSpec(const std::string& document) {
  KubeconfigSpec wish;
  const auto object = json::ParseObject(document);
  if (!object) return wish;
  const auto spec = json::ObjectIn(*object, "spec"), sso = json::ObjectIn(spec, "sso");
  const auto expiry = json::IntegerIn(spec, "kubeconfigExpirySeconds").value_or(0);
  if (expiry > 0) wish.expiry_seconds = std::max(expiry, kLeastExpirySeconds);
  wish.single_sign_on_only =
      json::BooleanIn(sso, "enabled").value_or(false) && json::BooleanIn(sso, "required").value_or(false);
  return wish;
}

void AddIdentity(json::ObjectPtr body, const external::Identity& identity) {
  auto tags = json::StringsIn(body, "tags");
  for (const auto& tag : {identity.tag, identity.owner})
    if (!tag.empty() && !HasTag(tags, tag)) tags.push_back(tag);
  body->set("tags", json::ArrayOf(tags));
}

json::ObjectPtr MakeCreateRequest(const Desired& desired, const external::Identity& identity,
                                  const std::string& version) {
  const auto& spec = desired.spec;
  auto body = Translate(spec.settings, FixedFields());
  const auto settings = Translate(spec.settings, ChangeableFields());
  for (const auto& [key, value] : *settings) body->set(key, value);
  body->set("name", desired.name);
  body->set("version", version);
  body->set("tags", json::ArrayOf(spec.tags.value_or(std::vector<std::string>{})));
  AddIdentity(body, identity);
  auto pools = json::MakeArray();
  for (const auto& wanted : spec.pools.value_or(std::vector<PoolSpec>{})) {
    auto pool = MakePoolRequest(wanted, wanted.name);
    AddIdentity(pool, identity);
    pools->add(pool);
  }
  body->set("node_pools", pools);
  return body;
}

}  // namespace capstan::digitalocean
