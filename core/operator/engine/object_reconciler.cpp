#include <capstan/core/operator/engine/object_reconciler.hpp>

#include <algorithm>
#include <exception>

#include <capstan/core/base/text.hpp>
#include <capstan/core/operator/engine/rights.hpp>
#include <capstan/core/runtime/finalizer.hpp>

namespace capstan {
namespace {

// A failure that resolves itself sooner is not worth a condition.
constexpr Duration kLastingFailure = std::chrono::seconds(30);

// "invalid_argument" to "InvalidArgument".
std::string CamelCase(std::string_view name) {
  std::string text;
  bool up = true;
  for (const char c : name) {
    if (c == '_') {
      up = true;
      continue;
    }
    text.push_back(up && c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c);
    up = false;
  }
  return text;
}

// The reason of the server or of the author, if it is valid in a condition.
std::string ReasonOf(const Error& error) {
  const auto alphanumeric = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  const bool fits = !error.reason.empty() && error.reason.size() <= 128 && error.reason[0] >= 'A' &&
                    error.reason[0] <= 'Z' &&
                    std::all_of(error.reason.begin(), error.reason.end(), alphanumeric);
  return fits ? error.reason : CamelCase(CodeName(error.code));
}

}  // namespace

ObjectReconciler::ObjectReconciler(ControllerParts parts)
    : parts_(std::move(parts)), selector_(runtime::LabelSelector::Parse(parts_.spec.selector).value()) {}

Result<runtime::Outcome> ObjectReconciler::Reconcile(const runtime::Request& request,
                                                     const Context& context) {
  std::optional<kube::Object> object = request.cached;
  const bool may_be_lost = parts_.spec.cleanup && !parts_.spec.selector.empty();
  if (!object && may_be_lost) {
    CAPSTAN_TRY(object, ReadLost(request.key, context));
  }
  if (!object) {
    Forget(request.key);
    return runtime::Outcome{};
  }
  TurnState state(parts_, std::move(*object), context);
  const bool held = parts_.spec.cleanup && state.object().HasFinalizer(parts_.finalizer);
  if (state.object().deleting() || !Wanted(state.object()))
    return held ? LetGo(state) : Result<runtime::Outcome>(runtime::Outcome{});
  return Run(state);
}

Result<std::optional<kube::Object>> ObjectReconciler::ReadLost(const kube::ObjectKey& key,
                                                               const Context& context) {
  auto there = parts_.client.Get(parts_.spec.kind, key, context);
  if (there) return std::optional<kube::Object>(std::move(*there));
  if (there.error().code == Code::kNotFound) return std::optional<kube::Object>();
  return Fail(NamingTheRule(there.error(), parts_.spec.kind, {"get"}));
}

bool ObjectReconciler::Wanted(const kube::Object& object) const {
  if (!selector_.Matches([&](std::string_view label) { return object.Label(label); })) return false;
  return std::all_of(parts_.spec.where.begin(), parts_.spec.where.end(),
                     [&](const auto& wanted) { return wanted(object); });
}

Result<runtime::Outcome> ObjectReconciler::LetGo(TurnState& state) {
  if (const Status done = Call(parts_.spec.cleanup, state); !done) return Failed(state, done.error());
  if (state.again) {
    if (const Status written = state.WriteStatus(); !written) return Failed(state, written.error());
    return runtime::Outcome{state.again, state.wrote()};
  }
  const auto left = runtime::RemoveFinalizer(parts_.client, parts_.spec.kind, state.object(),
                                             parts_.finalizer, state.context());
  if (!left) return Failed(state, NamingTheRule(left.error(), parts_.spec.kind, {"patch"}));
  Succeeded(state.object().key());
  return runtime::Outcome{};
}

Result<runtime::Outcome> ObjectReconciler::Run(TurnState& state) {
  if (parts_.spec.cleanup && !state.object().HasFinalizer(parts_.finalizer)) {
    auto added = runtime::AddFinalizer(parts_.client, parts_.spec.kind, state.object(), parts_.finalizer,
                                       state.context());
    if (!added) return Failed(state, NamingTheRule(added.error(), parts_.spec.kind, {"patch"}));
    state.Wrote(std::move(*added));
  }
  if (const Status done = Call(parts_.spec.reconcile, state); !done) return Failed(state, done.error());
  return Finished(state);
}

Result<runtime::Outcome> ObjectReconciler::Finished(TurnState& state) {
  auto write = state.StatusToWrite();
  if (!write) return Failed(state, write.error());
  runtime::Outcome outcome{state.again, state.wrote()};
  if (!*write) {
    Succeeded(state.object().key());
    return outcome;
  }
  outcome.status = runtime::StatusPatch{
      std::move((*write)->patch),
      [this, wanted = std::move((*write)->wanted), object = state.object(), wrote = state.wrote()](
          const Result<std::string>& answer, const Context& context) -> Result<std::string> {
        TurnState after(parts_, object, context);
        if (const Status written = after.ReadAnswer(wanted, kube::ObjectIn(answer)); !written)
          return Fail(Failed(after, written.error()).error());
        Succeeded(object.key());
        return after.wrote().empty() ? wrote : after.wrote();
      }};
  return outcome;
}

Status ObjectReconciler::Call(const TurnFunction& function, TurnState& state) {
  ObjectTurn turn(state);
  const auto tell = [&](const char* what) {
    (void)Failed(state, MakeError(Code::kInternal, StrCat("the operator's function threw: ", what)));
  };
  try {
    return function(turn);
  } catch (const std::exception& exception) {
    tell(exception.what());
    throw;  // the controller counts it, and retries later
  } catch (...) {
    tell("something that is not a std::exception");
    throw;
  }
}

Result<runtime::Outcome> ObjectReconciler::Failed(TurnState& state, const Error& error) {
  const RetryClass retry = RetryClassOf(error.code);
  if (retry == RetryClass::kStop || retry == RetryClass::kAtOnce) return Fail(error);
  const std::string reason = ReasonOf(error);
  const bool lasts = FailingFor(state.object().key()) >= kLastingFailure || retry == RetryClass::kNever;
  state.Record(runtime::EventType::kWarning, reason, error.message);
  // Kinds of Kubernetes itself that have no generation have no conditions either.
  const bool has_status = state.object().generation() != 0 && error.reason != "NoStatusSubresource";
  if (has_status && parts_.spec.content == Content::kWhole) {
    if (lasts) ObjectTurn(state).Condition("Ready", false, reason, error.message);
    const Status written = state.WriteStatus();
    if (!written && RetryClassOf(written.error().code) == RetryClass::kAtOnce) return Fail(written.error());
  }
  return Fail(error);
}

Duration ObjectReconciler::FailingFor(const kube::ObjectKey& key) {
  const Instant now = parts_.scheduler.Now();
  MutexLock lock(mutex_);
  return now - failing_since_.emplace(key, now).first->second;
}

void ObjectReconciler::Succeeded(const kube::ObjectKey& key) {
  MutexLock lock(mutex_);
  failing_since_.erase(key);
}

void ObjectReconciler::Forget(const kube::ObjectKey& key) {
  Succeeded(key);
  for (const auto* all : {&parts_.owned, &parts_.made}) {
    for (const auto& [kind, children] : *all) children->Forget(key);
  }
}

}  // namespace capstan
