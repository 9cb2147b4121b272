#include <gflags/gflags.h>

#include <iostream>

#include <capstan/apps/capstan/commands/commands.hpp>
#include <capstan/apps/capstan/console/print_error.hpp>
#include <capstan/apps/capstan/console/progress_display.hpp>
#include <capstan/apps/capstan/view/explanation.hpp>
#include <capstan/apps/capstan/view/watched_objects.hpp>
#include <capstan/apps/capstan/wiring/cluster_flags.hpp>
#include <capstan/apps/capstan/wiring/plugin_flags.hpp>
#include <capstan/apps/capstan/wiring/session.hpp>
#include <capstan/apps/capstan/wiring/view_flags.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/program/signals.hpp>

DEFINE_string(wait__for, "ready",
              "what to wait for: ready, synced (ready and matching the spec), or deleted");
DEFINE_string(wait__timeout, "30m", "give up after this, with exit status 4");

namespace capstan::app {
namespace {

constexpr int kNotInTime = 4;
constexpr auto kGoalPeriod = std::chrono::milliseconds(100);

enum class Goal { kReady, kSynced, kDeleted };

std::string Doing(const ObjectView& view) {
  std::string text = view.doing();
  if (text.empty()) text = view.phase;
  if (view.nodes)
    text += StrCat(text.empty() ? "" : ", ", view.ready_nodes.value_or(0), "/", *view.nodes, " nodes");
  if (view.synced == "False" && !view.synced_reason.empty()) text += " (" + view.synced_reason + ")";
  return text;
}

// Why the object is not there yet, and what to do, in one sentence.
std::string Why(const ObjectView& view) {
  const managed::ReasonInfo* const reason = BlockingReason(view);
  if (reason == nullptr) return "it is " + view.phase;
  const std::string& message =
      view.synced != "True" && !view.synced_message.empty() ? view.synced_message : view.ready_message;
  return StrCat(reason->name, ": ", message.empty() ? std::string(reason->meaning) : message);
}

class Waiter {
 public:
  Waiter(Session& session, const ServedKind& kind, kube::ObjectKey key, Goal goal, Duration timeout)
      : session_(session),
        kind_(kind),
        key_(std::move(key)),
        goal_(goal),
        timeout_(timeout),
        display_(session.scheduler(), StandardOutput(session.process())),
        what_(kind.info.kind + " " + key_.ToString()) {}

  int Run(const Context& context) {
    const Instant end = After(session_.scheduler().Now(), timeout_);
    WatchedObjects objects(session_, {&kind_}, key_.namespace_);
    if (auto synced = objects.WaitForSync(context.Until(end)); !synced)
      return context.stopped() ? 1 : PrintError("wait: " + synced.error().message);
    if (goal_ != Goal::kDeleted && !objects.One(kind_, key_))
      return PrintError("wait: there is no " + what_ + " in the cluster");
    if (text_) display_.Begin(StrCat(what_, ": until it is ", FLAGS_wait__for));
    std::optional<ObjectView> view;
    do {
      view = objects.One(kind_, key_);
      if (const auto ended = Ended(view)) return *ended;
      if (view && text_) display_.Update(Doing(*view), view->fraction());
    } while (session_.scheduler().Now() < end &&
             session_.scheduler().Sleep(kGoalPeriod, context) == Woke::kTime);
    if (context.stopped()) return 1;
    Failed(StrCat(what_, " is not ", FLAGS_wait__for, " after ", FormatDuration(timeout_)), view);
    return PrintError(StrCat("wait: ", what_, " is not ", FLAGS_wait__for, " after ",
                             FormatDuration(timeout_), view ? ": " + Why(*view) : std::string()),
                      kNotInTime);
  }

 private:
  std::optional<int> Ended(const std::optional<ObjectView>& view) {
    if (goal_ == Goal::kDeleted) {
      if (view) return std::nullopt;
    } else if (!view) {
      Failed(what_ + " is gone", view);
      return PrintError("wait: " + what_ + " was deleted meanwhile");
    } else if (!view->is_ready() || (goal_ == Goal::kSynced && !view->is_synced())) {
      if (view->ready_reason != "Failed") return std::nullopt;
      Failed(what_ + " failed", view);
      return PrintError(StrCat("wait: ", what_, " will not become ready by itself: ", view->ready_message));
    }
    if (text_)
      display_.Done(StrCat(what_, " is ", FLAGS_wait__for));
    else
      Print(true, view);
    return 0;
  }
  void Failed(const std::string& what, const std::optional<ObjectView>& view) {
    if (text_)
      display_.Failed(what);
    else
      Print(false, view);
  }
  // {"for", "reached", "object"}: how the wait ended, and the last state of the object if it
  // exists.
  void Print(bool reached, const std::optional<ObjectView>& view) {
    Json ended = Json::EmptyObject();
    ended.Set("for", FLAGS_wait__for).Set("reached", reached);
    if (view) ended.Set("object", ViewToJson(*view, session_.client().ServerTime()));
    std::cout << Printed(ended.ToText(), WantedFormat()) << std::flush;
  }

  Session& session_;
  const ServedKind& kind_;
  const kube::ObjectKey key_;
  const Goal goal_;
  const Duration timeout_;
  const bool text_ = WantedFormat() == OutputFormat::kText;
  ProgressDisplay display_;
  const std::string what_;
};

int RunWaitCommand(const std::vector<std::string>& operands) {
  if (operands.size() != 1) return PrintError("wait takes one KIND/NAME; see `capstan wait --help`", 2);
  if (auto understood = CheckViewFlags(); !understood)
    return PrintError("wait: " + understood.error().message, 2);
  if (FLAGS_wait__for != "ready" && FLAGS_wait__for != "synced" && FLAGS_wait__for != "deleted")
    return PrintError("wait: --for is ready, synced or deleted, not \"" + Shorten(FLAGS_wait__for, 60) + "\"",
                      2);
  const auto timeout = ParseDuration(FLAGS_wait__timeout);
  if (!timeout)
    return PrintError(
        "wait: --timeout: \"" + Shorten(FLAGS_wait__timeout, 60) + "\" is not a duration such as 30m", 2);
  const Goal goal = FLAGS_wait__for == "ready"    ? Goal::kReady
                    : FLAGS_wait__for == "synced" ? Goal::kSynced
                                                  : Goal::kDeleted;
  program::Signals signals;
  Session session;
  if (auto loaded = session.LoadKinds(); !loaded) return PrintError("wait: " + loaded.error().message);
  const auto subject = ParseSubject(operands[0], session.kinds(), session.files());
  if (!subject || subject->kind == nullptr)
    return PrintError(
        "wait: " + (subject ? "\"" + operands[0] + "\" is a file, not KIND/NAME" : subject.error().message));
  if (auto connected = session.Connect(); !connected) return PrintError("wait: " + connected.error().message);
  const kube::ObjectKey key{subject->kind->info.namespaced ? session.default_namespace() : "", subject->name};
  Waiter waiter(session, *subject->kind, key, goal, *timeout);
  return signals.RunUntilSignal(session.scheduler(),
                                [&](const Context& context) { return waiter.Run(context); });
}

}  // namespace

const CommandInfo kWaitCommand = {
    "wait",
    "Wait until an object is ready, synced or deleted, and show how far it is.",
    "wait KIND/NAME [-n NAMESPACE] [--for=ready|synced|deleted] [--timeout=30m] [-o text|json|yaml]",
    {__FILE__, kOutputFlag, kViewFlags, kClusterFlags, kPluginFlags},
    RunWaitCommand};

}  // namespace capstan::app
