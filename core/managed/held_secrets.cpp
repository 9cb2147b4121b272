#include <capstan/core/managed/held_secrets.hpp>

#include <algorithm>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/external/short_digest.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/reconciler.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

constexpr std::size_t kLongestKey = 253;  // of a ConfigMap

// Namespaces contain no dot, so the first one separates the two.
std::string KeyOfSecretName(const kube::ObjectKey& secret) {
  const std::string key = StrCat(secret.namespace_, ".", secret.name);
  if (key.size() <= kLongestKey) return key;
  return StrCat(key.substr(0, 180), ".", external::ShortDigest(key));
}

std::optional<kube::ObjectKey> SecretIn(const std::string& text) {
  const auto slash = text.find('/');
  if (slash == std::string::npos) return std::nullopt;
  return kube::ObjectKey{text.substr(0, slash), text.substr(slash + 1)};
}

bool MayNot(const Error& error) {
  return error.code == Code::kPermissionDenied || error.code == Code::kNotFound ||
         error.code == Code::kInvalidArgument || error.code == Code::kTooLarge;
}

}  // namespace

// The answer to a merge patch contains the whole ConfigMap, so no permission to read it is needed.
Result<kube::Object> HeldSecrets::Write(const std::string& data, const Context& context) {
  const kube::Kind kind = kube::ConfigMapKind();
  const kube::ObjectKey key{options_.operator_namespace, kInUseConfigMap};
  auto reply = client_.Patch(kind, key, kube::PatchType::kMerge, StrCat("{\"data\":", data, "}"),
                             kube::PatchOptions{}, context);
  if (reply || reply.error().code != Code::kNotFound) return reply;
  return client_.Create(
      kind, key.namespace_,
      StrCat(R"({"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":)", json::Quote(key.name),
             R"(,"namespace":)", json::Quote(key.namespace_), R"(},"data":)", data, "}"),
      context);
}

Status HeldSecrets::Use(const kube::ObjectKey& secret, const Context& context) {
  {
    MutexLock lock(mutex_);
    const auto known = used_.find(secret);
    if (known != used_.end()) {
      known->second = scheduler_.Now();
      return {};
    }
  }
  const auto written = Write(
      StrCat("{", json::Quote(KeyOfSecretName(secret)), ":", json::Quote(secret.ToString()), "}"), context);
  if (!written && !MayNot(written.error())) return Fail(written.error());
  MutexLock lock(mutex_);
  used_[secret] = scheduler_.Now();
  if (written) {
    reports_.Over();
  } else if (reports_.IsNews(written.error(), scheduler_.Now())) {
    log_.Warning(
        "may not record which Secrets are in use: a Secret whose last object vanishes keeps finalizer "
        "capstan.dev/in-use",
        {{"configmap", StrCat(options_.operator_namespace, "/", kInUseConfigMap)},
         {"error", written.error().message}});
  }
  return {};
}

void HeldSecrets::Release(const kube::ObjectKey& secret, const Context& context) {
  {
    MutexLock lock(mutex_);
    used_.erase(secret);
  }
  // If this fails, the surplus name costs a check in the next sweep.
  (void)Write(StrCat("{", json::Quote(KeyOfSecretName(secret)), ":null}"), context);
}

Result<std::vector<kube::ObjectKey>> HeldSecrets::Known(const Context& context) {
  CAPSTAN_TRY(const kube::Object map, Write("{}", context));
  std::vector<kube::ObjectKey> known;
  const auto data = json::ParseObject(map.ValueAt("/data").value_or("{}"));
  if (!data) return known;
  for (const auto& [key, value] : **data) {
    auto secret = value.isString() ? SecretIn(value.convert<std::string>()) : std::nullopt;
    if (secret) known.push_back(std::move(*secret));
  }
  return known;
}

// Secrets of another operator carry the same finalizer and are recorded elsewhere. A Secret that
// other namespaces may use can belong to another installation, unless we manage all namespaces.
bool HeldSecrets::IsOfOurMaking(std::string_view secret) const {
  const auto object = json::ParseObject(std::string(secret));
  const auto metadata = object ? json::ObjectIn(*object, "metadata") : json::ObjectPtr();
  const auto annotations = json::ObjectIn(metadata, "annotations");
  if (!options_.namespaces.empty() && !annotations.isNull() && annotations->has(kAllowNamespacesAnnotation))
    return false;
  const auto entries = json::ArrayIn(metadata, "managedFields");
  for (std::size_t i = 0; !entries.isNull() && i < entries->size(); ++i) {
    const auto entry = json::AsObject(entries->get(static_cast<unsigned>(i)));
    if (json::StringIn(entry, "manager") != options_.field_manager) continue;
    const auto fields = json::ObjectIn(entry, "fieldsV1");
    if (!fields.isNull() && json::ToText(fields).find(kInUseFinalizer) != std::string::npos) return true;
  }
  return false;
}

Result<std::vector<kube::ObjectKey>> HeldSecrets::NotWrittenDown(const Context& context) {
  std::vector<kube::ObjectKey> found;
  {
    MutexLock lock(mutex_);
    if (searched_) return found;
  }
  const auto look = [&](std::string_view text) -> Status {
    CAPSTAN_TRY(const kube::Object secret, kube::Object::Parse(std::string(text)));
    if (secret.HasFinalizer(kInUseFinalizer) && IsOfOurMaking(text)) found.push_back(secret.key());
    return {};
  };
  std::vector<std::string> namespaces = options_.namespaces;
  if (namespaces.empty()) namespaces = {""};
  for (const std::string& name : namespaces) {
    kube::ListOptions options;
    do {
      const auto head = client_.ListMetadata(kube::SecretKind(), name, options, look, context);
      if (!head && head.error().code == Code::kPermissionDenied) {
        log_.Info(
            "may not list Secrets: a Secret that an older version held, and whose last object vanished, "
            "keeps finalizer capstan.dev/in-use until its name is put into the ConfigMap",
            {{"configmap", StrCat(options_.operator_namespace, "/", kInUseConfigMap)},
             {"error", head.error().message}});
        return std::vector<kube::ObjectKey>();
      }
      if (!head) return Fail(head.error());
      options.continue_token = head->continue_token;
    } while (!options.continue_token.empty());
  }
  return found;
}

Result<std::set<std::string>> HeldSecrets::InUse(const Context& context) {
  std::set<std::string> in_use;
  for (const auto& info : options_.kinds) {
    const auto looked = AnyObject(
        client_, KindOf(info), options_.namespaces,
        [&](const kube::Object& object) {
          for (auto& name : SecretsUsed(object, info)) in_use.insert(std::move(name));
          return false;
        },
        context);
    if (!looked && looked.error().code != Code::kNotFound)
      return Fail(looked.error());  // no kind, no objects
  }
  return in_use;
}

Status HeldSecrets::LookAt(const kube::ObjectKey& key, const Context& context) {
  auto secret = client_.Get(kube::SecretKind(), key, context);
  if (!secret && secret.error().code != Code::kNotFound) return Fail(secret.error());
  if (!secret || !secret->HasFinalizer(kInUseFinalizer)) {
    Release(key, context);
    return {};
  }
  CAPSTAN_TRY(const auto in_use, InUse(context));  // checked again right before the release
  if (in_use.count(key.ToString()) != 0) return {};
  if (!fence_.HeldUntil(scheduler_.Now())) return {};
  CAPSTAN_RETURN_IF_ERROR(RemoveInUseFinalizer(client_, *secret, context));
  log_.Info("released a credentials Secret: no object uses it", {{"secret", key}});
  Release(key, context);
  return {};
}

// A reconcile that uses a Secret reports that about once a minute, and less often while it is
// blocked.
bool HeldSecrets::UsedLately(const kube::ObjectKey& secret) {
  MutexLock lock(mutex_);
  const auto used = used_.find(secret);
  return used != used_.end() && scheduler_.Now() - used->second < 3 * options_.every;
}

Status HeldSecrets::Sweep(const Context& context) {
  CAPSTAN_TRY(auto candidates, Known(context));
  CAPSTAN_TRY(const auto older, NotWrittenDown(context));
  for (const auto& secret : older) {
    if (std::find(candidates.begin(), candidates.end(), secret) == candidates.end())
      candidates.push_back(secret);
  }
  CAPSTAN_RETURN_IF_ERROR(ReleaseUnused(std::move(candidates), context));
  MutexLock lock(mutex_);
  searched_ = true;
  return {};
}

Status HeldSecrets::ReleaseUnused(std::vector<kube::ObjectKey> candidates, const Context& context) {
  candidates.erase(std::remove_if(candidates.begin(), candidates.end(),
                                  [&](const kube::ObjectKey& secret) { return UsedLately(secret); }),
                   candidates.end());
  if (candidates.empty()) return {};
  CAPSTAN_TRY(const auto in_use, InUse(context));  // one list serves all of them
  for (const auto& secret : candidates) {
    if (in_use.count(secret.ToString()) == 0) CAPSTAN_RETURN_IF_ERROR(LookAt(secret, context));
  }
  return {};
}

void HeldSecrets::Run(const Context& context) {
  TroubleReports reports(TroubleReports::kOnce);
  do {
    if (!fence_.HeldUntil(scheduler_.Now())) continue;
    const Status done = Sweep(context.Within(scheduler_, std::chrono::minutes(5)));
    if (done) {
      reports.Over();
    } else if (!context.stopped() && reports.IsNews(done.error(), scheduler_.Now())) {
      log_.Warning("cannot check whether credentials Secrets are in use: trying again",
                   {{"error", done.error().message}});
    }
  } while (scheduler_.Sleep(options_.every, context) != Woke::kStopped);
}

}  // namespace capstan::managed
