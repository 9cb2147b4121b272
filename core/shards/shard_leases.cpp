#include <capstan/core/shards/shard_leases.hpp>

#include <charconv>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/shards/lease_names.hpp>
#include <capstan/core/shards/placement.hpp>

namespace capstan::shards {
namespace {

std::optional<int> Number(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// Parses "capstan-member-1f2e3d4c" and "capstan-shard-12-3"; nullopt for a Lease that carries our
// label and is neither.
std::optional<SeenLease> Read(const kube::Object& lease, const std::string& group) {
  SeenLease seen;
  seen.name = lease.key().name;
  seen.uid = lease.uid();
  seen.resource_version = lease.resource_version();
  seen.holder = lease.StringAt("/spec/holderIdentity").value_or("");
  seen.duration = std::chrono::seconds(lease.IntegerAt("/spec/leaseDurationSeconds").value_or(15));
  seen.shards = Number(lease.Label(kCountLabel).value_or("")).value_or(0);
  const std::string_view name(seen.name);
  if (!name.starts_with(group)) return std::nullopt;
  const std::string_view rest = name.substr(group.size());
  if (rest.starts_with(kMemberPart)) return seen;
  if (!rest.starts_with(kShardPart)) return std::nullopt;
  seen.shard = Number(rest.substr(rest.rfind('-') + 1));
  if (!seen.shard) return std::nullopt;
  return seen;
}

}  // namespace

kube::ObjectKey ShardLeases::OfMember(const std::string& holder) const {
  return {in_namespace_, MemberLeaseName(group_, holder)};
}

Result<std::vector<SeenLease>> ShardLeases::List(const Context& context) const {
  kube::ListOptions options;
  options.label_selector = StrCat(kGroupLabel, "=", group_);
  CAPSTAN_TRY(const auto listed, client_.ListAll(kube::LeaseKind(), in_namespace_, options, context));
  std::vector<SeenLease> leases;
  for (const kube::Object& object : listed) {
    if (auto lease = Read(object, group_)) leases.push_back(std::move(*lease));
  }
  return leases;
}

Result<SeenLease> ShardLeases::WriteClaim(int shard, const std::optional<SeenLease>& lease,
                                          const std::string& holder, const Context& context) const {
  const std::string now = FormatRfc3339Micro(clock_.WallNow());
  const std::string spec =
      StrCat(R"({"holderIdentity":)", json::Quote(holder), R"(,"leaseDurationSeconds":)", duration_.count(),
             R"(,"acquireTime":)", json::Quote(now), R"(,"renewTime":)", json::Quote(now), "}");
  const kube::ObjectKey key{in_namespace_, ShardLeaseName(group_, ShardLabel(shards_, shard))};
  const auto written =
      lease ? client_.Patch(kube::LeaseKind(), key, kube::PatchType::kMerge,
                            StrCat(R"({"metadata":{"resourceVersion":)", json::Quote(lease->resource_version),
                                   R"(},"spec":)", spec, "}"),
                            {}, context)
            : client_.Create(
                  kube::LeaseKind(), key.namespace_,
                  StrCat(R"({"apiVersion":"coordination.k8s.io/v1","kind":"Lease","metadata":{"name":)",
                         json::Quote(key.name), R"(,"namespace":)", json::Quote(key.namespace_),
                         R"(,"labels":{)", json::Quote(kGroupLabel), ":", json::Quote(group_), ",",
                         json::Quote(kCountLabel), ":\"", shards_, R"("}},"spec":)", spec, "}"),
                  context);
  if (!written) return Fail(written.error());
  auto seen = Read(*written, group_);
  if (!seen || seen->holder != holder)
    return Fail(Code::kInternal, StrCat("Lease ", key, " was not written as requested"));
  return std::move(*seen);
}

Status ShardLeases::Remove(const SeenLease& lease, const Context& context) const {
  const auto removed = client_.Delete(kube::LeaseKind(), {in_namespace_, lease.name},
                                      {lease.uid, lease.resource_version, ""}, context);
  if (!removed) return Fail(removed.error());
  return {};
}

}  // namespace capstan::shards
