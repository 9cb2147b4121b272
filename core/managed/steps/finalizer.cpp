#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/credential_secret.hpp>
#include <capstan/core/managed/held_secrets.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// A merge patch replaces the whole list, so it always carries the resourceVersion with which the
// list was read.
json::ObjectPtr WithFinalizers(const kube::Object& object, std::vector<std::string> finalizers) {
  auto list = json::MakeArray();
  for (const auto& item : finalizers) list->add(item);
  auto metadata = json::MakeObject();
  metadata->set("finalizers", list);
  metadata->set("resourceVersion", object.resource_version());
  metadata->set("uid", object.uid());
  auto patch = json::MakeObject();
  patch->set("metadata", metadata);
  return patch;
}

std::vector<std::string> WithoutFinalizer(std::vector<std::string> finalizers, const char* name) {
  finalizers.erase(std::remove(finalizers.begin(), finalizers.end(), name), finalizers.end());
  return finalizers;
}

kube::ObjectKey KeyOfSecret(const std::string& text) {
  const auto slash = text.find('/');
  return slash == std::string::npos ? kube::ObjectKey{"", text}
                                    : kube::ObjectKey{text.substr(0, slash), text.substr(slash + 1)};
}

// Whether an object of the kind, other than `reconcile`'s, names that Secret and has something to
// lose.
Result<bool> HasOtherUser(ReconcileContext& ctx, const external::KindInfo& info, const std::string& secret) {
  if (info.credentials_field.empty()) return false;
  return AnyOther(ctx, KindOf(info),
                  [&](const kube::Object& other) { return SecretsUsed(other, info).count(secret) != 0; });
}

// What the operator goes on without is in no condition.
void ReportSecretRefused(ReconcileContext& ctx, const std::string& message) {
  ctx.events().Record(ctx.kind(), ctx.object, runtime::EventType::kWarning,
                      std::string(ReasonName(Reason::kWriteRefused)), Shorten(message, 1024), ctx.context);
}

Status ReadAndLetGo(ReconcileContext& ctx, const std::string& name) {
  auto secret = ctx.client().Get(kube::SecretKind(), KeyOfSecret(name), ctx.context);
  if (!secret) {
    if (secret.error().code == Code::kNotFound) return {};
    return Failure(std::move(secret).error());
  }
  if (!secret->HasFinalizer(kInUseFinalizer)) return {};
  std::vector<external::KindInfo> kinds = ctx.options().sharing;
  kinds.push_back(ctx.info());
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (i + 1 < kinds.size() && KindOf(kinds[i]) == ctx.kind()) continue;  // it comes last anyway
    CAPSTAN_TRY(const bool used, HasOtherUser(ctx, kinds[i], name));
    if (used) return {};
  }
  CAPSTAN_RETURN_IF_ERROR(RemoveInUseFinalizer(ctx.client(), *secret, ctx.context));
  if (ctx.setting.parts.held != nullptr) ctx.setting.parts.held->Release(secret->key(), ctx.context);
  return {};
}

// A missing right must not hold up the end of the object.
Status LetGoOfSecret(ReconcileContext& ctx, const std::string& name) {
  Status done = ReadAndLetGo(ctx, name);
  if (done || done.error().code != Code::kPermissionDenied) return done;
  ctx.log().Warning("not permitted to release a credentials Secret",
                    {{"object", ctx.What()}, {"secret", name}, {"error", done.error().message}});
  ReportSecretRefused(
      ctx, StrCat("the operator may not release Secret ", name, ": ", done.error().message,
                  ". It keeps finalizer ", kInUseFinalizer,
                  " until the operator may get and patch secrets, and list the objects that use them"));
  return {};
}

Status PutInUse(ReconcileContext& ctx) {
  if (!ctx.secret) return {};
  // Also if the Secret carries it already: an earlier process may have added it, and nothing else
  // remembers that.
  if (ctx.setting.parts.held != nullptr)
    CAPSTAN_RETURN_IF_ERROR(ctx.setting.parts.held->Use(ctx.secret->key(), ctx.context));
  if (ctx.secret->HasFinalizer(kInUseFinalizer)) return {};
  if (ctx.secret->deleting()) return {};  // too late, the API server refuses new finalizers
  auto finalizers = ctx.secret->metadata().finalizers;
  finalizers.push_back(kInUseFinalizer);
  auto reply = ctx.client().Patch(kube::SecretKind(), ctx.secret->key(), kube::PatchType::kMerge,
                                  json::ToText(WithFinalizers(*ctx.secret, std::move(finalizers))),
                                  kube::PatchOptions{}, ctx.context);
  if (reply) {
    ctx.secret = std::move(*reply);
    return {};
  }
  if (reply.error().code == Code::kPermissionDenied) {
    // Everything else works without this permission; only the deletion of a namespace can then
    // remove the Secret too early.
    ctx.log().Warning("not permitted to put a finalizer on the credentials Secret",
                      {{"secret", ctx.secret->key()}, {"error", reply.error().message}});
    ReportSecretRefused(
        ctx, StrCat("the operator may not put finalizer ", kInUseFinalizer, " on Secret ", ctx.secret->key(),
                    ": ", reply.error().message,
                    ". The Secret may be deleted while this object needs it; allow the operator to "
                    "patch secrets"));
    return {};
  }
  return Failure(std::move(reply).error());
}

}  // namespace

Status RemoveInUseFinalizer(kube::Client& client, const kube::Object& secret, const Context& context) {
  const auto patch = WithFinalizers(secret, WithoutFinalizer(secret.metadata().finalizers, kInUseFinalizer));
  auto reply = client.Patch(kube::SecretKind(), secret.key(), kube::PatchType::kMerge, json::ToText(patch),
                            kube::PatchOptions{}, context);
  if (!reply && reply.error().code != Code::kNotFound) return Failure(std::move(reply).error());
  return {};
}

Status HoldSecret(ReconcileContext& ctx) {
  CAPSTAN_RETURN_IF_ERROR(PutInUse(ctx));
  const std::string name = ctx.secret ? ctx.secret->key().ToString() : "";
  if (ctx.record.credentials == name) return {};
  // Adds the finalizer to the new Secret, releases the old one, then changes the record: a crash in
  // between repeats this and forgets neither.
  if (!ctx.record.credentials.empty() && !ctx.object.deleting()) {
    CAPSTAN_RETURN_IF_ERROR(LetGoOfSecret(ctx, ctx.record.credentials));
  }
  if (ctx.object.deleting()) return {};  // credentials lent for a deletion are not taken over
  ctx.external_changes->set("credentialsSecret",
                            name.empty() ? Poco::Dynamic::Var() : Poco::Dynamic::Var(name));
  return {};
}

Result<Next> EnsureFinalizer(ReconcileContext& ctx) {
  if (ctx.object.HasFinalizer(kFinalizer)) return Next::kGoOn;
  if (ctx.object.deleting()) return Next::kStop;  // the API server then accepts no new finalizers
  auto finalizers = ctx.object.metadata().finalizers;
  finalizers.push_back(kFinalizer);
  CAPSTAN_RETURN_IF_ERROR(ctx.PatchObject(WithFinalizers(ctx.object, std::move(finalizers))));
  if (!ctx.object.HasFinalizer(kFinalizer)) {
    return Fail(Code::kInternal,
                StrCat("the API server did not keep finalizer ", kFinalizer, " on ", ctx.What()));
  }
  return Next::kGoOn;
}

Status ReleaseSecret(ReconcileContext& ctx) {
  for (const auto& name : SecretsNamed(ctx.object, ctx.info())) {
    CAPSTAN_RETURN_IF_ERROR(LetGoOfSecret(ctx, name));
  }
  return {};
}

Status DropFinalizer(ReconcileContext& ctx) {
  const auto patch =
      WithFinalizers(ctx.object, WithoutFinalizer(ctx.object.metadata().finalizers, kFinalizer));
  Status done = ctx.PatchObject(patch);
  if (!done && done.error().code == Code::kNotFound) done = Status();
  if (done) ctx.gone = true;
  return done;
}

}  // namespace capstan::managed
