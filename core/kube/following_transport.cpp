#include <capstan/core/kube/following_transport.hpp>

#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/kube/access/retirable_transport.hpp>

namespace capstan::kube {
namespace {

constexpr Duration kSettingsPeriod = std::chrono::seconds(60);
// Minimum time between reads caused by refusals.
constexpr Duration kShortestPause = std::chrono::seconds(5);

// The settings that determine the connection, without the contents of files that rotate.
ClusterAccess Settings(ClusterAccess access) {
  if (!access.ca_file.empty()) access.ca_pem.clear();
  if (!access.certificate_file.empty()) access.certificate_pem.clear();
  if (!access.key_file.empty()) access.key_pem = Secret();
  if (!access.token_file.empty()) access.token = Secret();
  return access;
}

class FollowingTransport final : public http::Transport {
 public:
  FollowingTransport(ClusterAccess first, std::unique_ptr<http::Transport> made, AccessLoader load,
                     ClusterConnector connect, Scheduler& scheduler, Log& log)
      : load_(std::move(load)),
        connect_(std::move(connect)),
        scheduler_(scheduler),
        log_(log),
        settings_(Settings(std::move(first))),
        transport_(std::make_shared<RetirableTransport>(std::move(made))),
        following_(scheduler.Spawn("kubeconfig", [this](const Context& context) { Follow(context); })) {}

  Result<http::Response> Send(const http::Request& request, const Context& context) override {
    return Ask(context, [&](RetirableTransport& transport) { return transport.Send(request, context); });
  }
  std::vector<Result<http::Response>> SendAll(std::span<const http::Request> requests,
                                              const Context& context) override {
    auto answers = Current()->SendAll(requests, context);
    for (std::size_t i = 0; i < requests.size(); ++i) {
      if (IsRefused(answers[i])) answers[i] = Send(requests[i], context);
    }
    return answers;
  }
  Result<http::StreamResponse> Open(const http::Request& request, const Context& context) override {
    return Ask(context, [&](RetirableTransport& transport) { return transport.Open(request, context); });
  }

 private:
  template <class Answer>
  static bool IsRefused(const Answer& answer) {
    return answer ? answer->status == 401 : answer.error().code == Code::kUnauthenticated;
  }
  // A refused request had no effect, so it can be repeated with new credentials.
  template <class Exchange>
  auto Ask(const Context& context, const Exchange& exchange)
      -> decltype(exchange(std::declval<RetirableTransport&>())) {
    const auto transport = Current();
    auto answer = exchange(*transport);
    if (!IsRefused(answer) || context.stopped()) return answer;
    LookSoon(context);
    const auto now = Current();
    return now == transport ? std::move(answer) : exchange(*now);
  }

  std::shared_ptr<RetirableTransport> Current() CAPSTAN_EXCLUDES(mutex_) {
    MutexLock lock(mutex_);
    return transport_;
  }

  void Follow(const Context& context) {
    while (scheduler_.Sleep(kSettingsPeriod, context) != Woke::kStopped) LookSoon(context);
  }

  // One caller reads, the others wait for it; not more often than kShortestPause.
  void LookSoon(const Context& context) CAPSTAN_EXCLUDES(mutex_) {
    {
      MutexLock lock(mutex_);
      if (looking_) {
        while (looking_ && scheduler_.Wait(looked_, lock, kForever, context) == Woke::kNotified) {
        }
        return;
      }
      if (scheduler_.Now() < not_before_) return;
      looking_ = true;
    }
    const std::string trouble = Look();
    bool news = false;
    {
      MutexLock lock(mutex_);
      looking_ = false;
      not_before_ = After(scheduler_.Now(), kShortestPause);
      news = !trouble.empty() && trouble != last_logged_;
      last_logged_ = trouble;
      scheduler_.Notify(looked_);
    }
    if (news) {
      log_.Warning("the kubeconfig changed and cannot be used: the old one stays in use",
                   {{"cluster", settings_.origin}, {"error", trouble}});
    }
  }

  // Why the current kubeconfig is not in use; "" if it is.
  std::string Look() {
    auto access = load_();
    if (!access) return access.error().message;
    ClusterAccess now = Settings(*access);
    if (now == settings_) return "";
    if (now.server != settings_.server) {
      return StrCat("it names another server, ", now.server, " instead of ", settings_.server,
                    ": start again to work on that cluster");
    }
    auto made = connect_(*access);
    if (!made) return made.error().message;
    settings_ = std::move(now);
    auto old = std::make_shared<RetirableTransport>(std::move(*made));
    {
      MutexLock lock(mutex_);
      old.swap(transport_);
    }
    old->Retire();
    log_.Info("the kubeconfig changed: using the new one", {{"cluster", settings_.origin}});
    return "";
  }

  // Constant after construction.
  const AccessLoader load_;
  const ClusterConnector connect_;
  Scheduler& scheduler_;
  Log& log_;

  ClusterAccess settings_;  // of transport_; only for the caller that reads

  // Guarded by mutex_.
  Mutex mutex_;
  Event looked_;
  bool looking_ CAPSTAN_GUARDED_BY(mutex_) = false;
  Instant not_before_ CAPSTAN_GUARDED_BY(mutex_){};
  std::string last_logged_ CAPSTAN_GUARDED_BY(mutex_);  // the problem that was logged last
  std::shared_ptr<RetirableTransport> transport_ CAPSTAN_GUARDED_BY(mutex_);

  Task following_;  // last: uses all of the above
};

}  // namespace

Result<std::unique_ptr<http::Transport>> MakeFollowingTransport(ClusterAccess first, AccessLoader load,
                                                                ClusterConnector connect,
                                                                Scheduler& scheduler, Log& log) {
  CAPSTAN_TRY(auto made, connect(first));
  return std::unique_ptr<http::Transport>(std::make_unique<FollowingTransport>(
      std::move(first), std::move(made), std::move(load), std::move(connect), scheduler, log));
}

}  // namespace capstan::kube
