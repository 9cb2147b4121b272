#include <capstan/core/runtime/watch/watcher.hpp>

#include <capstan/core/base/text.hpp>
#include <capstan/core/json/scan.hpp>
#include <capstan/core/runtime/queue/workqueue_core.hpp>

namespace capstan::runtime {
namespace {

// Bounds a list that never ends. Its head, and each silence within it, are bounded by the client's
// request_timeout: a large list over a slow link may take long, as long as data arrives.
constexpr auto kListTimeout = std::chrono::minutes(30);
// Annotation of the bookmark that ends a streaming list.
constexpr std::string_view kInitialEventsEnd = "k8s.io/initial-events-end";

// What the user can do about it.
std::string_view WatchAdvice(Code code) {
  switch (code) {
    case Code::kNotFound:
      return "the server does not know this kind: install its CustomResourceDefinition";
    case Code::kUnauthenticated:
      return "the server refuses the credentials: renew them";
    case Code::kPermissionDenied:
      return "grant list and watch on this kind to this identity";
    case Code::kGone:
      return "relisting everything";
    default:
      return "it is tried again";
  }
}

}  // namespace

std::string WatchTarget::ToString() const {
  std::string text = kind.resource();
  if (!namespace_.empty()) text += StrCat(" in ", namespace_);
  if (!label_selector.empty()) text += StrCat(" (", label_selector, ")");
  if (!field_selector.empty()) text += StrCat(" (", field_selector, ")");
  return text;
}

Watcher::Watcher(kube::Client& client, Scheduler& scheduler, Random& random, Log& log, WatchTarget target,
                 WatcherOptions options, WatchSink& sink)
    : client_(client),
      scheduler_(scheduler),
      log_(log),
      target_(std::move(target)),
      sink_(sink),
      machine_(options, random) {}

WatcherStatus Watcher::status() const {
  MutexLock lock(mutex_);
  return status_;
}

void Watcher::Publish() {
  MutexLock lock(mutex_);
  status_ = {machine_.state(),   machine_.synced(), machine_.position(), machine_.last_sign_of_life(),
             machine_.trouble(), machine_.lists()};
}

void Watcher::Run(const Context& context) {
  WatcherCommand command = machine_.Start(scheduler_.Now());
  while (!context.stopped()) {
    if (command.close_watch) watch_.reset();
    if (command.begin_replace) sink_.BeginReplace(command.begin_replace->compare_bytes);
    if (command.end_replace) sink_.EndReplace(*command.end_replace);
    if (!command.notice.empty()) {
      log_.Warning("relisted everything",
                   {{"target", target_.ToString()}, {"server", client_.server()}, {"why", command.notice}});
    }
    if (command.report && machine_.trouble()) Report(*machine_.trouble());
    if (reported_ && !machine_.trouble()) {
      reported_ = false;
      log_.Info("watching again", {{"target", target_.ToString()}});
    }
    Publish();
    auto next = Step(command, context);
    if (!next) break;
    command = std::move(*next);
  }
  watch_.reset();
}

void Watcher::Report(const Error& error) {
  reported_ = true;
  log_.Warning("cannot watch", {{"target", target_.ToString()},
                                {"server", client_.server()},
                                {"code", CodeName(error.code)},
                                {"error", error.message},
                                {"advice", WatchAdvice(error.code)}});
}

std::optional<WatcherCommand> Watcher::Step(const WatcherCommand& command, const Context& context) {
  auto next = std::visit([&](const auto& action) { return Do(action, context); }, command.action);
  if (next) return std::move(*next);
  if (next.error().code == Code::kCancelled) return std::nullopt;
  return machine_.OnFailed(next.error(), scheduler_.Now());
}

Result<WatcherCommand> Watcher::Do(const WatcherAction::Wait& wait, const Context& context) {
  const Duration rest = wait.until - scheduler_.Now();
  if (rest > Duration::zero() && scheduler_.Sleep(rest, context) == Woke::kStopped)
    return Fail(Code::kCancelled, "stopped while waiting");
  return machine_.OnWaited(scheduler_.Now());
}

Result<kube::ListHead> Watcher::List(const kube::ListOptions& options,
                                     const std::function<Status(std::string_view)>& item,
                                     const Context& context) {
  const Context limited = context.Within(scheduler_, kListTimeout);
  return target_.metadata_only
             ? client_.ListMetadata(target_.kind, target_.namespace_, options, item, limited)
             : client_.List(target_.kind, target_.namespace_, options, item, limited);
}

Result<WatcherCommand> Watcher::Do(const WatcherAction::ListPage& page, const Context& context) {
  kube::ListOptions options;
  options.label_selector = target_.label_selector;
  options.field_selector = target_.field_selector;
  options.limit = page.limit;
  options.continue_token = page.continue_token;
  CAPSTAN_TRY(const kube::ListHead head,
              List(
                  options, [this](std::string_view item) { return sink_.Stage(item); }, context));
  return machine_.OnListed(head, scheduler_.Now());
}

Result<WatcherCommand> Watcher::Do(const WatcherAction::ListOne&, const Context& context) {
  kube::ListOptions options;
  options.label_selector = target_.label_selector;
  options.field_selector = target_.field_selector;
  options.limit = 1;
  CAPSTAN_TRY(const kube::ListHead head, List(
                                             options, [](std::string_view) { return Status(); }, context));
  return machine_.OnListedOne(head, scheduler_.Now());
}

Result<WatcherCommand> Watcher::Do(const WatcherAction::OpenWatch& watch, const Context& context) {
  kube::WatchOptions options;
  options.label_selector = target_.label_selector;
  options.field_selector = target_.field_selector;
  options.resource_version = watch.resource_version;
  options.timeout = watch.timeout;
  options.send_initial_events = watch.streaming;
  options.metadata_only = target_.metadata_only;
  CAPSTAN_TRY(watch_, client_.OpenWatch(target_.kind, target_.namespace_, options,
                                        context.Within(scheduler_, kListTimeout)));
  return machine_.OnWatchOpened(scheduler_.Now());
}

Result<WatcherCommand> Watcher::Do(const WatcherAction::NextEvent& next, const Context& context) {
  CAPSTAN_TRY(const std::optional<kube::WatchEvent> event, watch_->Next(context.Until(next.until)));
  if (!event) {
    watch_.reset();
    return machine_.OnWatchEnded(scheduler_.Now());
  }
  CAPSTAN_TRY(const Delivered delivered, Deliver(*event));
  return machine_.OnEvent(delivered.resource_version, delivered.end_of_initial, scheduler_.Now());
}

Result<Watcher::Delivered> Watcher::Deliver(const kube::WatchEvent& event) {
  const bool streaming = machine_.state() == WatcherState::kStreaming;
  if (event.type == kube::WatchEventType::kBookmark) return DeliverBookmark(event, streaming);
  if (streaming && event.type != kube::WatchEventType::kDeleted) {
    CAPSTAN_RETURN_IF_ERROR(sink_.Stage(event.object));
    return Delivered();  // only the closing bookmark's version counts
  }
  const bool deleted = event.type == kube::WatchEventType::kDeleted;
  CAPSTAN_TRY(const std::uint64_t version, deleted ? sink_.Remove(event.object) : sink_.Put(event.object));
  if (version != 0) return Delivered{std::to_string(version), false};
  CAPSTAN_TRY(const json::Metadata metadata, json::ScanMetadata(event.object));
  return Delivered{metadata.resource_version, false};
}

Result<Watcher::Delivered> Watcher::DeliverBookmark(const kube::WatchEvent& event, bool streaming) {
  CAPSTAN_TRY(const json::Metadata metadata, json::ScanMetadata(event.object));
  Delivered delivered{metadata.resource_version, false};
  for (const auto& [key, value] : metadata.annotations) {
    if (key == kInitialEventsEnd && value == "true") delivered.end_of_initial = true;
  }
  if (!streaming) sink_.Bookmark(ParseResourceVersion(metadata.resource_version));
  return delivered;
}

}  // namespace capstan::runtime
