#include <capstan/core/assembly/presence.hpp>

#include <algorithm>

#include <capstan/core/base/backoff.hpp>
#include <capstan/core/base/text.hpp>
#include <capstan/core/base/trouble_reports.hpp>
#include <capstan/core/external/short_digest.hpp>

namespace capstan::assembly {
namespace {

// Holders renew every 2 s; this is a little more than twice that, so that one late renewal is
// tolerated.
constexpr int kLooks = 6;
constexpr Duration kBetween = std::chrono::seconds(1);
constexpr char kTwoOperatorsEvent[] = "TwoOperators";

std::string HowToRunTwo(const std::string& holder, const kube::ObjectKey& lease) {
  const std::string what = StrCat("another operator works on this cluster: ", holder, " holds Lease ", lease);
  if (holder.starts_with("shards-"))  // core/shards/lease_names.hpp: held by all members together
    return StrCat(what, ". Start this one with the --shards of those that hold it, or stop them");
  return StrCat(what,
                ". Stop that one, or start all of them with --leader-elect, so that one works and the others "
                "wait");
}

}  // namespace

std::string PresenceLeaseName(const std::string& name, std::vector<std::string> namespaces) {
  if (namespaces.empty()) return name;
  std::sort(namespaces.begin(), namespaces.end());
  return StrCat(name, "-", external::ShortDigest(Join(namespaces, ",")));
}

Presence::Presence(kube::Client& client, Scheduler& scheduler, Random& random, Log& log,
                   runtime::EventRecorder& events, kube::ObjectKey lease, std::string holder)
    : client_(client),
      scheduler_(scheduler),
      random_(random),
      log_(log),
      events_(events),
      lease_(std::move(lease)),
      holder_(std::move(holder)) {}

Result<kube::Object> Presence::Read(const Context& context) {
  Backoff backoff({std::chrono::seconds(1), std::chrono::seconds(15)}, random_);
  TroubleReports reports(std::chrono::minutes(1));
  for (;;) {
    auto lease = client_.Get(kube::LeaseKind(), lease_, context);
    if (lease || (lease.error().code != Code::kUnavailable && lease.error().code != Code::kDeadlineExceeded))
      return lease;
    if (reports.IsNews(lease.error(), scheduler_.Now())) {
      log_.Warning("waiting for the Kubernetes API",
                   {{"server", client_.server()}, {"error", lease.error().message}});
    }
    if (scheduler_.Sleep(backoff.Next(), context) == Woke::kStopped) return Fail(Code::kCancelled, "stopped");
  }
}

Status Presence::CheckAlone(const Context& context) {
  std::string first;
  for (int look = 0; look < kLooks; ++look) {
    const auto lease = Read(context);
    if (!lease) {
      if (lease.error().code == Code::kCancelled) return Fail(lease.error());
      if (lease.error().code != Code::kNotFound) {
        log_.Warning(
            "cannot tell whether another operator works on this cluster: let this one read and write "
            "Leases in its namespace",
            {{"lease", lease_}, {"error", lease.error().message}});
        unknown_ = true;
      }
      return {};
    }
    const std::string holder = lease->StringAt("/spec/holderIdentity").value_or("");
    if (holder.empty() || holder == holder_) return {};
    const auto renewed = ParseRfc3339(lease->StringAt("/spec/renewTime").value_or(""));
    const auto lasts = std::chrono::seconds(lease->IntegerAt("/spec/leaseDurationSeconds").value_or(15));
    if (!renewed || client_.ServerTime() - *renewed > lasts) return {};  // not renewed for long
    if (first.empty()) first = lease->resource_version();
    if (lease->resource_version() != first) {
      const std::string what = HowToRunTwo(holder, lease_);
      Report(*lease, StrCat(holder_, " does not start: ", what), context);
      return Fail(Code::kFailedPrecondition, what);
    }
    if (scheduler_.Sleep(kBetween, context) == Woke::kStopped) return Fail(Code::kCancelled, "stopped");
  }
  return {};
}

void Presence::Start(runtime::Metrics& metrics) {
  if (unknown_) return;
  runtime::LeaseElectorOptions options;
  options.lease = lease_;
  options.identity = holder_;
  options.elects = false;
  elector_ = std::make_unique<runtime::LeaseElector>(client_, scheduler_, random_, log_, metrics,
                                                     std::move(options));
  elector_->Start();
  watching_ = scheduler_.Spawn("presence", [this](const Context& context) { Watch(context); });
}

void Presence::Watch(const Context& context) {
  while (scheduler_.Sleep(std::chrono::minutes(1), context) != Woke::kStopped) {
    const std::string other = elector_->leader();
    if (elector_->leading() || other.empty() || other == holder_) continue;
    const std::string what = HowToRunTwo(other, lease_);
    log_.Error("two operators work on this cluster, and undo each other's work",
               {{"other", other}, {"lease", lease_}, {"do", what}});
    const auto lease = client_.Get(kube::LeaseKind(), lease_, context);
    if (lease) Report(*lease, StrCat(holder_, " runs too: ", what), context);
  }
}

void Presence::Report(const kube::Object& lease, const std::string& what, const Context& context) {
  events_.Record(kube::LeaseKind(), lease, runtime::EventType::kWarning, kTwoOperatorsEvent, what, context);
}

void Presence::Stop() {
  watching_ = Task();
  if (elector_) elector_->Stop();
}

}  // namespace capstan::assembly
