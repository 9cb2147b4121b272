// The claim: a Lease named after the cloud object's id, so that of all objects that want to adopt
// it only one can write its tags. It is kept until the object releases it; a claim whose object is
// gone is void.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/short_digest.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

kube::ObjectKey ClaimKey(const ReconcileContext& ctx, const std::string& id) {
  return {ctx.options().operator_namespace, ClaimName(id)};
}

// Names the holder's object: "boxes.example.test shop/a".
std::string Claimant(const ReconcileContext& ctx) {
  return StrCat(ctx.kind().resource(), " ", ctx.object.key());
}

// Metadata and spec of the desired Lease. `former` is the one being taken over; null: none.
std::string LeaseText(const ReconcileContext& ctx, const kube::ObjectKey& key, const kube::Object* former) {
  auto annotations = json::MakeObject(), metadata = json::MakeObject(), spec = json::MakeObject();
  annotations->set(kClaimantAnnotation, Claimant(ctx));
  metadata->set("annotations", annotations);
  spec->set("holderIdentity", ctx.object.uid());
  spec->set("acquireTime", ctx.Stamp());
  auto lease = json::MakeObject();
  if (former != nullptr) {
    metadata->set("resourceVersion", former->resource_version());
    metadata->set("uid", former->uid());
  } else {
    metadata->set("name", key.name);
    metadata->set("namespace", key.namespace_);
    lease->set("apiVersion", kube::LeaseKind().api_version());
    lease->set("kind", kube::LeaseKind().kind);
  }
  lease->set("metadata", metadata);
  lease->set("spec", spec);
  return json::ToText(lease);
}

// Whether the object of a claim still exists. If that cannot be determined, it counts as existing.
Result<bool> IsAlive(ReconcileContext& ctx, const std::string& claimant, const std::string& uid) {
  const auto blank = claimant.find(' ');
  if (blank == std::string::npos) return true;
  std::vector<external::KindInfo> kinds = ctx.options().sharing;
  kinds.push_back(ctx.info());
  const auto info = std::find_if(kinds.begin(), kinds.end(), [&](const external::KindInfo& item) {
    return KindOf(item).resource() == claimant.substr(0, blank);
  });
  if (info == kinds.end()) return true;
  const std::string where = claimant.substr(blank + 1);
  const auto slash = where.find('/');
  const kube::ObjectKey key = slash == std::string::npos
                                  ? kube::ObjectKey{"", where}
                                  : kube::ObjectKey{where.substr(0, slash), where.substr(slash + 1)};
  auto object = ctx.client().Get(KindOf(*info), key, ctx.context);
  if (object) return object->uid() == uid;
  if (object.error().code == Code::kNotFound) return false;
  return Failure(std::move(object).error());
}

void ReportClaimStays(ReconcileContext& ctx, const kube::ObjectKey& key, const Error& error) {
  const std::string message = StrCat(
      "Lease ", key, " may stay behind: ", error.message,
      ". Nothing waits for it; allow the operator to get and delete leases, and remove it with kubectl "
      "delete lease ",
      key.name, " -n ", key.namespace_);
  ctx.log().Warning("not permitted to release a claim", {{"object", ctx.What()}, {"message", message}});
  ctx.events().Record(ctx.kind(), ctx.object, runtime::EventType::kWarning,
                      std::string(ReasonName(Reason::kWriteRefused)), Shorten(message, 1024), ctx.context);
}

}  // namespace

// A digest keeps ids that are no DNS names distinct.
std::string ClaimName(const std::string& id) {
  std::string name = ToLower(id);
  for (char& c : name) {
    if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.')) c = '-';
  }
  const std::string whole = StrCat(kClaimPrefix, "-", name);
  if (name == id && IsDnsSubdomain(whole)) return whole;
  name.resize(std::min<std::size_t>(name.size(), 200));
  std::replace(name.begin(), name.end(), '.', '-');
  return StrCat(kClaimPrefix, "-", name, "-", external::ShortDigest(id));
}

Result<Claim> LookAtClaim(ReconcileContext& ctx, const std::string& id) {
  Claim claim;
  auto lease = ctx.client().Get(kube::LeaseKind(), ClaimKey(ctx, id), ctx.context);
  if (!lease && lease.error().code == Code::kNotFound) return claim;
  if (!lease) return Failure(std::move(lease).error());
  const std::string holder = lease->StringAt("/spec/holderIdentity").value_or("");
  claim.lease = std::move(*lease);
  claim.ours = holder == ctx.object.uid();
  if (claim.ours || holder.empty()) return claim;
  const std::string claimant(claim.lease->Annotation(kClaimantAnnotation).value_or(""));
  CAPSTAN_TRY(const bool alive, IsAlive(ctx, claimant, holder));
  if (alive) claim.holder = claimant.empty() ? "the object with uid " + holder : claimant;
  return claim;
}

Result<bool> TakeClaim(ReconcileContext& ctx, const std::string& id, const Claim& claim) {
  if (claim.ours) return true;
  const kube::ObjectKey key = ClaimKey(ctx, id);
  auto& client = ctx.client();
  auto reply =
      claim.lease
          ? client.Patch(kube::LeaseKind(), key, kube::PatchType::kMerge, LeaseText(ctx, key, &*claim.lease),
                         kube::PatchOptions{}, ctx.context)
          : client.Create(kube::LeaseKind(), key.namespace_, LeaseText(ctx, key, nullptr), ctx.context);
  if (reply) return reply->StringAt("/spec/holderIdentity") == ctx.object.uid();
  const Code code = reply.error().code;
  if (code == Code::kNotFound && !claim.lease) {
    return Fail(Code::kPermissionDenied,
                StrCat("namespace ", key.namespace_,
                       ", which keeps the claims, does not exist: create it (kubectl create namespace ",
                       key.namespace_, "), or name another one with --operator-namespace"));
  }
  if (code == Code::kAlreadyExists || code == Code::kConflict || code == Code::kNotFound) return false;
  return Failure(std::move(reply).error());
}

Status ReleaseClaim(ReconcileContext& ctx, const std::string& id) {
  if (id.empty()) return {};
  auto& client = ctx.client();
  auto lease = client.Get(kube::LeaseKind(), ClaimKey(ctx, id), ctx.context);
  Status done;
  if (!lease) {
    done = Failure(std::move(lease).error());
  } else if (lease->StringAt("/spec/holderIdentity") == ctx.object.uid()) {
    kube::DeleteOptions only_this;
    only_this.uid = lease->uid();
    only_this.resource_version = lease->resource_version();
    done = client.Delete(kube::LeaseKind(), lease->key(), only_this, ctx.context);
  }
  if (done || done.error().code == Code::kNotFound) return {};
  if (done.error().code == Code::kPermissionDenied) {
    // Another object can take the claim over once this one is gone; a refusal must not delay the
    // deletion.
    ReportClaimStays(ctx, ClaimKey(ctx, id), done.error());
    return {};
  }
  return done;
}

}  // namespace capstan::managed
