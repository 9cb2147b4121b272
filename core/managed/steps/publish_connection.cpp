// The connection Secret: read from the cloud once, renewed at two thirds of its lifetime. Each read
// may mint a token in the cloud, so the Secret is created first, empty: an operator without
// permission to write it never mints.
#include <algorithm>
#include <map>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/short_digest.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/connection_secret.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

kube::ObjectKey ConnectionSecretKey(const ReconcileContext& ctx, const ConnectionSecretRequest& requested) {
  const auto& metadata = ctx.object.metadata();
  return {metadata.namespace_.empty() ? ctx.options().operator_namespace : metadata.namespace_,
          requested.name};
}

// What the content depends on: fields of the spec, and the names of its keys.
std::string Cause(const ReconcileContext& ctx, const ConnectionSecretRequest& requested) {
  std::string text;
  for (const auto& field : ctx.info().connection_fields) {
    std::string pointer = "/" + field;
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    text += StrCat(field, "=", ctx.object.ValueAt(pointer).value_or("null"), "\n");
  }
  for (const auto& [ours, theirs] : requested.keys) text += StrCat(ours, ">", theirs, "\n");
  return external::ShortDigest(text);
}

// {"cause": digest, "data": {key: digest}}: lets a later look check whether the content is still
// what we wrote, and for the same cause.
std::string ContentNote(const std::string& cause, const std::map<std::string, std::string>& data) {
  auto digests = json::MakeObject(), note = json::MakeObject();
  for (const auto& [key, encoded] : data) digests->set(key, external::ShortDigest(encoded));
  note->set("cause", cause);
  note->set("data", digests);
  return json::ToText(note);
}

json::ObjectPtr WrittenBefore(const kube::Object& secret) {
  const auto note = json::ParseObject(secret.Annotation(kContentAnnotation).value_or(""));
  return note ? json::ObjectIn(*note, "data") : json::ObjectPtr();
}

// Whether the content is as we wrote it. Keys that others added do not count; a Secret of an
// earlier version has no digests and is left alone until its renewal.
bool IsAsWritten(const ReconcileContext& ctx, const ConnectionSecretRequest& requested,
                 const kube::Object& secret) {
  const auto note = json::ParseObject(secret.Annotation(kContentAnnotation).value_or(""));
  if (!note) return !secret.Annotation(kContentAnnotation).has_value();
  if (json::StringIn(*note, "cause") != Cause(ctx, requested)) return false;
  const auto digests = json::ObjectIn(*note, "data");
  const auto data = json::ParseObject(secret.ValueAt("/data").value_or("{}"));
  if (!digests || !data) return false;
  return std::all_of(digests->begin(), digests->end(), [&](const auto& item) {
    return external::ShortDigest(json::StringIn(*data, item.first).value_or("")) == item.second.toString();
  });
}

bool OwnedByUs(const ReconcileContext& ctx, const kube::Object& secret) {
  const auto& owners = secret.metadata().owners;
  return std::any_of(owners.begin(), owners.end(),
                     [&](const auto& owner) { return owner.uid == ctx.object.uid(); });
}

// Only one object has this name: an owner of this kind and name with another uid is certainly gone,
// and its Secret waits for the garbage collector.
bool LeftByAnEarlierObject(const ReconcileContext& ctx, const kube::Object& secret) {
  const auto& owners = secret.metadata().owners;
  return !owners.empty() && std::all_of(owners.begin(), owners.end(), [&](const auto& owner) {
    return owner.kind == ctx.kind().kind && owner.name == ctx.object.metadata().name &&
           owner.api_version.substr(0, owner.api_version.find('/')) == ctx.kind().group;
  });
}

json::ObjectPtr WatchLabel() {
  auto labels = json::MakeObject();
  labels->set(kConnectionLabel, std::string("true"));
  return labels;
}

bool HasWatchLabel(const kube::Object& secret) {
  const auto& labels = secret.metadata().labels;
  return std::any_of(labels.begin(), labels.end(),
                     [](const auto& label) { return label.first == kConnectionLabel; });
}

json::ArrayPtr Owners(const ReconcileContext& ctx) {
  auto owner = json::MakeObject();
  owner->set("apiVersion", ctx.kind().api_version());
  owner->set("kind", ctx.kind().kind);
  owner->set("name", ctx.object.metadata().name);
  owner->set("uid", ctx.object.uid());
  owner->set("controller", true);
  auto owners = json::MakeArray();
  owners->add(owner);
  return owners;
}

std::string EmptySecret(const ReconcileContext& ctx, const kube::ObjectKey& key) {
  auto metadata = json::MakeObject();
  metadata->set("name", key.name);
  metadata->set("namespace", key.namespace_);
  metadata->set("labels", WatchLabel());
  metadata->set("ownerReferences", Owners(ctx));
  auto secret = json::MakeObject();
  secret->set("apiVersion", std::string("v1"));
  secret->set("kind", std::string("Secret"));
  secret->set("type", std::string("Opaque"));
  secret->set("metadata", metadata);
  return json::ToText(secret);
}

// How much longer the content is valid; nullopt if it must be fetched now.
std::optional<Duration> GoodFor(const ReconcileContext& ctx, const ConnectionSecretRequest& requested,
                                const kube::Object& secret) {
  const auto data = json::ParseObject(secret.ValueAt("/data").value_or("{}"));
  if (!data || (*data)->size() == 0 || secret.Annotation(kConnectsAnnotation) != ctx.looked_at() ||
      !IsAsWritten(ctx, requested, secret))
    return std::nullopt;
  const auto expires = ParseRfc3339(secret.Annotation(kExpiresAnnotation).value_or(""));
  const auto issued = ParseRfc3339(secret.Annotation(kIssuedAnnotation).value_or(""));
  if (!expires) return Duration::max();
  if (!issued || *expires <= *issued) return std::nullopt;
  const Duration left = *issued + (*expires - *issued) / 3 * 2 - ctx.server_time();
  return left > Duration::zero() ? std::optional<Duration>(left) : std::nullopt;
}

// The Secret is as desired for that long.
void Settle(ReconcileContext& ctx, kube::Object secret, Duration good) {
  ctx.connection_secret = std::move(secret);
  ctx.settled = true;
  if (good == Duration::max()) return;
  ctx.Again(good);
  ctx.renew_at = After(ctx.now(), good);
}

Next Unavailable(ReconcileContext& ctx, const std::string& message) {
  return ctx.BackOff(Reason::kConnectionUnavailable, message);
}

std::string Filled(const ReconcileContext& ctx, const ConnectionSecretRequest& requested,
                   const kube::Object& secret, const external::Connection& connection) {
  std::map<std::string, std::string> content;
  for (const auto& [key, value] : connection.data) {
    const auto renamed = requested.keys.find(key);
    content[renamed == requested.keys.end() ? key : renamed->second] = Base64Encode(value.Reveal());
  }
  auto annotations = json::MakeObject();
  annotations->set(kConnectsAnnotation, ctx.looked_at());
  annotations->set(kContentAnnotation, ContentNote(Cause(ctx, requested), content));
  annotations->set(kIssuedAnnotation, FormatRfc3339(ctx.server_time()));
  annotations->set(kExpiresAnnotation, connection.expires
                                           ? Poco::Dynamic::Var(FormatRfc3339(*connection.expires))
                                           : Poco::Dynamic::Var());
  auto metadata = json::MakeObject();
  metadata->set("resourceVersion", secret.resource_version());
  metadata->set("uid", secret.uid());
  metadata->set("annotations", annotations);
  metadata->set("labels", WatchLabel());
  auto data = json::MakeObject();
  if (const auto before = WrittenBefore(secret)) {  // removes keys that were renamed
    for (const auto& [key, digest] : *before) data->set(key, json::Tree());
  }
  for (const auto& [key, encoded] : content) data->set(key, encoded);
  auto patch = json::MakeObject();
  patch->set("metadata", metadata);
  patch->set("data", data);
  return json::ToText(patch);
}

// A Secret of an earlier version, or whose label a user removed, is not watched.
Result<kube::Object> Labelled(ReconcileContext& ctx, kube::Object secret) {
  if (HasWatchLabel(secret) || secret.deleting()) return secret;
  auto metadata = json::MakeObject();
  metadata->set("uid", secret.uid());
  metadata->set("labels", WatchLabel());
  auto patch = json::MakeObject();
  patch->set("metadata", metadata);
  return ctx.client().Patch(kube::SecretKind(), secret.key(), kube::PatchType::kMerge, json::ToText(patch),
                            kube::PatchOptions{}, ctx.context);
}

Result<kube::Object> TakenOver(ReconcileContext& ctx, const kube::Object& secret) {
  auto metadata = json::MakeObject();
  metadata->set("resourceVersion", secret.resource_version());
  metadata->set("uid", secret.uid());
  metadata->set("ownerReferences", Owners(ctx));
  auto patch = json::MakeObject();
  patch->set("metadata", metadata);
  return ctx.client().Patch(kube::SecretKind(), secret.key(), kube::PatchType::kMerge, json::ToText(patch),
                            kube::PatchOptions{}, ctx.context);
}

// A key that the provider does not have, so that it would never be filled; empty: none.
std::string UnknownKey(const ConnectionSecretRequest& requested, const external::Connection& connection) {
  for (const auto& [ours, theirs] : requested.keys)
    if (connection.data.count(ours) == 0) return ours;
  return "";
}

Result<Next> Renew(ReconcileContext& ctx, const ConnectionSecretRequest& requested,
                   const kube::Object& secret) {
  if (!ctx.MayChange()) return Next::kGoOn;
  // A cloud may mint the key for this read, which is a change: the lease must outlast it.
  auto connection = ctx.cloud->ReadConnection(ctx.looked_at(), ctx.Desired(), ctx.Changing());
  if (!connection) {
    const Error& error = connection.error();
    if (error.code == Code::kUnimplemented) return Next::kGoOn;
    // Not available yet.
    if (error.code == Code::kFailedPrecondition || error.code == Code::kNotFound) {
      ctx.Again(ctx.options().poll_changing);
      return Next::kGoOn;
    }
    return ctx.Refused(error, Reason::kConnectionUnavailable, "the cloud does not hand out the credentials");
  }
  if (const std::string unknown = UnknownKey(requested, *connection); !unknown.empty()) {
    std::vector<std::string> known;
    for (const auto& [key, value] : connection->data) known.push_back(key);
    return Unavailable(ctx, StrCat(ctx.info().connection_secret_field, ".keys names ", Shorten(unknown, 60),
                                   "; there is only ", Join(known, ", ")));
  }
  auto reply =
      ctx.client().Patch(kube::SecretKind(), secret.key(), kube::PatchType::kMerge,
                         Filled(ctx, requested, secret, *connection), kube::PatchOptions{}, ctx.context);
  if (!reply) return Failure(std::move(reply).error());
  ctx.fields->set(ctx.info().connection_status_field, secret.metadata().name);
  if (const auto good = GoodFor(ctx, requested, *reply)) Settle(ctx, std::move(*reply), *good);
  return Next::kGoOn;
}

}  // namespace

Result<Next> PublishConnection(ReconcileContext& ctx) {
  const auto& info = ctx.info();
  const ConnectionSecretRequest requested = ReadConnectionSecretRequest(ctx.object, info);
  if (requested.name.empty() || !ctx.observed->connectable) {
    ctx.settled = true;
    return Next::kGoOn;
  }
  if (!requested.wrong.empty()) return Unavailable(ctx, requested.wrong);
  auto& client = ctx.client();
  const kube::ObjectKey key = ConnectionSecretKey(ctx, requested);
  auto secret = client.Get(kube::SecretKind(), key, ctx.context);
  const bool ours = secret && OwnedByUs(ctx, *secret);
  const bool left = secret && !ours && LeftByAnEarlierObject(ctx, *secret);
  if (secret && !ours && !left) {
    return ctx.Blocked(Reason::kConnectionSecretTaken,
                       StrCat("Secret ", key,
                              " exists and does not belong to this object, so the operator leaves it alone. "
                              "Rename or delete it; the operator then writes the credentials there"),
                       ctx.options().poll_blocked);
  }
  if (ours) {
    if (const auto good = GoodFor(ctx, requested, *secret)) {
      ctx.fields->set(info.connection_status_field, key.name);
      CAPSTAN_TRY(auto labelled, Labelled(ctx, std::move(*secret)));
      Settle(ctx, std::move(labelled), *good);
      return Next::kGoOn;
    }
    if (secret->deleting()) return Next::kGoOn;
  } else if (left) {
    // Deleted by the garbage collector; the next look shows whether it succeeds.
    if (secret->deleting()) {
      ctx.Again(ctx.options().poll_changing);
      return Next::kGoOn;
    }
  } else if (secret.error().code == Code::kPermissionDenied) {
    return Unavailable(ctx, StrCat("this operator may not read Secret ", key, ": ", secret.error().message));
  } else if (secret.error().code != Code::kNotFound) {
    return Failure(std::move(secret).error());
  }
  // Only here a write is needed: never for an object that is being deleted.
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
  if (left) {
    secret = TakenOver(ctx, *secret);
    if (!secret) return Failure(std::move(secret).error());
  }
  return Renew(ctx, requested, *secret);
}

}  // namespace capstan::managed
