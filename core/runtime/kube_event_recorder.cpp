#include <capstan/core/runtime/kube_event_recorder.hpp>

#include <charconv>

#include <capstan/core/base/secret.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/json/patch.hpp>

namespace capstan::runtime {
namespace {

constexpr auto kWriteTimeout = std::chrono::seconds(10);
// Limits that the server enforces for these fields.
constexpr std::size_t kReasonLimit = 128;
constexpr std::size_t kMessageLimit = 1024;
constexpr std::size_t kNameLimit = 230;
// Reason of the refusal for a namespace that is being deleted.
constexpr std::string_view kNamespaceEnds = "NamespaceTerminating";

std::string Hex(std::uint64_t number) {
  static const char kDigits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(number >> shift) & 15];
  return text;
}

std::string_view TypeName(EventType type) { return type == EventType::kWarning ? "Warning" : "Normal"; }

}  // namespace

KubeEventRecorder::KubeEventRecorder(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
                                     EventRecorderOptions options)
    : client_(client), scheduler_(scheduler), random_(random), log_(log), options_(std::move(options)) {}

KubeEventRecorder::Id KubeEventRecorder::IdOf(const kube::Object& about, EventType type,
                                              const std::string& reason, const std::string& message) {
  // The lengths separate the texts.
  const std::string digest = Secret(StrCat(about.uid(), "/", about.key(), "/", TypeName(type), "/",
                                           reason.size(), "/", reason, message))
                                 .Digest();
  Id id{};
  for (std::size_t i = 0; i < id.size(); ++i)
    (void)std::from_chars(digest.data() + 16 * i, digest.data() + 16 * (i + 1), id[i], 16);
  return id;
}

void KubeEventRecorder::ForgetLast() {
  known_.erase(known_.find(*order_.back()));
  order_.pop_back();
}

void KubeEventRecorder::ForgetOld(Instant now) {
  if (known_.size() < options_.remember_at_most) return;
  while (!order_.empty() && now - known_.at(*order_.back()).last > options_.remember) ForgetLast();
  while (!order_.empty() && known_.size() >= options_.remember_at_most) ForgetLast();
}

std::optional<KubeEventRecorder::Plan> KubeEventRecorder::PlanWrite(const Id& id, const kube::Object& about) {
  const Instant now = scheduler_.Now();
  const WallTime wall = client_.ServerTime();
  MutexLock lock(mutex_);
  auto found = known_.find(id);
  if (found != known_.end() && now - found->second.last > options_.remember) {
    order_.erase(found->second.place);
    known_.erase(found);
    found = known_.end();
  }
  const bool fresh = found == known_.end();
  if (fresh) {
    ForgetOld(now);
    Known known;
    const std::string& namespace_ = about.metadata().namespace_;
    std::string name = about.metadata().name.substr(0, kNameLimit);
    while (!name.empty() && (name.back() == '.' || name.back() == '-')) name.pop_back();
    known.event = {namespace_.empty() ? "default" : namespace_, StrCat(name, ".", Hex(random_.Next()))};
    known.first = wall;
    found = known_.emplace(id, std::move(known)).first;
    order_.push_front(&found->first);
    found->second.place = order_.begin();
  }
  Known& known = found->second;
  order_.splice(order_.begin(), order_, known.place);
  ++known.count;
  known.last = now;
  if (!fresh && now - known.written < options_.write_interval) return std::nullopt;
  // Recorded before the request, so that a second thread with the same event does not write it too.
  known.written = now;
  return Plan{!known.created, known};
}

void KubeEventRecorder::NoteCreated(const Id& id, const kube::ObjectKey& event) {
  MutexLock lock(mutex_);
  const auto found = known_.find(id);
  if (found == known_.end()) return;
  found->second.created = true;
  found->second.event = event;
}

std::string KubeEventRecorder::NewEvent(const kube::Kind& kind, const json::Metadata& metadata,
                                        const Content& content, const Known& known) const {
  const std::string last = FormatRfc3339(client_.ServerTime());
  std::string text =
      StrCat(R"({"apiVersion":"v1","kind":"Event","metadata":{"name":)", json::Quote(known.event.name),
             R"(,"namespace":)", json::Quote(known.event.namespace_), R"(},"involvedObject":{"apiVersion":)",
             json::Quote(kind.api_version()), R"(,"kind":)", json::Quote(kind.kind), R"(,"name":)",
             json::Quote(metadata.name));
  if (!metadata.namespace_.empty()) text += StrCat(R"(,"namespace":)", json::Quote(metadata.namespace_));
  text += StrCat(R"(,"uid":)", json::Quote(metadata.uid), R"(,"resourceVersion":)",
                 json::Quote(metadata.resource_version), R"(},"reason":)", json::Quote(content.reason),
                 R"(,"message":)", json::Quote(content.message), R"(,"type":")", TypeName(content.type),
                 R"(","source":{"component":)", json::Quote(options_.component), R"(},"reportingComponent":)",
                 json::Quote(options_.component));
  if (!options_.instance.empty()) text += StrCat(R"(,"reportingInstance":)", json::Quote(options_.instance));
  text += StrCat(R"(,"firstTimestamp":")", FormatRfc3339(known.first), R"(","lastTimestamp":")", last,
                 R"(","count":)", known.count, "}");
  return text;
}

Status KubeEventRecorder::Create(const Id& id, const kube::Kind& kind, const kube::Object& about,
                                 const Content& content, Known known, const Context& context) {
  const kube::ObjectKey there = known.event;
  auto created = client_.Create(kube::EventKind(), there.namespace_,
                                NewEvent(kind, about.metadata(), content, known), context);
  const bool ending = !created && created.error().reason == kNamespaceEnds;
  if (ending && content.type == EventType::kWarning) {
    // A user who wonders why the namespace is not deleted finds the reason there.
    json::Metadata space;
    space.name = there.namespace_;
    known.event.namespace_ = "default";
    const Content more{content.type, content.reason,
                       Shorten(StrCat(kind.kind, " ", about.key(), ": ", content.message), kMessageLimit)};
    if (client_.Create(kube::EventKind(), "default", NewEvent(kube::NamespaceKind(), space, more, known),
                       context)) {
      NoteCreated(id, known.event);
      return {};
    }
  }
  if (!created) return Fail(created.error());
  NoteCreated(id, there);
  return {};
}

void KubeEventRecorder::Record(const kube::Kind& kind, const kube::Object& about, EventType type,
                               const std::string& full_reason, const std::string& full_message,
                               const Context& context) {
  const std::string reason = full_reason.substr(0, kReasonLimit);
  const std::string message = Shorten(full_message, kMessageLimit);
  const Id id = IdOf(about, type, reason, message);
  auto plan = PlanWrite(id, about);
  if (!plan) return;
  const Context limited = context.Within(scheduler_, kWriteTimeout);
  Status written;
  if (!plan->create) {
    const std::string patch = StrCat(R"({"count":)", plan->known.count, R"(,"lastTimestamp":")",
                                     FormatRfc3339(client_.ServerTime()), "\"}");
    const auto patched =
        client_.Patch(kube::EventKind(), plan->known.event, kube::PatchType::kMerge, patch, {}, limited);
    if (!patched) written = Fail(patched.error());
    // The server dropped it, as it does after an hour.
    if (!patched && patched.error().code == Code::kNotFound) {
      plan->create = true;
      plan->known.event.name += StrCat("-", random_.Suffix(4));
    }
  }
  if (plan->create) {
    written = Create(id, kind, about, {type, reason, message}, plan->known, limited);
  }
  if (written) return;
  log_.Warning("event not written", {{"object", StrCat(kind.kind, "/", about.key())},
                                     {"type", TypeName(type)},
                                     {"reason", reason},
                                     {"message", message},
                                     {"error", written.error().message}});
}

}  // namespace capstan::runtime
