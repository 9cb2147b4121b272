#include <capstan/core/operator/engine/children.hpp>

#include <algorithm>
#include <charconv>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/operator/engine/contains.hpp>
#include <capstan/core/operator/engine/rights.hpp>

namespace capstan {
namespace {

constexpr char kManagedBy[] = "app.kubernetes.io/managed-by";

std::uint64_t VersionOf(const std::string& text) {
  std::uint64_t version = 0;
  (void)std::from_chars(text.data(), text.data() + text.size(), version);
  return version;
}

const json::OwnerReference* ControllerOf(const kube::Object& object) {
  const auto& owners = object.metadata().owners;
  const auto found =
      std::find_if(owners.begin(), owners.end(), [](const auto& owner) { return owner.controller; });
  return found == owners.end() ? nullptr : &*found;
}

std::string ParentValue(const Children::Parent& parent) {
  return parent.owns ? "uid:" + parent.object.uid() : MadeForValue(parent.kind, parent.object.key());
}

Json OwnerReferences(const Children::Parent& parent) {
  Json owner;
  owner.Set("apiVersion", parent.kind.api_version())
      .Set("kind", parent.kind.kind)
      .Set("name", parent.object.metadata().name)
      .Set("uid", parent.object.uid())
      .Set("controller", true)
      .Set("blockOwnerDeletion", true);
  return Json::Array{std::move(owner)};
}

}  // namespace

std::string MadeForValue(const kube::Kind& kind, const kube::ObjectKey& key) {
  return StrCat(kind.resource(), "/", key);
}

std::optional<kube::ObjectKey> MadeForKey(const kube::Kind& kind, std::string_view value) {
  const std::string prefix = kind.resource() + "/";
  if (value.substr(0, prefix.size()) != prefix) return std::nullopt;
  const auto pieces = Split(value.substr(prefix.size()), '/');
  if (kind.namespaced && pieces.size() == 2) return kube::ObjectKey{pieces[0], pieces[1]};
  if (!kind.namespaced && pieces.size() == 1) return kube::ObjectKey{"", pieces[0]};
  return std::nullopt;
}

std::vector<std::string> BelongsTo(const kube::Object& child, const std::string& made_for) {
  std::vector<std::string> values;
  if (const auto* owner = ControllerOf(child)) values.push_back("uid:" + owner->uid);
  if (const auto parent = child.Annotation(made_for)) values.emplace_back(*parent);
  return values;
}

Result<std::optional<kube::Object>> Children::Cached(const kube::ObjectKey& key) const {
  for (const runtime::Informer* informer : informers_) {
    CAPSTAN_TRY(auto object, informer->store().Get(key));
    if (object) return object;
  }
  return std::optional<kube::Object>();
}

// The cache only has objects with our label, so one that it does not have may still exist.
Result<std::optional<kube::Object>> Children::ReadUncached(const kube::ObjectKey& key,
                                                           const Context& context) {
  auto there = client_.Get(kind_, key, context);
  if (there) return std::optional<kube::Object>(std::move(*there));
  if (there.error().code == Code::kNotFound && !there.error().reason.empty())
    return std::optional<kube::Object>();
  return Fail(NamingTheRule(there.error(), kind_, {"get"}));
}

Json Children::WithIdentity(const Parent& parent, const kube::ObjectKey& key, Json body) const {
  Json metadata = body["metadata"];
  Json labels = metadata["labels"], annotations = metadata["annotations"];
  metadata.Set("name", key.name);
  if (kind_.namespaced) metadata.Set("namespace", key.namespace_);
  metadata.Set("labels", labels.Set(kManagedBy, names_.operator_name));
  if (parent.owns) {
    metadata.Set("ownerReferences", OwnerReferences(parent));
  } else {
    annotations.Set(names_.made_for, ParentValue(parent));
  }
  body.Set("apiVersion", kind_.api_version()).Set("kind", kind_.kind);
  body.Set("metadata", Json(metadata).Set("annotations", annotations));
  annotations.Set(names_.applied, Secret(body.ToText()).Digest().substr(0, 16));
  return body.Set("metadata", metadata.Set("annotations", annotations));
}

Status Children::CheckOurs(const Parent& parent, const kube::Object& there) const {
  const std::string what = StrCat(kind_.kind, " ", there.key());
  const auto* owner = ControllerOf(there);
  const auto made_for = there.Annotation(names_.made_for);
  const auto values = BelongsTo(there, names_.made_for);
  if (std::find(values.begin(), values.end(), ParentValue(parent)) != values.end()) return {};
  if (owner != nullptr && parent.owns && owner->kind == parent.kind.kind &&
      owner->name == parent.object.metadata().name) {
    return Fail(Code::kUnavailable, what +
                                        " still belongs to an earlier object of this name; Kubernetes "
                                        "deletes it with that one, and the operator then creates it again");
  }
  if (owner == nullptr && !made_for && there.Label(kManagedBy) == names_.operator_name) return {};
  const std::string whose = owner != nullptr ? StrCat("belongs to ", owner->kind, " ", owner->name)
                            : made_for       ? StrCat("was made for ", *made_for)
                                             : "exists and is not this operator's";
  Error error =
      MakeError(Code::kAlreadyExists, StrCat(what, " ", whose, ": delete it or choose another name"));
  error.reason = "NameTaken";
  if (owner == nullptr && !made_for) {
    error.message +=
        StrCat(", or give it to this operator with label ", kManagedBy, "=", names_.operator_name);
  }
  return Failure(std::move(error));
}

bool Children::AsWanted(const std::optional<kube::Object>& cached, const kube::ObjectKey& key,
                        const Json& body, const std::string& digest) const {
  std::optional<Applied> applied;
  {
    MutexLock lock(mutex_);
    if (const auto found = applied_.find(key); found != applied_.end()) applied = found->second;
  }
  const bool mine = applied && applied->digest == digest;
  const std::uint64_t wrote = mine ? VersionOf(applied->resource_version) : 0;
  if (!cached) {
    // It does not exist, or not yet: our own write may not have reached the cache.
    return mine && std::all_of(informers_.begin(), informers_.end(), [&](const runtime::Informer* informer) {
             return informer->store().version() < wrote;
           });
  }
  // The server may have normalized values: its answer to our write counts as desired.
  if (mine && VersionOf(cached->resource_version()) <= wrote) return true;
  if (cached->Annotation(names_.applied) != digest) return false;
  const auto there = Json::Parse(cached->json());
  return there && Contains(*there, body);
}

Result<std::string> Children::Put(const Parent& parent, const kube::ObjectKey& key, Json body,
                                  const Context& context) {
  if (!body.is_object() && !body.is_null())
    return Fail(Code::kInvalidArgument,
                StrCat(kind_.kind, " ", key, ": the desired object is not a JSON object"));
  body = WithIdentity(parent, key, std::move(body));
  const std::string digest = body["metadata"]["annotations"][names_.applied].AsString();
  CAPSTAN_TRY(auto there, Cached(key));
  if (there) CAPSTAN_RETURN_IF_ERROR(CheckOurs(parent, *there));
  if (AsWanted(there, key, body, digest)) return std::string();
  if (!there) {
    CAPSTAN_TRY(there, ReadUncached(key, context));
    if (there) CAPSTAN_RETURN_IF_ERROR(CheckOurs(parent, *there));
  }
  if (there && there->deleting()) {
    return Fail(
        Code::kUnavailable,
        StrCat(kind_.kind, " ", key, " is being deleted; the operator creates it again once it is gone"));
  }
  kube::PatchOptions options;
  options.force = true;
  const auto written = client_.Patch(kind_, key, kube::PatchType::kApply, body.ToText(), options, context);
  if (!written) return Fail(NamingTheRule(written.error(), kind_, {"create", "patch"}));
  {
    MutexLock lock(mutex_);
    applied_[key] = {parent.object.key(), digest, written->resource_version()};
  }
  if (there && there->resource_version() == written->resource_version()) return std::string();
  return std::string(there ? "Updated" : "Created");
}

Result<bool> Children::Remove(const Parent& parent, const kube::ObjectKey& key, const Context& context) {
  {
    MutexLock lock(mutex_);
    applied_.erase(key);
  }
  CAPSTAN_TRY(auto there, Cached(key));
  if (!there) {
    CAPSTAN_TRY(there, ReadUncached(key, context));
  }
  if (!there || there->deleting() || !CheckOurs(parent, *there)) return false;
  kube::DeleteOptions options;
  options.uid = there->uid();
  const Status gone = client_.Delete(kind_, key, options, context);
  if (gone) return true;
  if (gone.error().code == Code::kNotFound) return false;
  return Fail(NamingTheRule(gone.error(), kind_, {"delete"}));
}

std::vector<kube::ObjectKey> Children::Of(const Parent& parent) const {
  std::vector<kube::ObjectKey> keys;
  for (const runtime::Informer* informer : informers_) {
    const auto found = informer->store().FindByIndex(kBelongsToIndex, ParentValue(parent));
    for (const auto& child : found ? *found : std::vector<runtime::StoredObject>())
      keys.push_back(child.key());
  }
  std::sort(keys.begin(), keys.end());
  return keys;
}

void Children::Forget(const kube::ObjectKey& parent) {
  MutexLock lock(mutex_);
  for (auto one = applied_.begin(); one != applied_.end();)
    one = one->second.parent == parent ? applied_.erase(one) : std::next(one);
}

}  // namespace capstan
