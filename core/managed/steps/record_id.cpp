// Recording is a fact, not an effect: the cloud object exists no matter which process holds the
// lease. So it is retried through failures, and a JSON Patch that tests uid and attempt keeps it
// from reaching anything but its own intent.
#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>
#include <capstan/core/json/poco_tree.hpp>
#include <capstan/core/managed/names.hpp>
#include <capstan/core/managed/steps/steps.hpp>

namespace capstan::managed {
namespace {

constexpr int kTries = 6;
constexpr BackoffOptions kPause{std::chrono::milliseconds(200), std::chrono::seconds(3), 2.0, 0.5};

json::ObjectPtr Operation(const char* op, const std::string& path, const json::Tree& value) {
  auto operation = json::MakeObject();
  operation->set("op", std::string(op));
  operation->set("path", path);
  operation->set("value", value);
  return operation;
}

std::string RecordPatch(const ReconcileContext& ctx, const Pending& pending, const std::string& id,
                        const std::vector<std::string>& surplus) {
  const std::string external = "/status/external";
  auto patch = json::MakeArray();
  patch->add(Operation("test", "/metadata/uid", ctx.object.uid()));
  patch->add(Operation("test", external + "/pending/attempt", pending.attempt));
  patch->add(Operation("add", external + "/id", id));
  patch->add(Operation("add", external + "/account", pending.account));
  patch->add(Operation("add", external + "/recordedAt", ctx.Stamp()));
  patch->add(Operation("add", external + "/surplus", json::ArrayOf(surplus)));
  if (ctx.record.adopted && pending.step != kAdoptStep)  // this one was created
    patch->add(Operation("add", external + "/adopted", false));
  if (!ctx.info().id_status_field.empty()) {
    patch->add(Operation("add", "/status/" + ctx.info().id_status_field, id));
  }
  auto remove = json::MakeObject();
  remove->set("op", std::string("remove"));
  remove->set("path", external + "/pending");
  patch->add(remove);
  return json::ToText(json::Tree(patch));
}

bool WorthRepeating(const Error& error) {
  return error.code != Code::kCancelled && RetryClassOf(error.code) != RetryClass::kNever &&
         RetryClassOf(error.code) != RetryClass::kStop;
}

// An id that cannot be recorded in status is at least reported where users look for it.
Result<Next> ReportUnrecorded(ReconcileContext& ctx, const Pending& pending, const std::string& id,
                              const std::string& why) {
  ctx.log().Error("created a cloud object and cannot record its id in the object's status",
                  {{"object", ctx.What()}, {"id", id}, {"attempt", pending.attempt}, {"why", why}});
  if (!ctx.gone) {  // a Find of the next reconcile finds it: ours or surplus
    ctx.Again(Duration::zero());
    return Next::kStop;
  }
  CAPSTAN_RETURN_IF_ERROR(RecordAbandoned(ctx, id, pending.account, why));
  return Next::kStop;
}

}  // namespace

Result<Next> RecordId(ReconcileContext& ctx, const std::string& id, const std::vector<std::string>& surplus) {
  const Pending pending = *ctx.record.pending;
  const std::string patch = RecordPatch(ctx, pending, id, surplus);
  Error last;
  for (int tries = 1; tries <= kTries; ++tries) {
    const Status done = ctx.PatchStatusByTest(patch);
    if (done) {
      if (ctx.record.id != id) {
        last = Error{};
        last.message = "the API server dropped status.external.id";
        break;
      }
      ctx.log().Info("recorded a cloud object",
                     {{"object", ctx.What()}, {"id", id}, {"attempt", pending.attempt}});
      return Next::kGoOn;
    }
    last = done.error();
    if (!WorthRepeating(last)) break;
    if (tries < kTries &&
        ctx.scheduler().Sleep(BackoffDelay(kPause, tries, ctx.random()), ctx.context) == Woke::kStopped) {
      return Fail(Code::kCancelled,
                  "stopped while recording an id; the next start finds the cloud object by its tag");
    }
  }
  if (last.code == Code::kCancelled) return Fail(last);
  // A repeat of a patch that had already succeeded fails its own test. The stored record decides.
  const Status read = ctx.ReadAgain();
  if (read && ctx.record.id == id) return Next::kGoOn;
  if (!read && read.error().code != Code::kNotFound) return Fail(read.error());
  return ReportUnrecorded(ctx, pending, id, last.message);
}

Status ReplaceId(ReconcileContext& ctx, const std::string& id, const std::vector<std::string>& surplus) {
  const Poco::Dynamic::Var none;
  auto external = json::MakeObject();
  external->set("id", id.empty() ? none : Poco::Dynamic::Var(id));
  external->set("absentSince", none);
  external->set("recordedAt", id.empty() ? none : Poco::Dynamic::Var(ctx.Stamp()));
  external->set("account", ctx.account);
  external->set("surplus", json::ArrayOf(surplus));
  // Without a recorded attempt, an object whose id was removed would look like one whose status was
  // wiped.
  external->set("attempts", std::max<std::int64_t>(ctx.record.attempts, 1));
  external->set("doubt", true);
  auto status = json::MakeObject();
  status->set("external", external);
  if (!ctx.info().id_status_field.empty()) {
    status->set(ctx.info().id_status_field, id.empty() ? none : Poco::Dynamic::Var(id));
  }
  return ctx.PatchStatus(status);
}

Status EnsureMirror(ReconcileContext& ctx) {
  if (ctx.record.id.empty() || ctx.object.deleting()) return {};
  const std::string wanted =
      WriteMirror(Mirror{ctx.record.id, ctx.record.account, ctx.object.uid(), ctx.record.adopted});
  if (ctx.object.Annotation(kExternalAnnotation) == wanted) return {};
  auto annotations = json::MakeObject();
  annotations->set(kExternalAnnotation, wanted);
  auto metadata = json::MakeObject();
  metadata->set("annotations", annotations);
  auto fields = json::MakeObject();
  fields->set("metadata", metadata);
  return ctx.PatchObject(fields);
}

}  // namespace capstan::managed
