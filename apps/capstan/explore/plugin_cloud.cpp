#include <capstan/apps/capstan/explore/plugin_cloud.hpp>

#include <algorithm>
#include <map>
#include <utility>

#include <capstan/core/base/text.hpp>
#include <capstan/core/external/tags.hpp>

namespace capstan::app {
namespace {

using simulation::CloudChange;
using simulation::CloudObject;
using simulation::CloudSetting;
using simulation::CloudUnderTest;

// The plugin, and the user's specs of its kind.
class PluginCloud : public CloudUnderTest {
 public:
  explicit PluginCloud(const ExploredPlugin& explored) : explored_(explored) {}
  std::unique_ptr<external::Provider> MakeProvider(http::Transport& transport,
                                                   Scheduler& scheduler) const override {
    auto provider = loader::MakeProvider(explored_.plugin, explored_.config,
                                         loader::Seams{scheduler, transport, *random_, log_});
    return provider ? std::move(*provider) : nullptr;
  }
  std::string crd() const override { return explored_.crd; }
  std::string spec() const override { return explored_.spec; }

 protected:
  const ExploredPlugin& explored_;
  const std::unique_ptr<Random> random_ = MakeSeededRandom(5);
  mutable SilentLog log_;
};

class OnSimulatedDigitalOcean final : public PluginCloud {
 public:
  OnSimulatedDigitalOcean(const ExploredPlugin& explored, const CloudSetting& setting, const Clock& clock)
      : PluginCloud(explored), cloud_(setting, clock) {}
  http::Handler& handler() override { return cloud_.handler(); }
  std::string authority() const override { return cloud_.authority(); }
  std::vector<CloudObject> Objects() const override { return cloud_.Objects(); }
  std::vector<CloudChange> Changes() const override { return cloud_.Changes(); }
  std::string token(int account) const override { return cloud_.token(account); }

 private:
  simulation::SimulatedDoks cloud_;
};

// Forwards requests to a simulator in another process. Simulated time stands still until it
// answers, and runs at most sixty times as fast as its time: otherwise it would be polled a hundred
// times before it had done anything.
constexpr int kAhead = 60;
constexpr auto kLongestPause = std::chrono::seconds(1);

class OnLoopback final : public PluginCloud, public http::Handler {
 public:
  OnLoopback(const ExploredPlugin& explored, const std::string& name, const Clock& simulated,
             Scheduler& real_time)
      : PluginCloud(explored),
        simulated_(simulated),
        real_time_(real_time),
        desired_(StrCat(R"({"name":")", name, R"(","spec":{)", explored.spec, "}}")) {
    provider_ = MakeProvider(*explored.network, real_time);
    if (!provider_) return;
    auto connected = provider_->Connect(explored.kind.kind, explored.credentials, Soon());
    if (connected) cloud_ = std::move(*connected);
  }
  http::Handler& handler() override { return *this; }
  std::string authority() const override { return explored_.authority; }
  std::string token(int) const override {
    const auto& data = explored_.credentials.data;
    return data.empty() ? "none" : std::string(data.begin()->second.Reveal());
  }

  void Handle(const http::Request& request, http::ResponseWriter& writer, const Context&) override {
    const Instant now = simulated_.Now();
    if (asked_ != Instant{})
      (void)real_time_.Sleep(std::min<Duration>((now - asked_) / kAhead, kLongestPause), Context{});
    asked_ = now;
    auto answer = explored_.network->Send(request, Soon());
    if (!answer) return writer.Abort();
    // The reset of its rate limit is in real time, which simulated time does not know.
    for (const char* header : {"ratelimit-limit", "ratelimit-remaining", "ratelimit-reset"})
      answer->headers.Remove(header);
    for (const external::Quota& quota : explored_.plugin->manifest().quotas) {
      for (const std::string& header : {quota.limit_header, quota.remaining_header, quota.reset_header}) {
        if (!header.empty()) answer->headers.Remove(header);
      }
    }
    (void)writer.Respond(*answer);
  }

  // For every identity that was ever expected: what the plugin itself finds.
  void Expect(const std::string& identity) override { identities_.insert(identity); }
  std::vector<CloudObject> Objects() const override {
    std::vector<CloudObject> all;
    for (const std::string& identity : identities_) {
      const external::Identity whose{identity, "", "", ""};
      auto found = cloud_ ? cloud_->Find(whose, desired_, Soon())
                          : Result<std::vector<external::Observed>>(std::vector<external::Observed>());
      for (const external::Observed& one : found ? *found : std::vector<external::Observed>()) {
        if (one.identity != identity) continue;
        const bool goes = one.phase == external::Phase::kDeleting;
        all.push_back({one.id, one.name, {one.identity, one.owner}, !goes, true});
        made_.try_emplace(one.id, std::vector<std::string>{one.identity, one.owner});
      }
    }
    return all;
  }
  std::vector<CloudChange> Changes() const override {
    std::vector<CloudChange> all;
    for (const auto& [id, tags] : made_) all.push_back({"made", id, true, false, tags});
    return all;
  }

 private:
  Context Soon() const {
    return Context{std::stop_token(), After(real_time_.Now(), std::chrono::seconds(20))};
  }

  const Clock& simulated_;
  Scheduler& real_time_;
  const std::string desired_;
  Instant asked_{};
  std::unique_ptr<external::Provider> provider_;
  std::unique_ptr<external::External> cloud_;
  std::set<std::string> identities_;
  mutable std::map<std::string, std::vector<std::string>> made_;
};

}  // namespace

std::unique_ptr<CloudUnderTest> MakePluginCloud(const ExploredPlugin& explored, const std::string& name,
                                                const CloudSetting& setting, const Clock& simulated_clock,
                                                Scheduler& real_time) {
  if (explored.network != nullptr)
    return std::make_unique<OnLoopback>(explored, name, simulated_clock, real_time);
  return std::make_unique<OnSimulatedDigitalOcean>(explored, setting, simulated_clock);
}

}  // namespace capstan::app
