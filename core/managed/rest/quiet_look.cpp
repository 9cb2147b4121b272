// Observes an object at rest without any request to Kubernetes: the cache shows that the object is
// unchanged since everything was last read, and the list of the account shows the same for the
// cloud object. Plan and status are then unchanged too. Any difference, failure or unknown ends the
// quiet look, and a full reconcile follows, starting with a fresh read of the object.
//
// Neither source shows the Secrets. They are read after check_first, then after twice that, and so
// on up to check_limit; one read of a credentials Secret serves all objects that name it. An edit
// of it is also noticed when the former token is refused, when the object changes, and before
// anything is created, changed or removed. An edit of the connection Secret is noticed immediately
// where it may be watched (core/assembly/connection_watch.hpp).
#include <capstan/core/managed/held_secrets.hpp>
#include <capstan/core/managed/rest/stable_objects.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

// How long one read of a Secret serves all objects that name it.
constexpr Duration kSharedFor = std::chrono::minutes(1);

ExactVersion VersionOf(const kube::Object& object) { return object.uid() + object.resource_version(); }

bool SecretIs(const Setting& setting, const kube::ObjectKey& key, const ExactVersion& version,
              const Context& context) {
  if (key.name.empty()) return true;
  const auto secret = setting.parts.client.Get(kube::SecretKind(), key, context);
  return secret && VersionOf(*secret) == version;
}

bool SecretsAre(const Setting& setting, const StableState& rest, const Context& context) {
  const Instant now = setting.parts.scheduler.Now();
  const auto last = setting.stable_objects->LastSeen(rest.credentials);
  if (!last || now - last->at >= kSharedFor) {
    if (!SecretIs(setting, rest.credentials, rest.credentials_version, context)) return false;
    if (!rest.credentials.name.empty())
      setting.stable_objects->SecretSeen(rest.credentials, rest.credentials_version, now);
  }
  return SecretIs(setting, rest.connection, rest.connection_version, context);
}

}  // namespace

void RememberRest(ReconcileContext& ctx) {
  const Setting& setting = ctx.setting;
  if (ctx.secret) setting.stable_objects->SecretSeen(ctx.secret->key(), VersionOf(*ctx.secret), ctx.now());
  const bool rests = ctx.settled && !ctx.waits && !ctx.denied && !ctx.failed && !ctx.refused &&
                     ctx.observed && ctx.observed->phase == external::Phase::kReady && !ctx.record.pending &&
                     ctx.record.surplus.empty() && !ctx.object.deleting();
  if (!rests && !ctx.connection_secret) return setting.stable_objects->Forget(ctx.object.key());
  StableState rest;
  // Without a version, so that no look at it is quiet; but an edit of its Secret is noticed.
  if (!rests) {
    rest.connection = ctx.connection_secret->key();
    rest.connection_version = VersionOf(*ctx.connection_secret);
    return setting.stable_objects->Note(ctx.object.key(), std::move(rest), ctx.options(), ctx.now());
  }
  rest.object = VersionOf(ctx.object);
  rest.id = ctx.looked_at();
  rest.holds_credentials = !ctx.record.id.empty();
  rest.seen = DigestOf(*ctx.observed);
  if (ctx.secret) {
    rest.credentials = ctx.secret->key();
    rest.credentials_version = VersionOf(*ctx.secret);
  }
  if (ctx.connection_secret) {
    rest.connection = ctx.connection_secret->key();
    rest.connection_version = VersionOf(*ctx.connection_secret);
  }
  rest.cloud = ctx.cloud.shared();
  rest.whole_due = After(ctx.now(), ctx.options().look_whole);
  if (ctx.renew_at) rest.whole_due = std::min(rest.whole_due, *ctx.renew_at);
  setting.stable_objects->Note(ctx.object.key(), std::move(rest), ctx.options(), ctx.now());
}

std::optional<Duration> LookQuietly(Setting& setting, const kube::Object& cached, const Context& context) {
  const auto rest = setting.stable_objects->Of(cached.key());
  const Instant now = setting.parts.scheduler.Now();
  if (!rest || rest->object != VersionOf(cached) || now >= rest->whole_due || rest->connection_now)
    return std::nullopt;
  if (const auto last = setting.stable_objects->LastSeen(rest->credentials);
      last && last->version != rest->credentials_version)
    return std::nullopt;
  const auto cloud = rest->cloud.lock();
  if (!cloud) return std::nullopt;
  const ManagedOptions& options = setting.options;
  // These requests are logged at level debug: otherwise the fields are not even built.
  FieldedLog log(setting.parts.log, setting.parts.log.EnabledFor("cloud", LogLevel::kDebug)
                                        ? FieldsOf(setting, context)
                                        : std::vector<LogField>());
  EffectNotes notes(setting.parts.recorder, setting.parts.scheduler, log, setting.kind.kind, cached.key());
  const auto same =
      notes.Ask(Reach::kQuestion, "observe", rest->id,
                context.For(Urgency::kLook).Within(setting.parts.scheduler, options.read_deadline),
                [&](const Context& part) {
                  return cloud->LooksAs(rest->id, rest->seen, RestingLookAge(options), part);
                });
  if (!same || !*same) return std::nullopt;
  if (setting.parts.scheduler.Now() >= rest->check_due) {
    if (!SecretsAre(setting, *rest, context)) return std::nullopt;
    setting.stable_objects->Checked(cached.key(), options, setting.parts.scheduler.Now());
  }
  if (setting.parts.held != nullptr && rest->holds_credentials && !rest->credentials.name.empty() &&
      !setting.parts.held->Use(rest->credentials, context))
    return std::nullopt;
  const Duration pace = Spread(options.poll_stable, setting.parts.random);
  const Duration again =
      std::min(pace, std::max<Duration>(rest->whole_due - setting.parts.scheduler.Now(), Duration(1)));
  notes.Ended(again, "");
  return again;
}

}  // namespace capstan::managed
