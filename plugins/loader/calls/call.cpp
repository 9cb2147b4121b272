#include <capstan/plugins/loader/calls/call.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/host_corrections.hpp>

namespace capstan::loader {
namespace {

// Maps to the core's name for the operation, which users know.
std::string_view EffectOf(std::string_view function) { return function == "remove" ? "delete" : function; }

}  // namespace

Instance::Instance(std::shared_ptr<const Plugin> of, std::shared_ptr<Lender> lent)
    : plugin(std::move(of)), lender(std::move(lent)) {}

Instance::~Instance() {
  if (handle == nullptr) return;
  try {
    plugin->operations().destroy_instance(handle);
  } catch (...) {
    // It is being destroyed; there is no caller to report to.
  }
}

Session::Session(std::shared_ptr<Instance> of, external::Credentials with)
    : instance(std::move(of)), credentials(std::move(with)) {
  for (const auto& [name, value] : credentials.data) instance->lender->redactor().Add(value);
}

Session::~Session() {
  if (handle != nullptr) {
    try {
      instance->plugin->operations().disconnect(handle);
    } catch (...) {
      // As above.
    }
  }
  for (const auto& [name, value] : credentials.data) instance->lender->redactor().Remove(value);
}

Caller::Caller(Lanes& lanes, Clock& clock, std::shared_ptr<Instance> instance, const AdaptOptions& options,
               std::string_view what, const Context& context)
    : lanes_(lanes),
      instance_(std::move(instance)),
      what_(what),
      call_(instance_->lender->NewCall(EffectOf(what), context.Within(clock, options.call_timeout))),
      input_(call_->arena) {}

void Caller::Explain(const std::string& thrown) {
  const std::string& name = instance_->lender->plugin();
  const bool stopped = call_->context.stopped();
  failure_.sent = StrongestSent(seen_);
  if (ran_ == Lanes::Ran::kDone) {
    const std::string clean = Shorten(instance_->lender->Clean(thrown, *call_), 256);
    failure_.code = Code::kInternal;
    failure_.message = StrCat("the plugin ", name, " let an exception out of ", what_,
                              clean.empty() ? "" : ": ", clean, "; report it to its author");
  } else if (ran_ == Lanes::Ran::kNotStarted) {
    failure_.code = stopped ? Code::kCancelled : Code::kDeadlineExceeded;
    failure_.message = StrCat(
        "the call ", what_, " of the plugin ", name, " did not begin: ",
        stopped ? "it was cancelled" : "its deadline had passed, or all its slots were taken until then");
  } else {
    failure_.code = stopped ? Code::kCancelled : Code::kDeadlineExceeded;
    failure_.message = StrCat("the plugin ", name, " did not return from ", what_,
                              " in time; the call is abandoned and holds one of its slots until it returns");
    instance_->lender->Warn(external::kLeftBehind, *call_, {});
  }
}

void Caller::ReportOverruled(external::Verdict said, const external::Outcome& judged) const {
  instance_->lender->Warn(external::kOverruled, *call_,
                          {{"said", external::VerdictName(said)},
                           {"counts_as", external::VerdictName(judged.verdict)},
                           {"error", judged.error ? StrCat(*judged.error) : std::string()}});
}

void Caller::TooLarge() {
  failure_.code = Code::kTooLarge;
  failure_.sent = Sent::kNo;
  failure_.message = StrCat("what ", what_, " of the plugin ", instance_->lender->plugin(),
                            " receives does not fit into the memory of a call; make the object smaller");
}

}  // namespace capstan::loader
