// The connection Secret: asked for once, renewed at two thirds of its life. Each asking may mint a
// token in the cloud, so the Secret is made first, empty: whoever may not write it never mints.
#include <algorithm>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

kube::ObjectKey KeyOf(const ReconcileContext& ctx) {
  const auto& metadata = ctx.object.metadata();
  return {metadata.namespace_.empty() ? ctx.setting.options.operator_namespace : metadata.namespace_,
          metadata.name + ctx.setting.info.connection_suffix};
}

bool OwnedByUs(const ReconcileContext& ctx, const kube::Object& secret) {
  const auto& owners = secret.metadata().owners;
  return std::any_of(owners.begin(), owners.end(),
                     [&](const auto& owner) { return owner.uid == ctx.object.uid(); });
}

std::string EmptySecret(const ReconcileContext& ctx, const kube::ObjectKey& key) {
  auto owner = json::MakeObject();
  owner->set("apiVersion", ctx.setting.kind.api_version());
  owner->set("kind", ctx.setting.kind.kind);
  owner->set("name", ctx.object.metadata().name);
  owner->set("uid", ctx.object.uid());
  owner->set("controller", true);
  auto owners = json::MakeArray();
  owners->add(owner);
  auto metadata = json::MakeObject();
  metadata->set("name", key.name);
  metadata->set("namespace", key.namespace_);
  metadata->set("ownerReferences", owners);
  auto secret = json::MakeObject();
  secret->set("apiVersion", std::string("v1"));
  secret->set("kind", std::string("Secret"));
  secret->set("type", std::string("Opaque"));
  secret->set("metadata", metadata);
  return json::ToText(secret);
}

// How long the content is good for still; nothing when it has to be fetched now.
std::optional<Duration> GoodFor(const ReconcileContext& ctx, const kube::Object& secret) {
  const auto data = json::ParseObject(secret.ValueAt("/data").value_or("{}"));
  if (!data || (*data)->size() == 0 || secret.Annotation(kConnectsAnnotation) != ctx.record.id)
    return std::nullopt;
  const auto expires = ParseRfc3339(secret.Annotation(kExpiresAnnotation).value_or(""));
  const auto issued = ParseRfc3339(secret.Annotation(kIssuedAnnotation).value_or(""));
  if (!expires) return Duration::max();
  if (!issued || *expires <= *issued) return std::nullopt;
  const Duration left = *issued + (*expires - *issued) / 3 * 2 - ctx.Now();
  return left > Duration::zero() ? std::optional<Duration>(left) : std::nullopt;
}

Next Unavailable(ReconcileContext& ctx, const std::string& message) {
  return ctx.Blocked(Reason::kConnectionUnavailable, message, ctx.BackoffDelay());
}

std::string Filled(const ReconcileContext& ctx, const kube::Object& secret,
                   const external::Connection& connection) {
  auto annotations = json::MakeObject();
  annotations->set(kConnectsAnnotation, ctx.record.id);
  annotations->set(kIssuedAnnotation, FormatRfc3339(ctx.Now()));
  annotations->set(kExpiresAnnotation, connection.expires
                                           ? Poco::Dynamic::Var(FormatRfc3339(*connection.expires))
                                           : Poco::Dynamic::Var());
  auto metadata = json::MakeObject();
  metadata->set("resourceVersion", secret.resource_version());
  metadata->set("uid", secret.uid());
  metadata->set("annotations", annotations);
  auto data = json::MakeObject();
  for (const auto& [key, value] : connection.data) data->set(key, Base64Encode(value.Reveal()));
  auto patch = json::MakeObject();
  patch->set("metadata", metadata);
  patch->set("data", data);
  return json::ToText(patch);
}

Result<Next> Renew(ReconcileContext& ctx, const kube::Object& secret) {
  if (!ctx.MayChange()) return Next::kGoOn;
  auto connection = ctx.cloud->ReadConnection(ctx.record.id, ctx.Desired(), ctx.Reading());
  if (!connection) {
    const Error& error = connection.error();
    if (error.code == Code::kUnimplemented) return Next::kGoOn;
    if (error.code == Code::kFailedPrecondition || error.code == Code::kNotFound) {  // not yet
      ctx.Again(ctx.setting.options.poll_changing);
      return Next::kGoOn;
    }
    return ctx.Refused(error, Reason::kConnectionUnavailable, "the cloud does not hand out the credentials");
  }
  auto reply =
      ctx.setting.parts.client.Patch(kube::SecretKind(), secret.key(), kube::PatchType::kMerge,
                                     Filled(ctx, secret, *connection), kube::PatchOptions{}, ctx.context);
  if (!reply) return Failure(std::move(reply).error());
  ctx.fields->set(ctx.setting.info.connection_status_field, secret.metadata().name);
  if (const auto good = GoodFor(ctx, *reply)) ctx.Again(*good);
  return Next::kGoOn;
}

}  // namespace

Result<Next> PublishConnection(ReconcileContext& ctx) {
  const auto& info = ctx.setting.info;
  if (info.connection_suffix.empty() || info.connection_status_field.empty() || !ctx.observed->connectable) {
    return Next::kGoOn;
  }
  auto& client = ctx.setting.parts.client;
  const kube::ObjectKey key = KeyOf(ctx);
  auto secret = client.Get(kube::SecretKind(), key, ctx.context);
  if (secret && !OwnedByUs(ctx, *secret)) {
    return ctx.Blocked(
        Reason::kConnectionSecretTaken,
        StrCat("Secret ", key,
               " exists and does not belong to this object; it is left alone. Rename or delete "
               "it, and the credentials are written there"),
        ctx.setting.options.poll_blocked);
  }
  if (secret) {
    if (const auto good = GoodFor(ctx, *secret)) {
      ctx.fields->set(info.connection_status_field, key.name);
      if (*good != Duration::max()) ctx.Again(*good);
      return Next::kGoOn;
    }
    if (secret->deleting()) return Next::kGoOn;
  } else if (secret.error().code == Code::kPermissionDenied) {
    return Unavailable(ctx, StrCat("this operator may not read Secret ", key, ": ", secret.error().message));
  } else if (secret.error().code != Code::kNotFound) {
    return Failure(std::move(secret).error());
  }
  // Only now a write is due: never for an object on its way out.
  CAPSTAN_RETURN_IF_ERROR(ctx.ReadAgain());
  if (ctx.object.deleting()) {
    ctx.Again(Duration::zero());
    return Next::kStop;
  }
  if (!secret) {
    secret = client.Create(kube::SecretKind(), key.namespace_, EmptySecret(ctx, key), ctx.context);
    if (!secret &&
        (secret.error().code == Code::kPermissionDenied || secret.error().code == Code::kInvalidArgument)) {
      return Unavailable(ctx, StrCat("Secret ", key, " cannot be made: ", secret.error().message));
    }
    if (!secret) return Failure(std::move(secret).error());
  }
  return Renew(ctx, *secret);
}

}  // namespace capstan::managed
