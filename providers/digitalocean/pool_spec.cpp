#include <capstan/providers/digitalocean/detail/pool_spec.hpp>

#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/providers/digitalocean/detail/fields.hpp>

namespace capstan::digitalocean {
namespace {

Failure InvalidPool(const std::string& path, std::string_view why) {
  return Fail(Code::kInvalidArgument, StrCat(path, " ", why));
}

// Reads a field that is present and not null; an error says what it should be.
template <class Value, class Read>
Status Take(const json::ObjectPtr& object, const PoolSpec& pool, const char* field, std::string_view misfit,
            Read read, std::optional<Value>& into) {
  if (!object->has(field) || object->isNull(field)) return {};
  into = read(object, field);
  if (!into) return InvalidPool(pool.Path(field), misfit);
  return {};
}

// Kubernetes' rules; if the API server is too old for the CRD's rules, this is the only check.
Status CheckNodeLabels(const PoolSpec& pool) {
  constexpr char kValues[] =
      ": up to 63 letters, digits, '-', '_' and '.', with a letter or digit at both ends";
  for (const auto& [key, value] : pool.labels.value_or(Labels{})) {
    if (!IsLabelKey(key))
      return InvalidPool(
          pool.Path("labels"),
          StrCat("has the key '", key, "', which no node can have: it is a name, or prefix/name ",
                 "with a DNS name for prefix"));
    if (!IsLabelValue(value))
      return InvalidPool(StrCat(pool.Path("labels"), ".", key),
                         StrCat("is '", value, "', which no node can have", kValues));
  }
  for (const auto& taint : pool.taints.value_or(std::vector<Taint>{})) {
    if (!IsLabelKey(taint.key))
      return InvalidPool(pool.Path("taints"),
                         StrCat("has the key '", taint.key, "', which no node can have"));
    if (!IsLabelValue(taint.value))
      return InvalidPool(pool.Path("taints"), StrCat("has the value '", taint.value, "' for ", taint.key,
                                                     ", which no node can have", kValues));
    if (taint.effect != "NoSchedule" && taint.effect != "PreferNoSchedule" && taint.effect != "NoExecute")
      return InvalidPool(pool.Path("taints"),
                         StrCat("has the effect '", taint.effect, "' for ", taint.key,
                                ": it can be NoSchedule, PreferNoSchedule or NoExecute"));
  }
  return {};
}

Status CheckScale(const PoolSpec& pool, bool count_needed) {
  const auto &least = pool.min_nodes, &most = pool.max_nodes;
  const bool bounded = least && most && *most >= 1 && *least >= 0 && *least <= *most;
  if (pool.scales() && !bounded)
    return InvalidPool(
        pool.Path(),
        "scales by itself, so it needs minNodes and maxNodes, and minNodes must not be above maxNodes");
  if (!pool.auto_scale && least && most && !bounded)
    return InvalidPool(pool.Path("minNodes"), "must not be above maxNodes");
  if (pool.count && *pool.count < 0) return InvalidPool(pool.Path("count"), "must not be below 0");
  if (!pool.count && !pool.scales() && count_needed) return InvalidPool(pool.Path("count"), "is missing");
  return {};
}

std::optional<Labels> ReadLabels(const json::ObjectPtr& object, const char* field) {
  const auto map = json::ObjectIn(object, field);
  if (!map) return std::nullopt;
  for (const auto& [key, value] : *map)
    if (value.isEmpty() || !value.isString()) return std::nullopt;
  return LabelsIn(object);
}

std::optional<std::vector<Taint>> ReadTaints(const json::ObjectPtr& object, const char* field) {
  if (!json::ArrayIn(object, field)) return std::nullopt;
  return TaintsIn(object);
}

std::optional<std::vector<std::string>> ReadTexts(const json::ObjectPtr& object, const char* field) {
  const auto array = json::ArrayIn(object, field);
  auto texts = json::StringsIn(object, field);
  if (!array || texts.size() != array->size()) return std::nullopt;
  return texts;
}

}  // namespace

std::int64_t PoolSpec::first_count() const {
  if (!scales()) return count.value_or(1);
  const auto least = std::max<std::int64_t>(1, min_nodes.value_or(1));
  return std::clamp(count.value_or(least), least, std::max(least, max_nodes.value_or(least)));
}

std::string PoolSpec::Path(std::string_view field) const {
  return StrCat("spec.nodePools[", name, "]", field.empty() ? "" : ".", field);
}

bool PoolSpec::HasTheMachinesOf(const NodePool& pool) const {
  return size == pool.size && (!gpu_partition_mode || *gpu_partition_mode == pool.gpu_partition_mode);
}

PoolSpec PoolSpec::InPlaceOf(const NodePool& pool) const {
  PoolSpec whole = *this;
  if (!auto_scale) whole.auto_scale = pool.auto_scale;
  if (whole.scales()) {
    if (!min_nodes) whole.min_nodes = pool.min_nodes;
    if (!max_nodes) whole.max_nodes = pool.max_nodes;
    if (pool.count > 0) whole.count = pool.count;
    whole.count = whole.first_count();
  } else if (!count) {
    whole.count = pool.count;
  }
  if (!labels) whole.labels = pool.labels;
  if (!taints) whole.taints = pool.taints;
  if (!tags) {
    whole.tags.emplace();
    for (const auto& tag : pool.tags)
      if (!IsOurTag(tag) && !IsAutomaticTag(tag)) whole.tags->push_back(tag);
  }
  return whole;
}

Result<PoolSpec> ParsePoolSpec(const json::ObjectPtr& object, bool count_needed) {
  PoolSpec pool;
  pool.name = json::TextIn(object, "name");
  pool.size = json::TextIn(object, "size");
  if (pool.name.empty()) return InvalidPool("spec.nodePools", "has a pool without a name");
  if (!IsDnsLabel(pool.name))
    return InvalidPool(pool.Path(),
                       "has a name that DigitalOcean cannot give to nodes: a pool's name has lower case "
                       "letters, digits and dashes, and a letter or digit at both ends");
  if (pool.size.empty()) return InvalidPool(pool.Path("size"), "is missing");
  constexpr char kNumber[] = "is not a whole number", kTexts[] = "is not a list of texts";
  CAPSTAN_RETURN_IF_ERROR(Take(object, pool, "count", kNumber, json::IntegerIn, pool.count));
  CAPSTAN_RETURN_IF_ERROR(
      Take(object, pool, "autoScale", "is neither true nor false", json::BooleanIn, pool.auto_scale));
  CAPSTAN_RETURN_IF_ERROR(Take(object, pool, "minNodes", kNumber, json::IntegerIn, pool.min_nodes));
  CAPSTAN_RETURN_IF_ERROR(Take(object, pool, "maxNodes", kNumber, json::IntegerIn, pool.max_nodes));
  CAPSTAN_RETURN_IF_ERROR(Take(object, pool, "labels", "is not an object of texts", ReadLabels, pool.labels));
  CAPSTAN_RETURN_IF_ERROR(Take(object, pool, "taints", "is not a list", ReadTaints, pool.taints));
  CAPSTAN_RETURN_IF_ERROR(Take(object, pool, "tags", kTexts, ReadTexts, pool.tags));
  CAPSTAN_RETURN_IF_ERROR(
      Take(object, pool, "gpuPartitionMode", "is not a text", json::StringIn, pool.gpu_partition_mode));
  if (pool.gpu_partition_mode && pool.gpu_partition_mode->empty()) pool.gpu_partition_mode.reset();
  CAPSTAN_RETURN_IF_ERROR(CheckScale(pool, count_needed));
  CAPSTAN_RETURN_IF_ERROR(CheckNodeLabels(pool));
  return pool;
}

json::ObjectPtr MakePoolRequest(const PoolSpec& spec, const std::string& name) {
  auto body = json::MakeObject();
  body->set("name", name);
  body->set("size", spec.size);
  body->set("count", Poco::Int64{spec.first_count()});
  if (spec.scales()) {
    body->set("auto_scale", true);
    if (spec.min_nodes) body->set("min_nodes", Poco::Int64{*spec.min_nodes});
    if (spec.max_nodes) body->set("max_nodes", Poco::Int64{*spec.max_nodes});
  }
  if (spec.labels && !spec.labels->empty()) body->set("labels", ToObject(*spec.labels));
  if (spec.taints && !spec.taints->empty()) body->set("taints", ToArray(*spec.taints));
  if (spec.gpu_partition_mode) body->set("gpu_partition_mode", *spec.gpu_partition_mode);
  auto tags = spec.tags.value_or(std::vector<std::string>{});
  tags.push_back(kPoolTagPrefix + spec.name);
  body->set("tags", json::ArrayOf(tags));
  return body;
}

}  // namespace capstan::digitalocean
