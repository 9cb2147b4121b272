// Deleting a CRD deletes all its objects, and users hardly ever want to lose their clusters with
// it. The server marks the CRD before it deletes the first object, so a check after the object's
// deletion sees the mark.
#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/discovery.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// Discovery learns of the mark when the server's own watch of the CRD does; deletionTimestamp has
// whole seconds.
constexpr Duration kDiscoveryLag = std::chrono::seconds(3);

// No object of a CRD that is being deleted can be created, and discovery says so to every client:
// even without permission to read CRDs, and if another server stores them. Verified on Kubernetes
// 1.20 and 1.36.
Result<bool> NothingCanBeMade(ReconcileContext& ctx) {
  const auto& kind = ctx.kind();
  CAPSTAN_TRY(const auto served, kube::FindKind(ctx.client(), kind.api_version(), kind.kind, ctx.context));
  return !served.Can("create");
}

Next KeepForTheCrd(ReconcileContext& ctx, const std::string& what) {
  return ctx.Blocked(
      Reason::kCRDDeleted,
      StrCat("CustomResourceDefinition ", ctx.kind().resource(), " ", what,
             "; the operator deletes nothing in the cloud because of that. Set annotation ",
             kAbandonAnnotation, "=", ctx.object.uid(),
             " to keep the cloud object, or run the operator with --allow-crd-deletion to remove it"),
      ctx.options().poll_blocked);
}

}  // namespace

Result<Next> SpareFromCrdDeletion(ReconcileContext& ctx) {
  if (ctx.options().allow_crd_deletion) return Next::kGoOn;
  const auto crd =
      ctx.client().Get(kube::CustomResourceDefinitionKind(), {"", ctx.kind().resource()}, ctx.context);
  if (crd) return crd->deleting() ? KeepForTheCrd(ctx, "is being deleted") : Next::kGoOn;
  const Code code = crd.error().code;
  if (code != Code::kNotFound && code != Code::kPermissionDenied) return Failure(crd.error());

  const auto age = Since(ctx.object.metadata().deletion_timestamp, ctx.server_time());
  if (age && *age < kDiscoveryLag) {
    ctx.Again(kDiscoveryLag - *age);
    return Next::kStop;
  }
  const auto going = NothingCanBeMade(ctx);
  if (going) return *going ? KeepForTheCrd(ctx, "is being deleted") : Next::kGoOn;
  if (going.error().code != Code::kPermissionDenied) return Failure(going.error());
  return KeepForTheCrd(ctx, StrCat("cannot be read, nor can discovery (", going.error().message,
                                   "), so it may be on its way out: grant the right to read one of them"));
}

}  // namespace capstan::managed
